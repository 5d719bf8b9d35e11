import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cached } from './cache.ts';

let home: string;
const made: string[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ringfleet-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', home);
  made.length = 0;
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const folder = (name: string): string => join(home, 'ringfleet', name);

/** Something with one file in it, which says what it is. */
function thing(name: string): Promise<string> {
  const usable = async (path: string) => ((await readFile(join(path, 'it'), 'utf8')) === name ? path : undefined);
  const make = async (work: string) => {
    made.push(name);
    await writeFile(join(work, 'it'), name);
  };
  return cached({ name, what: name, usable, make }, () => undefined);
}

async function unused(name: string, days: number): Promise<void> {
  await mkdir(folder(name), { recursive: true });
  const then = new Date(Date.now() - days * 24 * 3_600_000);
  await utimes(folder(name), then, then);
}

describe('what is cached', () => {
  it('is made once', async () => {
    expect(await thing('asterisk-1')).toBe(folder('asterisk-1'));
    expect(await thing('asterisk-1')).toBe(folder('asterisk-1'));
    expect(made).toEqual(['asterisk-1']);
  });

  it('is made again when it is broken', async () => {
    await thing('asterisk-1');
    await writeFile(join(folder('asterisk-1'), 'it'), 'half of');

    expect(await thing('asterisk-1')).toBe(folder('asterisk-1'));
    expect(made).toEqual(['asterisk-1', 'asterisk-1']);
  });

  it('goes when nobody used it for a month and another one of its kind is made', async () => {
    await unused('asterisk-1.0-old', 31);
    await unused('asterisk-recent', 29);
    await unused('kubernetes-old', 31);

    await thing('asterisk-new');

    expect((await readdir(join(home, 'ringfleet'))).sort()).toEqual([
      'asterisk-new',
      'asterisk-recent',
      'kubernetes-old',
    ]);
  });

  it('stays when it is used', async () => {
    await thing('asterisk-1');
    await unused('asterisk-1', 31);
    await thing('asterisk-1');

    await thing('asterisk-2');

    expect((await readdir(join(home, 'ringfleet'))).sort()).toEqual(['asterisk-1', 'asterisk-2']);
  });
});
