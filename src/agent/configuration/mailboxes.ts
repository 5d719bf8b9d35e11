import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleManifest } from '../../api/bundle.ts';
import { forgetPinTries } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import type { Places } from '../asterisk/base-files.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import { definitions, type Section } from './sections.ts';
import { type MailboxNotes, readMailboxNotes, writeMailboxNotes } from './state-files.ts';

/**
 * The folders of mailboxes in the spool, with messages, greetings and PINs. The mailbox of a deleted user stays, unless the
 * SipUser had the annotation to delete it too. That is noted on disk while the user exists, because later bundles do not
 * mention the user, and the note stays until the folder is deleted.
 */
export class Mailboxes {
  readonly #state: string;
  readonly #folder: string;
  #notes: MailboxNotes = { byExtension: {}, purge: [] };
  #bundle: Pick<CompleteBundle, 'manifest' | 'sections'> | undefined;

  constructor({ state, spool }: Pick<Places, 'state' | 'spool'>) {
    this.#state = state;
    this.#folder = join(spool, 'voicemail', 'default');
  }

  /**
   * `owners`: uid by endpoint id. Earlier releases named the folders by extension. Once, it is noted to which user each of
   * these belongs. A folder without a known user stays where it is: the next user of the extension does not get it.
   */
  async loadState(owners: ReadonlyMap<string, string>): Promise<void> {
    const known = await readMailboxNotes(this.#state);
    this.#notes = known ?? { byExtension: await this.#byExtension(owners), purge: [] };
    if (!known) await writeMailboxNotes(this.#state, this.#notes);
  }

  async #byExtension(owners: ReadonlyMap<string, string>): Promise<Record<string, string>> {
    const folders = new Set(await entries(this.#folder));
    const people = [...owners].flatMap(([id, uid]) => {
      const extension = /_([0-9]+)$/.exec(id)?.[1];
      return extension && uid !== '' && folders.has(extension) ? [[extension, uid] as const] : [];
    });
    return Object.fromEntries(people);
  }

  /** Takes in the newest bundle, in force or not. */
  setWanted(bundle: Pick<CompleteBundle, 'manifest' | 'sections'>): void {
    this.#bundle = bundle;
  }

  /** Moves the folders that are named by extension to the mailboxes of their users, if those are in `sections`. */
  async moveToOwners(sections: readonly Section[]): Promise<void> {
    const left = Object.entries(this.#notes.byExtension);
    if (left.length === 0) return;
    const mailboxOf = mailboxesByOwner(sections);
    const rest: [string, string][] = [];
    for (const [extension, uid] of left) {
      const mailbox = mailboxOf.get(uid);
      if (mailbox && !/^[0-9]/.test(mailbox))
        await mergeInto(join(this.#folder, extension), join(this.#folder, mailbox));
      else rest.push([extension, uid]);
    }
    if (rest.length < left.length) await this.#note({ ...this.#notes, byExtension: Object.fromEntries(rest) });
  }

  /** Deletes mailboxes of deleted users. False: a call uses one of them, which is deleted the next time. */
  async purge(client: AmiClient, loaded: readonly Section[]): Promise<boolean> {
    const inBundle = this.#bundle?.manifest.mailboxes;
    if (!this.#bundle || !inBundle) return true;
    const due = leftBehind(this.#notes.purge, inBundle, [...loaded, ...this.#bundle.sections]);
    const purge = [...new Set([...inBundle.purge, ...due])].sort();
    if (purge.join() !== this.#notes.purge.join()) await this.#note({ ...this.#notes, purge });
    if (due.length === 0) return true;
    const busy = await inUse(client);
    const free = due.filter(mailbox => !busy.includes(`${mailbox}@`));
    for (const mailbox of free) {
      await rm(join(this.#folder, mailbox), { recursive: true, force: true });
      await forgetPinTries(client, mailbox);
    }
    if (free.length > 0) await this.#note({ ...this.#notes, purge: purge.filter(mailbox => !free.includes(mailbox)) });
    return free.length === due.length;
  }

  async #note(notes: MailboxNotes): Promise<void> {
    await writeMailboxNotes(this.#state, notes);
    this.#notes = notes;
  }
}

/** Those of the noted mailboxes whose SipUsers do not exist any more. Pure. */
export function leftBehind(
  noted: readonly string[],
  { purge, idle }: NonNullable<BundleManifest['mailboxes']>,
  sections: readonly Section[],
): string[] {
  const present = new Set([...purge, ...idle, ...mailboxes(sections).map(({ id }) => id)]);
  return noted.filter(mailbox => !present.has(mailbox));
}

function mailboxes(sections: readonly Section[]): { id: string; owner: string }[] {
  return definitions(sections).filter(({ type }) => type === 'mailbox');
}

function mailboxesByOwner(sections: readonly Section[]): Map<string, string> {
  const uids = new Map(sections.map(({ owner, uid }) => [owner, uid || owner]));
  return new Map(mailboxes(sections).map(({ id, owner }) => [uids.get(owner) ?? owner, id]));
}

/** The arguments of all dialplan applications that run now, in one text. */
async function inUse(client: AmiClient): Promise<string> {
  const rows = await client.list('CoreShowChannels');
  return rows.map(row => row['ApplicationData'] ?? '').join('\n');
}

/**
 * Moves what is in one folder into another. Each step is one rename, so it can be interrupted anywhere and repeated. A
 * greeting or a PIN that the mailbox already has is newer and is kept.
 */
async function mergeInto(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return;
  if (!(await exists(to))) {
    await rename(from, to);
    return;
  }
  const present = new Set(await entries(to));
  for (const { name, isFolder } of await kinds(from)) {
    if (isFolder) await appendMessages(join(from, name), join(to, name));
    else if (!present.has(name)) await rename(join(from, name), join(to, name));
  }
  await rm(from, { recursive: true, force: true });
}

/** Appends messages to those that are there. The text file of a message is moved last, since Asterisk counts messages by it. */
async function appendMessages(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const files = await entries(from);
  let next = numbersOf(await entries(to)).length;
  for (const number of numbersOf(files)) {
    const own = files.filter(file => file.startsWith(`${number}.`));
    own.sort((a, b) => Number(a.endsWith('.txt')) - Number(b.endsWith('.txt')));
    const name = `msg${String(next).padStart(4, '0')}`;
    for (const file of own) await rename(join(from, file), join(to, `${name}${file.slice(number.length)}`));
    next++;
  }
}

/** The numbers of complete messages (`msg0000`, …). Asterisk numbers them without gaps. */
function numbersOf(files: readonly string[]): string[] {
  return files.flatMap(file => /^(msg[0-9]{4})\.txt$/.exec(file)?.[1] ?? []).sort();
}

async function exists(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
}

async function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function kinds(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const all = await readdir(folder, { withFileTypes: true });
  return all.map(one => ({ name: one.name, isFolder: one.isDirectory() }));
}
