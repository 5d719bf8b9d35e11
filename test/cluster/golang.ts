import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../../src/standalone/cache.ts';
import { command, installPackages, type Say, works } from '../../src/standalone/command.ts';

/** Environment for Go to build with; nothing is linked against this machine's C library. */
export interface Go {
  readonly binary: string;
  readonly env: NodeJS.ProcessEnv;
}

/** From this version on Go fetches, as a module, the newer toolchain that a go.mod asks for. */
const OLDEST = [1, 21] as const;

/** The Go of this machine where it is new enough, else Debian forky's, unpacked into the cache and not installed. */
export async function ensureGo(say: Say): Promise<Go> {
  if (await isNewEnough('go')) return { binary: 'go', env: { ...process.env, CGO_ENABLED: '0' } };
  return cached({ name: 'go-forky', what: 'Go', usable, make: work => make(work, say) }, say);
}

async function make(work: string, say: Say): Promise<void> {
  if (!(await works('mmdebstrap', ['--version']))) await installPackages('Go', ['mmdebstrap'], { say });
  say('Fetching Go from Debian forky (about a minute, once)');
  const options = ['--variant=extract', '--aptopt=Acquire::Check-Valid-Until "false"', '--include=golang-go'];
  await command('mmdebstrap', [...options, 'forky', join(work, 'rootfs')], { say });
}

async function usable(home: string): Promise<Go | undefined> {
  const libraries = join(home, 'rootfs/usr/lib');
  const folder = (await readdir(libraries)).find(name => /^go-1\.\d+$/.test(name));
  if (!folder) return undefined;
  const root = join(libraries, folder);
  const binary = join(root, 'bin/go');
  if (!(await isNewEnough(binary))) return undefined;
  return { binary, env: { ...process.env, CGO_ENABLED: '0', GOROOT: root, GOTOOLCHAIN: 'auto' } };
}

async function isNewEnough(binary: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(binary, ['version']);
    const [, major = 0, minor = 0] = /go(\d+)\.(\d+)/.exec(stdout)?.map(Number) ?? [];
    return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  } catch {
    return false;
  }
}
