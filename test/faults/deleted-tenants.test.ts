import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Operator } from '../../src/operator/operator.ts';
import { Rig } from './operator-rig.ts';

/** A namespace is deleted: the operator keeps nothing of its tenant, and one of the same name that comes later is new. */
let rig: Rig;
let operator: Operator;

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('acme');
  rig.tenant('beta');
  operator = rig.start().operator;
});
afterEach(() => rig.end());

it('remembers a tenant until its namespace is gone', async () => {
  await rig.settle();
  expect(operator.tenants.namespaces).toEqual(expect.arrayContaining(['acme', 'beta']));
  rig.server.delete('Namespace', '', 'acme');
  await rig.rest();

  expect(operator.tenants.namespaces).not.toContain('acme');
  expect(operator.tenants.namespaces).toContain('beta');
});

it('hangs up on the agent of a pod that is still there while its namespace goes', async () => {
  await rig.settle();
  const agent = rig.agents.of('acme');
  expect(agent.readers).toBe(1);
  rig.server.patch('Namespace', { name: 'acme' }, { metadata: { finalizers: ['test/content'] } });
  rig.server.delete('Namespace', '', 'acme');
  await rig.clock.until('the end of its stream', () => agent.readers === 0);
  await rig.clock.advance(10_000);

  expect(rig.server.get('Pod', 'acme', 'acme-pbx-0')).toBeDefined();
  expect(agent.readers).toBe(0);
});

it('begins anew with a tenant that has the name of one that is gone', async () => {
  await rig.settle();
  const old = operator.tenants.of('acme');
  rig.server.delete('Namespace', '', 'acme');
  await rig.rest();
  rig.tenant('acme');
  await rig.settle();

  expect(operator.tenants.of('acme')).not.toBe(old);
  expect(rig.condition('SipUser', 'acme', 'jane')).toMatchObject({ status: 'True' });
});

it('has no password of a Secret in memory that nothing refers to any more', { timeout: 240_000 }, async () => {
  const passwords = (): string[] => ['beta one', 'acme two', 'acme three', 'acme four'].map(passwordOf);
  trunk('beta', 'one');
  trunk('acme', 'two');
  trunk('acme', 'three');
  trunk('acme', 'four');
  await rig.settle();
  expect(await inMemory(passwords)).toEqual(passwords());

  rig.server.delete('Namespace', '', 'beta');
  rig.server.delete('Trunk', 'acme', 'two');
  secret('acme', 'another');
  trunk('acme', 'three', 'another');
  await rig.rest();
  expect(await inMemory(passwords)).toEqual([passwordOf('acme four')]);
});

function secret(namespace: string, name: string): void {
  const data = { username: btoa(name), password: btoa(passwordOf(`${namespace} ${name}`)) };
  rig.server.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data });
}

function trunk(namespace: string, name: string, reference = name): void {
  if (reference === name) secret(namespace, name);
  rig.put('Trunk', namespace, name, {
    servers: [{ name: 'one', host: '192.0.2.1', port: 5060 }],
    credentialsSecretRef: { name: reference },
    register: { enabled: true },
  });
}

/** Made when it is asked for: one that is kept would be found in memory. */
function passwordOf(what: string): string {
  return [what, rig.agents.port, 'password'].join('-');
}

/** Which of these texts are in the memory of this process, after all garbage was thrown away. */
async function inMemory(texts: () => readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfleet-heap-'));
  try {
    const file = writeHeapSnapshot(join(folder, 'all.heapsnapshot'));
    const wanted = texts();
    const found = new Set<string>();
    let before = '';
    for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      const window = before + chunk;
      for (const text of wanted) if (window.includes(text)) found.add(text);
      before = window.slice(-100);
    }
    return wanted.filter(text => found.has(text));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
