import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Section } from './sections.ts';

/** Files on the state volume, which outlive the pod. They are replaced by rename, so that none is ever incomplete. */

/** The last known good configuration: Asterisk has loaded it and boots with it. Later releases must be able to read it. */
export interface GoodConfiguration {
  readonly generation: string;
  readonly parts: readonly Section[];
  readonly sipPort?: number;
  readonly restartFiles?: readonly string[];
  /** Fingerprint of the image that booted with it. */
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

/** uid of the owner by endpoint id; undefined: there is no file. */
export async function readOwners(stateDir: string): Promise<Map<string, string> | undefined> {
  const owners = (await readState(join(stateDir, OWNERS))) as Record<string, string> | undefined;
  return owners && new Map(Object.entries(owners));
}

export async function writeOwners(stateDir: string, owners: ReadonlyMap<string, string>): Promise<void> {
  await writeState(join(stateDir, OWNERS), Object.fromEntries(owners));
}

export interface MailboxNotes {
  /** uid of the user by extension, for folders that are still named by extension. */
  readonly byExtension: Readonly<Record<string, string>>;
  /** Mailboxes that are to be deleted with their SipUsers, until they are. */
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
    return undefined; // an incomplete file, perhaps of a full disk, counts as none
  }
}

async function writeState(path: string, state: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
