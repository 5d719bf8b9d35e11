import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryOfContainer } from '../../src/agent/live/memory-figure.ts';
import { MEMORY_SCRIPT } from '../../src/core/kubernetes/memory-script.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';

/** The script that tells the agent how much memory Asterisk's container uses, on control groups that a test makes up. */
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringfleet-memory-'));
  file = join(folder, 'told');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const read = () => memoryOfContainer(file, systemClock.now());

describe('who tells it', () => {
  const FILES = {
    'version 2': {
      'memory.current': '300000\n',
      'memory.max': '400000\n',
      'memory.stat':
        'anon 1\nfile 2\ninactive_anon 3\nactive_anon 4\ninactive_file 10000\nactive_file 20000\nunevictable 5\n',
    },
    'version 1': {
      'memory/memory.usage_in_bytes': '300000\n',
      'memory/memory.limit_in_bytes': '400000\n',
      'memory/memory.stat':
        'inactive_file 1\nactive_file 2\nunevictable 3\ntotal_inactive_anon 4\ntotal_inactive_file 10000\ntotal_active_file 20000\ntotal_unevictable 0\n',
    },
    'version 2 without a limit': {
      'memory.current': '300000\n',
      'memory.max': 'max\n',
      'memory.stat': 'inactive_file 10000\nactive_file 20000\n',
    },
  };

  it.each(
    Object.entries(FILES),
  )('says of control groups of %s what is used and cannot be given up, again and again', async (version, files) => {
    await mkdir(join(folder, 'memory'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const teller = spawn('bash', ['-c', MEMORY_SCRIPT, file, folder], { stdio: 'ignore' });
    try {
      const limit = version.endsWith('without a limit') ? {} : { limit: 400_000 };
      expect(await until('a figure', read, { deadlineMs: 10_000 })).toEqual({ used: 270_000, ...limit });
      const [current = ''] = Object.keys(files);
      await writeFile(join(folder, current), '100000\n');
      const less = async () => ((await read())?.used === 70_000 ? true : undefined);
      await until('the next figure', less, { deadlineMs: 10_000 });
    } finally {
      teller.kill();
    }
  });

  it('ends where there are no control groups, and says nothing', () => {
    execFileSync('bash', ['-c', MEMORY_SCRIPT, file, folder], { stdio: 'pipe', timeout: 10_000 });
    return expect(readFile(file)).rejects.toThrow();
  });

  it('does not keep the agent waiting where somebody put a pipe in place of the file', async () => {
    execFileSync('sh', ['-c', 'mkfifo "$0"', file]);
    expect(await read()).toBeUndefined();
  });
});
