import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Section } from './sections.ts';

/**
 * Files on the state volume, which outlive the pod. They are replaced by rename, so that none is ever incomplete. One that
 * cannot be read, perhaps because a full disk cut it or a later release wrote it, counts as none.
 */

const sectionSchema = z.object({ file: z.string(), owner: z.string(), uid: z.string(), text: z.string() });

const goodSchema = z.object({
  generation: z.string(),
  parts: z.array(sectionSchema),
  sipPort: z.number().exactOptional(),
  restartFiles: z.array(z.string()).exactOptional(),
  /** Fingerprint of the image that booted with it. */
  provenBy: z.string().exactOptional(),
});

/** The last known good configuration: Asterisk has loaded it and boots with it. Later releases must be able to read it. */
export type GoodConfiguration = Readonly<Omit<z.infer<typeof goodSchema>, 'parts' | 'restartFiles'>> & {
  readonly parts: readonly Section[];
  readonly restartFiles?: readonly string[];
};

const GOOD = 'last-known-good.json';
const OWNERS = 'owners.json';
const MAILBOXES = 'mailboxes.json';
const ownersSchema = z.record(z.string(), z.string());
const mailboxNotesSchema = z.object({ byExtension: z.record(z.string(), z.string()), purge: z.array(z.string()) });

export async function readGood(stateDir: string): Promise<GoodConfiguration | undefined> {
  return readState(join(stateDir, GOOD), goodSchema);
}

export async function writeGood(stateDir: string, good: GoodConfiguration): Promise<void> {
  await writeState(join(stateDir, GOOD), good);
}

/** uid of the owner by endpoint id; undefined: there is no file. */
export async function readOwners(stateDir: string): Promise<Map<string, string> | undefined> {
  const owners = await readState(join(stateDir, OWNERS), ownersSchema);
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
  return readState(join(stateDir, MAILBOXES), mailboxNotesSchema);
}

export async function writeMailboxNotes(stateDir: string, notes: MailboxNotes): Promise<void> {
  await writeState(join(stateDir, MAILBOXES), notes);
}

async function readState<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function writeState(path: string, state: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
