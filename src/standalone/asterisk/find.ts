import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { AsteriskInstallation } from '../../agent/installation.ts';
import { rootfsInstallation } from './rootfs.ts';

/** Finds an Asterisk 22 on this machine, or makes one once. Each step is said in one line. */

const run = promisify(execFile);

const MODULE_DIRS = [
  '/usr/lib/x86_64-linux-gnu/asterisk/modules',
  '/usr/lib/aarch64-linux-gnu/asterisk/modules',
  '/usr/lib64/asterisk/modules',
  '/usr/lib/asterisk/modules',
];
const DATA_DIRS = ['/usr/share/asterisk', '/var/lib/asterisk'];

export async function findAsterisk(say: (line: string) => void, signal?: AbortSignal): Promise<AsteriskInstallation> {
  const installed = await fromPath();
  if (installed) {
    say(`Asterisk ${installed.version} is installed here`);
    return installed;
  }
  return rootfsInstallation(say, signal);
}

async function fromPath(): Promise<AsteriskInstallation | undefined> {
  const version = await asteriskVersion(['asterisk']);
  if (!version?.startsWith('22.')) return undefined;
  const modulesDir = await firstThatExists(MODULE_DIRS);
  const dataDir = await firstThatExists(DATA_DIRS);
  return modulesDir && dataDir ? { version, command: ['asterisk'], modulesDir, dataDir } : undefined;
}

/** `22.10.1…`, or undefined when the command does not run. */
export async function asteriskVersion(command: readonly string[]): Promise<string | undefined> {
  const [file = '', ...args] = command;
  try {
    const { stdout } = await run(file, [...args, '-V'], { timeout: 10_000 });
    return /Asterisk ([^\s]+)/.exec(stdout)?.[1];
  } catch {
    return undefined; // not there, or broken: the same for the caller
  }
}

async function firstThatExists(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
