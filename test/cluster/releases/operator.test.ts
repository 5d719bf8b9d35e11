import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { kubectl, tryKubectl } from '../environment.ts';
import { HELMS } from '../helm.ts';
import { leader, OPERATOR_NAMESPACE, operatorPods } from '../platform.ts';
import { bothHear, type Conversation, Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';
import { chartCopy, manifests, newest, release, remove, rollback, tryRelease, uninstall, virgin } from './release.ts';

/**
 * The life of the operator's chart, in order: installed into a cluster that never had it, upgraded, broken, set back,
 * uninstalled, installed again. One call is up all the time, on a PBX that nothing of it touches.
 */
let phones: Telephones;
let tenant: Tenant;
let call: Conversation;
let pbx: string | undefined;
let began: string;
let extension = 1100;

beforeAll(async () => {
  await virgin();
  phones = await Telephones.start();
});

afterAll(async () => {
  await phones?.stop();
  await tenant?.drop();
  await kubectl(['wait', '--for=delete', 'namespace/release', '--timeout=90s']).catch(() => '');
  await remove();
});

/** The same Asterisk as at first, and those who speak hear each other. */
async function unharmed(): Promise<void> {
  await bothHear(call);
  expect(await tenant.podUid()).toBe(pbx);
  expect(await tenant.asteriskStartedAt()).toBe(began);
}

/** Somebody leads who may do what is to be done: a new user becomes Ready. */
async function works(one: Tenant = tenant): Promise<void> {
  const name = `user-${extension}`;
  await one.put('SipUser', name, { extension: String(extension++) });
  await one.becomes('sipuser', name, 'Ready', { status: 'True' }, 90_000);
}

async function live(kind: string, name: string): Promise<Record<string, never> & { spec: Record<string, never> }> {
  return JSON.parse(await kubectl(['-n', OPERATOR_NAMESPACE, 'get', kind, name, '-o', 'json']));
}

const operator = (): Promise<string> =>
  kubectl(['-n', OPERATOR_NAMESPACE, 'get', 'deployment', 'ringfleet-operator', '-o', 'jsonpath={.spec.template}']);

const ofAll = async (kind: string): Promise<string[]> =>
  (await kubectl(['get', kind, '-o', 'name'])).split('\n').filter(name => name.includes('ringfleet'));

describe('installed into a cluster that never had it', () => {
  it('has its kinds and classes, and says what comes next', async () => {
    const words = await release();

    expect(words).toContain('is installed as ringfleet-operator in the namespace ringfleet-system');
    expect(await ofAll('crd')).toHaveLength(6);
    const classes = (await kubectl(['get', 'organizationclasses', '-o', 'jsonpath={.items[*].metadata.name}'])).split(
      ' ',
    );
    expect(classes.sort()).toEqual(['general', 'hospital', 'hotel']);
    expect(await operatorPods()).toHaveLength(2);
    // what brought the classes went, with its rights
    expect(await kubectl(['-n', OPERATOR_NAMESPACE, 'get', 'jobs', '-o', 'name'])).toBe('');
    expect(await ofAll('clusterrolebinding')).not.toContainEqual(expect.stringContaining('classes'));
  });

  it.each(HELMS)('has manifests by Helm %s that the API server takes', async major => {
    const text = await manifests({ networkPolicy: { restrictEgress: true } }, major);
    const apply = ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', '-'];

    expect(await kubectl(apply, text)).toContain(
      'deployment.apps/ringfleet-operator serverside-applied (server dry run)',
    );
  });

  it('turns an Organization into a telephone system', async () => {
    await until('an operator to lead', leader, { deadlineMs: 60_000, everyMs: 200 });
    tenant = await Tenant.create('release');
    await tenant.people('jane', 'john');
    await tenant.ready(120_000);
    call = await phones.talk(tenant);
    [pbx, began] = [await tenant.podUid(), await tenant.asteriskStartedAt()];
  });
});

describe('upgraded', () => {
  it('replaces nothing where nothing is new', async () => {
    const before = [await operator(), (await operatorPods()).sort()];

    await release();

    expect([await operator(), (await operatorPods()).sort()]).toEqual(before);
    await unharmed();
  });

  it('brings the CRDs of the new chart first, and leaves a class that somebody changed', async () => {
    const merge = ['--type=merge', '-p', '{"spec":{"sipDomainSuffix":"ours.example"}}'];
    await kubectl(['patch', 'organizationclass', 'hotel', ...merge]);
    const chart = await chartCopy();
    const crd = join(chart, 'templates/crds/sipusers.yaml');
    await writeFile(crd, (await readFile(crd, 'utf8')).replace('- sipu\n', '- sipu\n      - newname\n'));

    await release({ logLevel: 'debug', labels: { team: 'voice' } }, { chart });

    expect(await kubectl(['-n', 'release', 'get', 'newname', '-o', 'name'])).toContain('/jane');
    expect((await live('organizationclass', 'hotel')).spec).toMatchObject({ sipDomainSuffix: 'ours.example' });
    expect(await operator()).toContain('debug');
    await unharmed();
    await works();
  });

  it('goes on where nothing but names, the API server and agents is let out', async () => {
    await release({ networkPolicy: { restrictEgress: true } });

    await works();
    await unharmed();
  });

  it('looks after a list of namespaces, with no rights in others', async () => {
    await release({ watchNamespaces: ['release'] });

    await works();
    await unharmed();
    const account = `--as=system:serviceaccount:${OPERATOR_NAMESPACE}:ringfleet-operator`;
    const may = async (namespace: string): Promise<string> =>
      (await tryKubectl(['auth', 'can-i', 'list', 'secrets', '-n', namespace, account])).stdout.trim();
    expect(await may('release')).toBe('yes');
    expect(await may('default')).toBe('no');
  });
});

describe('an upgrade that cannot work', () => {
  it('is taken back by Helm itself', async () => {
    await release();
    const before = [await operator(), await newest()];

    const broken = { image: { operator: { repository: 'operator', tag: 'there-is-none' } } };
    const { code, stderr } = await tryRelease(broken, ['--rollback-on-failure', '--timeout=30s']);

    expect(code).not.toBe(0);
    expect(stderr).toContain('rolled back');
    expect((await newest()).status).toBe('deployed');
    expect(await operator()).toBe(before[0]);
    await unharmed();
    await works();
  });
});

describe('a rollback', () => {
  it('brings back what was', async () => {
    const [before, { revision }] = [await operator(), await newest()];
    await release({ logLevel: 'warn' });
    expect(await operator()).not.toBe(before);

    await rollback(revision);

    expect(await operator()).toBe(before);
    await unharmed();
    await works();
  });
});

describe('uninstalled', () => {
  it('leaves kinds, classes and tenants, whose calls go on', async () => {
    await uninstall();

    await until('its pods to go', async () => (await operatorPods()).length === 0 || undefined, { deadlineMs: 60_000 });
    expect(await ofAll('crd')).toHaveLength(6);
    for (const kind of ['clusterrole', 'clusterrolebinding', 'validatingadmissionpolicy'])
      expect(await ofAll(kind)).toEqual([]);
    expect(await live('organizationclass', 'hotel')).toBeDefined();
    await tenant.becomes('organization', 'release', 'Ready', { status: 'True' });
    await unharmed();
  });

  it('is installed again by the older Helm, and takes its tenants on', async () => {
    await release({}, { major: 3 });

    await works();
    await unharmed();
    await call.out.hangUp();
    await (await phones.talk(tenant)).out.hangUp();
  });
});
