import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../runtime/clock.ts';
import { memoryOfContainer, processMemory } from './memory-figure.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfleet-memory-'));
  file = join(folder, 'memory');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const read = () => memoryOfContainer(file, systemClock.now());

describe('what is told in a file', () => {
  it.each([
    ['1000 2000\n', { used: 1000, limit: 2000 }],
    ['1000 max\n', { used: 1000 }],
    ['1000 9223372036854771712\n', { used: 1000 }],
    ['0 0\n', { used: 0 }],
  ])('%j is a figure', async (text, figure) => {
    await writeFile(file, text);
    expect(await read()).toEqual(figure);
  });

  it.each([
    '',
    '1000',
    '1000 2000',
    '1000 \n',
    '-1 2000\n',
    '1e3 2000\n',
    '0x10 2000\n',
    '1000 2000\n1000 2000\n',
    `${'1'.repeat(20)} 2000\n`,
    '1'.repeat(1_000_000),
    '\u0661 \u0662\n',
  ])('%.20j is none', async text => {
    await writeFile(file, text);
    expect(await read()).toBeUndefined();
  });

  it('is none when it is old, or of a time to come', async () => {
    await writeFile(file, '1000 2000\n');
    for (const seconds of [-11, 11]) {
      const at = systemClock.now() / 1000 + seconds;
      await utimes(file, at, at);
      expect(await read()).toBeUndefined();
    }
  });

  it('is none when it is not there, a link or a directory', async () => {
    expect(await read()).toBeUndefined();
    await writeFile(join(folder, 'other'), '1000 2000\n');
    await symlink('other', file);
    expect(await read()).toBeUndefined();
    await rm(file);
    await mkdir(file);
    expect(await read()).toBeUndefined();
  });
});

it('a process of this machine has what is of no file, and none once it has ended', async () => {
  const own = await processMemory(process.pid, 5_000);
  expect(own?.limit).toBe(5_000);
  expect(own?.used).toBeGreaterThan(10_000_000);
  expect(own?.used).toBeLessThan(process.memoryUsage().rss);
  expect(await processMemory(2 ** 30)).toBeUndefined();
});
