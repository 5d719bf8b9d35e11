import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MESSAGES, PROBLEMS } from './base-files.ts';
import type { Part } from './sections.ts';

/** Asterisk's configuration directory and the last known good, on disk. Files move in by rename: never half a file. */

export async function readTexts(directory: string): Promise<Map<string, string>> {
  const names = await readdir(directory).catch(() => [] as string[]);
  const files = names.filter(name => name.endsWith('.conf'));
  const texts = await Promise.all(
    files.map(async name => [name, await readFile(join(directory, name), 'utf8')] as const),
  );
  return new Map(texts);
}

/** Names of the files whose text differs from what is on disk. */
export function changedFiles(wanted: ReadonlyMap<string, string>, present: ReadonlyMap<string, string>): string[] {
  return [...wanted]
    .filter(([name, text]) => present.get(name) !== text)
    .map(([name]) => name)
    .sort();
}

export async function moveIn(
  directory: string,
  texts: ReadonlyMap<string, string>,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    await writeFile(`${path}.new`, texts.get(name) ?? '', { mode: 0o600 });
    await chmod(`${path}.new`, 0o600);
    await rename(`${path}.new`, path);
  }
}

/** The parts that were read back and boot-checked, kept over restarts of the pod. */
export interface GoodConfiguration {
  readonly generation: string;
  readonly parts: readonly Part[];
  readonly sipPort?: number;
  readonly restartFiles?: readonly string[];
  /** The fingerprint under which that was found. */
  readonly provenBy?: string;
}

const GOOD = 'last-known-good.json';
const OWNERS = 'owners.json';
const MAILBOXES = 'mailboxes.json';

export async function readGood(stateDir: string): Promise<GoodConfiguration | undefined> {
  return (await readState(join(stateDir, GOOD))) as GoodConfiguration | undefined;
}

export async function writeGood(stateDir: string, good: GoodConfiguration): Promise<void> {
  await writeState(join(stateDir, GOOD), good);
}

/** Endpoint id → uid. */
export async function readOwners(stateDir: string): Promise<Map<string, string> | undefined> {
  const owners = (await readState(join(stateDir, OWNERS))) as Record<string, string> | undefined;
  return owners && new Map(Object.entries(owners));
}

export async function writeOwners(stateDir: string, owners: ReadonlyMap<string, string>): Promise<void> {
  await writeState(join(stateDir, OWNERS), Object.fromEntries(owners));
}

export interface MailboxNotes {
  /** Extension → uid of who had the folder by that name; what is done is not there any more. */
  readonly byExtension: Readonly<Record<string, string>>;
  /** Mailboxes that go when their SipUsers do, until they are gone. */
  readonly purge: readonly string[];
}

export async function readMailboxNotes(stateDir: string): Promise<MailboxNotes | undefined> {
  return (await readState(join(stateDir, MAILBOXES))) as MailboxNotes | undefined;
}

export async function writeMailboxNotes(stateDir: string, notes: MailboxNotes): Promise<void> {
  await writeState(join(stateDir, MAILBOXES), notes);
}

async function readState(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // half a file from a full disk: as if there were none
  }
}

async function writeState(path: string, state: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

const TAIL_BYTES = 64 * 1024;
const MAX_LOG_BYTES = 8 * 1024 * 1024;
const OLD_LOG = new RegExp(`^(${MESSAGES}|${PROBLEMS})\\.\\d+$`);

/** The end of a log; empty when there is none. */
export async function logTail(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}

/** Keeps Asterisk's logs from filling the volume: `rotate` makes it begin new files, and old ones go. */
export async function boundLog(directory: string, rotate: () => Promise<unknown>): Promise<void> {
  const sizes = await Promise.all(
    [MESSAGES, PROBLEMS].map(name => stat(join(directory, name)).catch(() => ({ size: 0 }))),
  );
  if (sizes.every(({ size }) => size < MAX_LOG_BYTES)) return;
  await rotate();
  const old = (await readdir(directory)).filter(name => OLD_LOG.test(name));
  for (const name of old) await rm(join(directory, name), { force: true });
}
