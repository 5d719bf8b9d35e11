import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Section } from './sections.ts';

/** What the agent keeps over restarts of the pod, on the state volume. Files move in by rename: never half a file. */

/** The parts that were read back and boot-checked, kept over restarts of the pod. */
export interface GoodConfiguration {
  readonly generation: string;
  readonly parts: readonly Section[];
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
