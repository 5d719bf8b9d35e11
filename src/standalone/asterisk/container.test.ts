import { describe, expect, it } from 'vitest';
import { imageName, type RunOptions, runWords } from './container.ts';
import { ContainerNames, isOrphan } from './container-names.ts';

const OPTIONS: RunOptions = {
  runtime: { name: 'podman', rootless: false },
  image: 'ringfleet.local/asterisk:0123',
  container: 'ringfleet-1-2-3-ab',
  directories: ['/a/etc', '/a/log'],
};

describe('the words that run a container', () => {
  it('end with the image and something that passes signals on', () => {
    expect(runWords(OPTIONS).slice(0, 2)).toEqual(['podman', 'run']);
    expect(runWords(OPTIONS).slice(-3)).toEqual([OPTIONS.image, 'tini', '--']);
  });

  it('mount what is asked for at the same paths, and nothing else', () => {
    expect(runWords(OPTIONS).filter(word => /^--(mount|volume|v)/.test(word))).toEqual([
      '--mount=type=bind,source=/a/etc,target=/a/etc',
      '--mount=type=bind,source=/a/log,target=/a/log',
    ]);
  });

  it('quote a path that would be another option', () => {
    const words = runWords({ ...OPTIONS, directories: ['/a,readonly/"b"'] });

    expect(words).toContain('--mount=type=bind,"source=/a,readonly/""b""","target=/a,readonly/""b"""');
  });

  it('make the files in there ours', () => {
    const rootless = runWords({ ...OPTIONS, runtime: { name: 'podman', rootless: true } });

    expect(runWords(OPTIONS)).toContain(`--user=${process.getuid?.()}:${process.getgid?.()}`);
    expect(rootless).toContain('--user=0:0');
  });

  it('carry what lets it be found again', () => {
    expect(runWords(OPTIONS)).toEqual(
      expect.arrayContaining(['--rm', '--network=host', '--label=ringfleet.asterisk', `--name=${OPTIONS.container}`]),
    );
  });

  it('carry nothing of the environment but the time zone', () => {
    expect(runWords(OPTIONS).filter(word => word.startsWith('--env'))).toEqual([
      '--env=LANG=C.UTF-8',
      expect.stringMatching(/^--env=TZ=/),
    ]);
  });
});

it('another Dockerfile is another image', () => {
  expect(imageName('FROM a')).toMatch(/^ringfleet\.local\/asterisk:[0-9a-f]{12}$/);
  expect(imageName('FROM a')).toBe(imageName('FROM a'));
  expect(imageName('FROM a')).not.toBe(imageName('FROM b'));
  expect(imageName('FROM a', 'file')).not.toBe(imageName('FROM a', 'other'));
});

describe('the owner of a container', () => {
  it('is known by its name, which is of one container only', async () => {
    const names = await ContainerNames.create();

    expect(names.next()).not.toBe(names.next());
    expect(await isOrphan(names.next())).toBe(false);
  });

  it.each([
    ['a process that is another one by now', (parts: string[]) => parts.with(3, '1'), true],
    ['a process that is gone', (parts: string[]) => parts.with(2, '4194305'), true],
    ['a process that only others can see', (parts: string[]) => parts.with(1, '1').with(2, '4194305'), false],
    ['somebody else altogether', (parts: string[]) => ['asterisk', ...parts.slice(1)], false],
  ])('%s', async (_title, change, orphan) => {
    const parts = (await ContainerNames.create()).next().split('-');

    expect(await isOrphan(change(parts).join('-'))).toBe(orphan);
  });
});
