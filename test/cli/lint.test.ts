import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstalledCommand, type Ran } from './command.ts';

const root = join(import.meta.dirname, '../..');
const HOTEL = join(root, 'config/samples/hotel');
const BAD_USER = `apiVersion: ringfleet.io/v1alpha1
kind: SipUser
metadata: {name: ghost}
spec:
  fullName: Ghost
  extension: 1
`;
/** None: whoever asked it would fail. */
const NO_CLUSTER = { KUBECONFIG: '/nonexistent' };

let command: InstalledCommand;
let folder: string;
beforeAll(async () => {
  command = await InstalledCommand.install();
  folder = await mkdtemp(join(tmpdir(), 'ringfleet-lint-'));
  await cp(HOTEL, join(folder, 'hotel'), { recursive: true });
  await writeFile(join(folder, 'hotel', 'ghost.yaml'), BAD_USER);
});
afterAll(async () => {
  await command.remove();
  await rm(folder, { recursive: true });
});

const lint = (...words: string[]): Promise<Ran> => command.run(['lint', ...words], NO_CLUSTER);

describe('lint', () => {
  it('finds nothing wrong with the samples', async () => {
    expect(await lint(join(root, 'config/samples'))).toMatchObject({ code: 0, stdout: '' });
  });

  it('says the file, the line and the field of what a cluster would refuse, and ends with 1', async () => {
    const { code, stdout, stderr } = await lint(join(folder, 'hotel'));

    expect(code).toBe(1);
    expect(stdout).toMatch(/hotel\/ghost\.yaml:6:3: error: SipUser\/ghost spec\.extension: .* \[TypeInvalid\]\n/);
    expect(stderr).toContain('1 error in 6 files');
  });

  it('takes the directory first, as all verbs do, and single files', async () => {
    expect(await command.run([join(folder, 'hotel'), 'lint'], NO_CLUSTER)).toMatchObject({ code: 1 });
    expect(await lint(join(folder, 'hotel/ghost.yaml'))).toMatchObject({ code: 1 });
    expect(await lint(join(folder, 'hotel/organization.yaml'))).toMatchObject({ code: 0 });
  });

  it('has answers for programs', async () => {
    const [problem] = JSON.parse((await lint('-o', 'json', join(folder, 'hotel'))).stdout);
    const sarif = JSON.parse((await lint('-o', 'sarif', join(folder, 'hotel'))).stdout);

    expect(problem).toMatchObject({ object: 'SipUser/ghost', field: 'spec.extension', line: 6 });
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'TypeInvalid', level: 'error' });
  });

  it.each([
    ['nothing to look at', []],
    ['a path that is not there', ['/nonexistent']],
  ])('ends with 2 at %s', async (_what, words) => {
    expect(await lint(...words)).toMatchObject({ code: 2, stdout: '' });
  });

  it('colours what it says on no pipe', async () => {
    expect((await lint(join(folder, 'hotel'))).stdout).not.toContain('\u001b');
  });

  it('is a hook for Git that keeps a bad manifest from being committed', async () => {
    const repository = join(folder, 'repository');
    const git = (...words: string[]): Promise<Ran> =>
      command.runProgram('git', ['-C', repository, '-c', 'user.name=x', '-c', 'user.email=x@example.com', ...words]);
    await command.runProgram('git', ['init', '-q', repository]);
    await cp(HOTEL, repository, { recursive: true });
    await cp(join(root, 'docs/lint/pre-commit'), join(repository, '.git/hooks/pre-commit'));
    await git('add', '.');

    expect(await git('commit', '-qm', 'A tenant')).toMatchObject({ code: 0 });
    await writeFile(join(repository, 'ghost.yaml'), BAD_USER);
    await git('add', '.');
    const refused = await git('commit', '-qm', 'A ghost');

    expect(refused.code).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain('ghost.yaml:6:3: error');
  });

  it.each([
    'pre-commit',
    'pre-commit-config.yaml',
    'github-actions.yaml',
    'gitlab-ci.yaml',
  ])('the example docs/lint/%s calls it as it can be called', async name => {
    const text = await readFile(join(root, 'docs/lint', name), 'utf8');
    const [, words = ''] = /kubectl-ringfleet (lint.*)/.exec(text) ?? [];
    const called = words.replace(/ >.*| "\$\{.*/, '').replace('tenants', HOTEL);

    expect(await command.run([...called.split(' '), ...(called.includes(HOTEL) ? [] : [HOTEL])])).toMatchObject({
      code: 0,
    });
  });
});
