import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstalledCommand, type Ran } from '../../cli/command.ts';
import { apply, environment } from '../environment.ts';
import { Tenant } from '../tenant.ts';

/** The command line, as people with different rights use it on a real cluster. */
let command: InstalledCommand;
let tenant: Tenant;

beforeAll(async () => {
  command = await InstalledCommand.install();
  tenant = await Tenant.create(`cli-${process.pid}`);
  await tenant.people('jane', 'john');
  await tenant.becomes('SipUser', 'jane', 'Ready', { status: 'True' });
  await tenant.put('SipUser', 'twin', { extension: '1001' });
  await tenant.becomes('SipUser', 'twin', 'Stalled', { status: 'True' });
  await apply({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'viewers', namespace: tenant.name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'viewer' }],
  });
});
afterAll(async () => {
  await tenant.drop();
  await command.remove();
});

const run = (...words: string[]): Promise<Ran> =>
  command.run([...words, '-n', tenant.name], { KUBECONFIG: environment().kubeconfig });

it('shows what is wrong with a tenant first', async () => {
  const { code, stdout } = await run('status');

  expect(code).toBe(1);
  expect(stdout).toMatch(/PBX +\S+-pbx-0, ready, Asterisk 22/);
  expect(stdout).toMatch(/down +Organization\/\S+ +NoTrunk/);
  expect(stdout).toMatch(/wrong +SipUser\/twin +Conflict/);
});

it('shows the credentials that the Secret has', async () => {
  const { password } = await tenant.credentials('jane');

  expect((await run('users', 'credentials', 'jane', '--field', 'password')).stdout).toBe(`${password}\n`);
});

describe('somebody who may see users and not Secrets', () => {
  it('sees the tenant', async () => {
    const { code, stdout } = await run('users', 'list', '--as', 'viewer');

    expect(code).toBe(0);
    expect(stdout).toMatch(/1001 +jane/);
  });

  it.each([
    ['users', 'credentials', 'jane'],
    ['users', 'credentials', 'jane', '--field', 'password'],
    ['users', 'qr', 'jane'],
  ])('is refused: %s %s', async (...words) => {
    const { code, stdout, stderr } = await run(...words, '--as', 'viewer');

    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('secrets "jane-sip" is forbidden');
  });

  it('finds the password in nothing else that it shows', async () => {
    const { password = '' } = await tenant.credentials('jane');
    const all = await Promise.all(
      [
        ['status', '-o', 'yaml'],
        ['users', 'list', '-o', 'yaml'],
        ['users', 'show', 'jane', '-o', 'yaml'],
      ].map(words => run(...words, '--as', 'viewer')),
    );

    expect(password).not.toBe('');
    expect(all.map(({ stdout }) => stdout).join('')).not.toContain(password);
  });
});

it('is refused to somebody who may see nothing', async () => {
  expect(await run('status', '--as', 'nobody')).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining('forbidden'),
  });
});

it('is found by kubectl as a plugin, and completed by it', async () => {
  const env = { KUBECONFIG: environment().kubeconfig };
  const bin = process.env['RINGFLEET_TEST_BIN'];
  const kubectl = bin ? `${bin}/kubectl` : 'kubectl';

  expect((await command.runProgram(kubectl, ['plugin', 'list'], env)).stdout).toContain('/kubectl-ringfleet');
  expect((await command.runProgram(kubectl, ['ringfleet', 'users', 'list', '-n', tenant.name], env)).stdout).toMatch(
    /1001 +jane/,
  );
  expect((await command.runProgram(kubectl, ['__complete', 'ringfleet', 'sta'], env)).stdout).toMatch(/^status\t/);
});
