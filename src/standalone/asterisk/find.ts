import { access } from 'node:fs/promises';
import { type AsteriskInstallation, directly } from '../../agent/asterisk/installation.ts';
import type { Say } from '../command.ts';
import { containerInstallation } from './container.ts';
import { rootfsInstallation } from './rootfs.ts';
import { versionOf } from './version.ts';

/** Finds an Asterisk 22 on this machine, or makes one once. Each step prints a line. */

type Way = (say: Say, signal?: AbortSignal) => Promise<AsteriskInstallation | undefined>;

/** Ways to find one, in the order in which they are tried. */
const WAYS: Readonly<Record<string, Way>> = {
  path: fromPath,
  container: containerInstallation,
  rootfs: rootfsInstallation,
};

const MODULE_DIRS = [
  '/usr/lib/x86_64-linux-gnu/asterisk/modules',
  '/usr/lib/aarch64-linux-gnu/asterisk/modules',
  '/usr/lib64/asterisk/modules',
  '/usr/lib/asterisk/modules',
];
const DATA_DIRS = ['/usr/share/asterisk', '/var/lib/asterisk'];

/** Tries the ways of RINGFLEET_ASTERISK, or all of them. For one that does not work it prints why, and tries the next. */
export async function findAsterisk(say: Say, signal?: AbortSignal): Promise<AsteriskInstallation> {
  return firstOf(waysOf(process.env['RINGFLEET_ASTERISK']), say, signal);
}

export async function firstOf(ways: readonly Way[], say: Say, signal?: AbortSignal): Promise<AsteriskInstallation> {
  let reason = 'RINGFLEET_ASTERISK leaves no other way';
  for (const [place, way] of ways.entries()) {
    try {
      const found = await way(say, signal);
      if (found) return found;
    } catch (error) {
      signal?.throwIfAborted();
      reason = error instanceof Error ? error.message : String(error);
      if (place < ways.length - 1) say(reason);
    }
  }
  throw new Error(`No Asterisk 22 was found: ${reason}`);
}

/** `auto`, or names with commas between them. */
export function waysOf(value: string | undefined): readonly Way[] {
  if (!value || value === 'auto') return Object.values(WAYS);
  return value.split(',').map(name => {
    const way = Object.hasOwn(WAYS, name) ? WAYS[name] : undefined;
    if (!way) throw new Error(`RINGFLEET_ASTERISK is auto, ${Object.keys(WAYS).join(' or ')}; not ${name}`);
    return way;
  });
}

async function fromPath(say: Say): Promise<AsteriskInstallation | undefined> {
  const launch = directly('asterisk');
  const version = await versionOf(launch);
  if (!version?.startsWith('22.')) return undefined;
  const modulesDir = await firstThatExists(MODULE_DIRS);
  const dataDir = await firstThatExists(DATA_DIRS);
  if (!modulesDir || !dataDir) return undefined;
  say(`Asterisk ${version} is installed here`);
  return { version, modulesDir, dataDir, ...launch };
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
