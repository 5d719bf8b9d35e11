import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstalledCommand } from './command.ts';

let command: InstalledCommand;
beforeAll(async () => {
  command = await InstalledCommand.install();
});
afterAll(() => command.remove());

describe('the command line', () => {
  it('is one file that says how it is called', async () => {
    const { code, stdout } = await command.run(['--help']);

    expect(code).toBe(0);
    expect(stdout).toContain('Usage: kubectl ringfleet');
    expect(stdout).toMatch(/Examples:\n {2}# .+\n {2}kubectl ringfleet /);
  });

  it.each([
    ['no verb', []],
    ['an unknown verb', ['statu']],
    ['an unknown option', ['version', '--colour']],
    ['an unknown form of the answer', ['version', '-o', 'xml']],
    ['too many words', ['version', 'now']],
  ])('ends with 2 at %s, and says it beside the answer', async (_what, words) => {
    const { code, stdout, stderr } = await command.run(words);

    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
  });

  it('says its version for people and for programs', async () => {
    expect((await command.run(['version'])).stdout).toMatch(/^ringfleet \d+\.\d+\.\d+ /);
    expect(JSON.parse((await command.run(['version', '-o', 'json'])).stdout)).toMatchObject({
      apiVersion: 'ringfleet.io/v1alpha1',
    });
  });

  it.each(['bash', 'zsh', 'fish'])('has completions for %s', async shell => {
    const { code, stdout } = await command.run(['completion', shell]);

    expect(code).toBe(0);
    expect(stdout).toContain('kubectl-ringfleet complete --');
  });

  it('completes verbs, options and their values, behind a directory too', async () => {
    const complete = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await command.run(['complete', '--', ...words]);
      return stdout.split('\n').flatMap(line => line.split('\t')[0] || []);
    };

    expect(await complete('ver')).toContain('version');
    expect(await complete('config', 'ver')).toContain('version');
    expect(await complete('version', '--ou')).toContain('--output');
    expect(await complete('version', '-o', '')).toEqual(expect.arrayContaining(['json', 'yaml', 'wide']));
  });
});
