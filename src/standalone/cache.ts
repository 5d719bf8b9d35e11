import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../runtime/clock.ts';
import type { Say } from './command.ts';

/**
 * A cache in the user's home for what takes minutes to make. A folder in it is complete or absent, because it is moved into
 * place at the end; a broken one is made again. Folders that were not used for a month are deleted when another one of their
 * kind is made.
 */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ringfleet');
}

const UNUSED_MS = 30 * 24 * 3_600_000;

export interface Cached<T> {
  /** The folder's name: the kind, a dash, and everything that the content depends on. */
  readonly name: string;
  /** What it is, for the line that says why it takes long. */
  readonly what: string;
  /** Checks the folder; `undefined` or an error: it does not exist or does not work. */
  usable(home: string): Promise<T | undefined>;
  /** Fills an empty folder, which is moved to its place afterwards. */
  make(work: string): Promise<void>;
}

/** Finds or makes a folder in the cache. Of two processes one makes it, and the other waits. */
export async function cached<T>(item: Cached<T>, say: Say, signal?: AbortSignal): Promise<T> {
  const home = join(cacheFolder(), item.name);
  const look = (): Promise<T | undefined> => item.usable(home).catch(() => undefined);
  await mkdir(cacheFolder(), { recursive: true });
  const lock = `${home}.lock`;
  for (let waited = false; ; waited = true) {
    const known = await look();
    if (known !== undefined) {
      await used(home);
      return known;
    }
    if (await takeLock(lock)) break;
    if (!waited) say(`Another process is making ${item.what}; waiting for it`);
    await systemClock.sleep(2000, signal);
  }
  try {
    const work = `${home}.new`;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    await item.make(work);
    await rm(home, { recursive: true, force: true });
    await rename(work, home);
    await used(home);
    await removeUnused(item.name).catch((error: unknown) => say(`Could not tidy ${cacheFolder()}: ${String(error)}`));
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
  const made = await look();
  if (made === undefined) throw new Error(`${item.what} was made in ${home} but does not work`);
  return made;
}

/** Marks a folder as used. A cache that we may not write is used all the same. */
async function used(home: string): Promise<void> {
  const now = new Date(systemClock.now());
  await utimes(home, now, now).catch(() => undefined);
}

async function removeUnused(name: string): Promise<void> {
  const [kind] = name.split('-');
  for (const other of await readdir(cacheFolder())) {
    if (other === name || other.split('-')[0] !== kind || /\.(lock|new)$/.test(other)) continue;
    const home = join(cacheFolder(), other);
    const mtimeMs = await stat(home).then(
      at => at.mtimeMs,
      () => undefined, // another process was faster
    );
    if (mtimeMs !== undefined && systemClock.now() - mtimeMs > UNUSED_MS)
      await rm(home, { recursive: true, force: true });
  }
}

/** Takes the lock. It names the process of its owner; when that has died, the lock is taken over. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), String(process.pid));
    return true;
  } catch {
    const pid = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => '0'));
    if (pid > 0 && !isAlive(pid)) await rm(lock, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
