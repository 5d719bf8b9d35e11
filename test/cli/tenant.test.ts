import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { FakeApiServer } from '../fake-apiserver/server.ts';
import { InstalledCommand, type Ran } from './command.ts';

const HOTEL = join(import.meta.dirname, '../../config/samples/hotel');
const API = { apiVersion: 'ringfleet.io/v1alpha1' } as const;
const PASSWORD = 'correct-horse-battery';
const encoded = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
const CREDENTIALS = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'jane-sip', namespace: 'acme' },
  type: 'Opaque',
  data: encoded({ username: 'acme_1001', password: PASSWORD, server: '192.0.2.1', port: '5060', transport: 'UDP' }),
};

let command: InstalledCommand;
let server: FakeApiServer;
let folder: string;
let KUBECONFIG: string;

beforeAll(async () => {
  command = await InstalledCommand.install();
  folder = await mkdtemp(join(tmpdir(), 'ringfleet-tenant-'));
  server = await FakeApiServer.started({ namespaces: ['acme', 'other'] });
  KUBECONFIG = join(folder, 'kubeconfig');
  await writeFile(KUBECONFIG, kubeconfig('acme'));
  server.accept('person');
  server.create({ ...API, kind: 'Organization', metadata: { name: 'acme', namespace: 'acme' }, spec: {} });
  server.create(user('jane', '1001'));
  server.create(user('john', '1002'));
  server.create({
    ...API,
    kind: 'Trunk',
    metadata: { name: 'carrier', namespace: 'acme' },
    spec: { servers: [{ name: 'a', host: 'sip.example' }] },
  });
  server.create(CREDENTIALS);
  says('Organization', 'acme', [['Ready', 'True', 'Loaded']]);
  says('Trunk', 'carrier', [
    ['Ready', 'True', 'Loaded'],
    ['Reachable', 'True', 'Reachable'],
  ]);
  says('SipUser', 'jane', [
    ['Ready', 'True', 'Loaded'],
    ['Registered', 'True', 'ContactKnown'],
  ]);
  says('SipUser', 'john', [
    ['Ready', 'False', 'Conflict'],
    ['Stalled', 'True', 'Conflict'],
  ]);
});
afterAll(async () => {
  await command.remove();
  await server.stop();
  await rm(folder, { recursive: true });
});

function user(name: string, extension: string) {
  return { ...API, kind: 'SipUser', metadata: { name, namespace: 'acme' }, spec: { extension, fullName: name } };
}

function says(kind: string, name: string, conditions: readonly (readonly [string, string, string])[]): void {
  const list = conditions.map(([type, status, reason]) => ({
    type,
    status,
    reason,
    message: reason === 'Conflict' ? 'SipUser jane has this extension' : '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }));
  const patch = { status: { observedGeneration: 1, conditions: list } };
  server.patch(kind, { namespace: 'acme', name, subresource: 'status' }, patch);
}

function kubeconfig(namespace: string, token = 'person'): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u', namespace } },
      { name: 'there', context: { cluster: 'c', user: 'u', namespace: 'other' } },
    ],
    'current-context': 'here',
  });
}

const run = (line: string): Promise<Ran> => command.run(line.split(' '), { KUBECONFIG });

describe('status of a cluster', () => {
  it('shows what is wrong first, and ends with 1', async () => {
    const { code, stdout } = await run('status');

    expect(code).toBe(1);
    expect(stdout).toContain('2, 1 registered');
    expect(stdout).toMatch(/LEVEL.*\nwrong +SipUser\/john +Conflict +SipUser jane has this extension\n/);
  });

  it('has the same for programs', async () => {
    const { problems } = JSON.parse((await run('status -o json')).stdout);

    expect(problems[0]).toMatchObject({ level: 'wrong', object: 'SipUser/john', reason: 'Conflict' });
  });

  it.each([
    ['status -n nobody', 'There is nothing of a tenant in namespace nobody'],
    ['status --context there', 'There is nothing of a tenant in namespace other'],
    ['status --context nowhere', 'no context nowhere'],
    ['status --kubeconfig /nonexistent', 'The kubeconfig cannot be used'],
    ['users show ghost', 'There is no SipUser ghost'],
    ['users credentials ghost', 'There is no SipUser ghost'],
    ['users credentials john', 'Secret john-sip is not there yet'],
    ['users credentials jane --field pin', 'There is no field pin'],
  ])('%s ends with 3 and says why', async (line, said) => {
    const { code, stdout, stderr } = await run(line);

    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(said);
  });

  it('ends with 3 without a kubeconfig, and says what else there is', async () => {
    const { code, stderr } = await command.run(['status'], { KUBECONFIG: undefined, HOME: '/nonexistent' });

    expect(code).toBe(3);
    expect(stderr).toContain('there is no kubeconfig');
    expect(stderr).toContain('kubectl ringfleet DIR status');
  });

  it('ends with 3 for somebody whom the API server does not know', async () => {
    const file = join(folder, 'stranger');
    await writeFile(file, kubeconfig('acme', 'stranger'));

    expect(await run(`status --kubeconfig ${file}`)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('does not know who you are'),
    });
  });
});

describe('users and trunks', () => {
  it('are listed', async () => {
    expect((await run('users list')).stdout).toMatch(/1001 +jane +jane +True +True\n1002 +john +john +False +Conflict/);
    expect((await run('trunks')).stdout).toMatch(/carrier +sip\.example +True +True/);
    expect((await run('-n acme users list -o yaml')).stdout).toContain('name: jane');
  });

  it('are shown, by name or by extension', async () => {
    expect((await run('users show jane')).stdout).toMatch(/Extension +1001/);
    expect((await run('users show 1002')).stdout).toMatch(/Name +john/);
  });

  it('have credentials, all or one field', async () => {
    expect((await run('users credentials jane')).stdout).toMatch(new RegExp(`password +${PASSWORD}\n`));
    expect(await run('users credentials jane --field password')).toMatchObject({ code: 0, stdout: `${PASSWORD}\n` });
  });

  it('have a code to scan, on the terminal or in a new file that nobody else may read', async () => {
    const file = join(folder, 'jane.png');

    expect((await run('users qr jane')).stdout).toContain('█');
    expect(await run(`users qr jane --png ${file}`)).toMatchObject({ code: 0, stdout: '' });
    expect((await readFile(file)).subarray(1, 4).toString()).toBe('PNG');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await run(`users qr jane --png ${file}`)).toMatchObject({ code: 3 });
    expect(await run(`users qr jane --png a --svg b`)).toMatchObject({ code: 2 });
  });

  it('are shown as Asterisk gets them, without secrets', async () => {
    const { code, stdout } = await run('render user jane');

    expect(code).toBe(0);
    expect(stdout).toMatch(/; pjsip_endpoint\.conf\n[\s\S]*\[acme_1001\]/);
    expect(stdout).not.toMatch(/acme_1002\]|12345678|(MD5|SHA-256):[0-9a-f]/);
    expect((await run('render')).stdout).toContain('acme_t-carrier');
    expect(await run('render user ghost')).toMatchObject({ code: 3, stdout: '' });
    expect(await run('render sofa john')).toMatchObject({ code: 2, stdout: '' });
  });

  it('are read, and nothing is written', async () => {
    server.log.length = 0;
    for (const line of ['status', 'users list', 'users credentials jane']) await run(line);

    expect(server.requests().filter(({ code }) => code === 200)).not.toEqual([]);
    expect(server.writes()).toEqual([]);
    expect(server.requests().filter(({ plural }) => plural === 'secrets')).toHaveLength(1);
  });
});

describe('a directory', () => {
  it('is shown without a cluster', async () => {
    const { code, stdout } = await command.run([HOTEL, 'status'], { KUBECONFIG: '/nonexistent' });

    expect(code).toBe(0);
    expect(stdout).toMatch(/Users +4\n/);
    expect((await command.run([HOTEL, 'users', 'list'])).stdout).toMatch(/1001 +front-desk/);
    expect((await command.run([HOTEL, 'trunks'])).stdout).toContain('carrier');
  });

  it('shows what is wrong with it', async () => {
    const directory = join(folder, 'hotel');
    await cp(HOTEL, directory, { recursive: true });
    const john = { ...user('zoe', '1001'), metadata: { name: 'zoe' } };
    await writeFile(join(directory, 'zoe.yaml'), stringify(john));
    const { code, stdout } = await command.run([directory, 'status']);

    expect(code).toBe(1);
    expect(stdout).toMatch(/wrong +SipUser\/zoe +Conflict/);
  });

  it('has the credentials that `up` made, and is not written to', async () => {
    const directory = join(folder, 'with-credentials');
    await cp(HOTEL, directory, { recursive: true });
    expect(await command.run([directory, 'users', 'credentials', 'john-doe'])).toMatchObject({ code: 3 });
    await expect(stat(join(directory, '.ringfleet'))).rejects.toThrow('ENOENT');
    await mkdir(join(directory, '.ringfleet/credentials'), { recursive: true });
    const made = { ...CREDENTIALS, metadata: { name: 'john-doe-sip' } };
    await writeFile(join(directory, '.ringfleet/credentials/john-doe-sip.yaml'), stringify(made));

    expect((await command.run([directory, 'users', 'credentials', 'john-doe', '--field', 'password'])).stdout).toBe(
      `${PASSWORD}\n`,
    );
  });

  it('and a cluster at the same time are refused', async () => {
    expect(await command.run([HOTEL, 'status', '--context', 'here'])).toMatchObject({ code: 2 });
  });
});
