import { createSocket } from 'node:dgram';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply, environment, kubectl, tryKubectl } from './environment.ts';
import { installContract } from './platform.ts';
import { execIn, restrictedNamespace, startPod } from './pods.ts';

/** What all other tests here rest upon: the cluster is a real one, and takes our contract. */

const NAMESPACE = `smoke-${process.pid}`;
const crds = join(import.meta.dirname, '../../crds');

beforeAll(() => restrictedNamespace(NAMESPACE));

afterAll(() => kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']));

it('has a ready node', async () => {
  const nodes = await kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=10s']);

  expect(nodes).toContain('condition met');
});

describe('a pod of the pbx image in a restricted namespace', () => {
  const pod = { namespace: NAMESPACE, name: 'echo' };
  const server = `const socket = require('dgram').createSocket('udp4');
    socket.on('message', (text, from) => socket.send(from.address, from.port, from.address));
    socket.bind(5060);`;
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: NAMESPACE, name: 'echo' },
    spec: {
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      selector: { app: 'echo' },
      ports: [{ port: 5060, protocol: 'UDP' }],
    },
  };

  beforeAll(async () => {
    await apply(service);
    await startPod({ ...pod, command: ['tini', '--', 'node', '-e', server], labels: { app: 'echo' } });
  });

  it('has Asterisk 22 and Node 24', async () => {
    expect(await execIn(pod, ['asterisk', '-V'])).toMatch(/^Asterisk 22\./);
    expect(await execIn(pod, ['node', '--version'])).toMatch(/^v24\./);
  });

  it('is no other user than 65532 and may write nowhere', async () => {
    expect((await execIn(pod, ['id', '-u'])).trim()).toBe('65532');
    await expect(execIn(pod, ['touch', '/tmp/file'])).rejects.toThrow('Read-only file system');
  });

  it('is reached through a Service, and through a node port sees who asks', async () => {
    const { spec } = JSON.parse(await kubectl(['get', 'service', 'echo', `-n=${NAMESPACE}`, '-o=json'])) as {
      spec: { clusterIP: string; ports: { nodePort: number }[] };
    };
    const node = await kubectl(['get', 'nodes', '-o=jsonpath={.items[0].status.addresses[0].address}']);
    const phone = environment().addresses[1]!;

    await expect.poll(() => ask(phone, spec.clusterIP, 5060), { timeout: 20_000 }).toMatch(/^10\./);
    await expect.poll(() => ask(phone, node, spec.ports[0]!.nodePort), { timeout: 20_000 }).toBe(phone);
  });
});

describe('the custom resources', () => {
  beforeAll(installContract);

  it('are all listed by their category', async () => {
    const names = await kubectl(['api-resources', '--categories=pbx', '-o=name']);

    const files = await readdir(crds);
    const expected = files.map(file => file.replace(/^(.*)_(.*)\.yaml$/, '$2.$1'));
    expect(names.trim().split('\n')).toEqual(expect.arrayContaining(expected));
    expect(await tryKubectl(['get', 'pbx', '--all-namespaces'])).toMatchObject({ code: 0 });
  });

  it('refuse a wrong spec and name the field', async () => {
    const { code, stderr } = await tryKubectl(
      ['create', '--validate=false', '--filename=-'],
      sipUser('anna', { extension: 'x' }),
    );

    expect(code).not.toBe(0);
    expect(stderr).toContain('spec.extension');
  });

  it('give a new object the generation -1 as the one that was looked at', async () => {
    await kubectl(
      ['apply', '--server-side', '--filename=-'],
      sipUser('berta', { extension: '101', fullName: 'Berta Example' }),
    );

    const generation = await kubectl([
      'get',
      'sipuser',
      'berta',
      `-n=${NAMESPACE}`,
      '-o=jsonpath={.status.observedGeneration}',
    ]);

    expect(generation).toBe('-1');
  });
});

function sipUser(name: string, spec: Record<string, unknown>): string {
  return JSON.stringify({
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'SipUser',
    metadata: { namespace: NAMESPACE, name },
    spec,
  });
}

/** Sends one datagram from the address and returns the answer, or nothing when none comes. */
function ask(from: string, host: string, port: number): Promise<string | undefined> {
  const socket = createSocket('udp4');
  return new Promise<string | undefined>(resolve => {
    socket.once('message', text => resolve(text.toString()));
    socket.once('error', () => resolve(undefined));
    socket.bind(0, from, () => socket.send('?', port, host));
    setTimeout(() => resolve(undefined), 1000);
  }).finally(() => socket.close());
}
