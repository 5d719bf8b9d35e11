import { SHARED } from '../../api/bundle.ts';
import type { Clock } from '../../runtime/clock.ts';
import { forgetContact, hangUpChannel, ownerOf, storedContacts } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import { channels } from '../ami/queries.ts';
import type { Places } from '../asterisk/base-files.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import { Mailboxes } from './mailboxes.ts';
import { definitions, type Section } from './sections.ts';
import { readOwners, writeOwners } from './state-files.ts';

/**
 * Which object each endpoint belongs to, so that removed ones are disconnected: Asterisk ends neither their calls nor
 * their registrations by itself, and a re-created user would inherit the old phone (features.md T16). An endpoint that is
 * gone, or belongs to another object now, loses its contacts; calls end only when their *user* is gone, whatever the
 * endpoint was called when they began. An object that is only left out for a moment (rejected by Asterisk, or its Secret
 * is gone) is not removed. Kept on disk, so that an agent that was away does not disconnect users who came meanwhile.
 */

/** Endpoint id → uid of the object that it belongs to; `~<uid>` of a user who exists and has no endpoint. */
type Owners = ReadonlyMap<string, string>;

const NOWHERE = '~';

export class EndpointRegistry {
  readonly #stateDir: string;
  readonly #clock: Clock;
  readonly #mailboxes: Mailboxes;
  /** Of which Asterisk may have calls and registrations. */
  #known: Owners = new Map();
  /** Of which it should; undefined until the agent has put something in force. */
  #loaded: Owners | undefined;
  #sections: readonly Section[] = [];
  #wanted: ReadonlySet<string> = new Set();
  #kept: readonly string[] = [];
  /** Contacts may be stored of endpoints that are not known. */
  #mayHaveOrphans = false;
  /** Nothing is left of removed endpoints. */
  #isClean = false;

  constructor(places: Pick<Places, 'state' | 'spool'>, clock: Clock) {
    this.#stateDir = places.state;
    this.#clock = clock;
    this.#mailboxes = new Mailboxes(places);
  }

  /** What an earlier agent left on disk. `good`: what was in force when nothing else is known. */
  async loadState(good: readonly Section[]): Promise<void> {
    this.#known = (await readOwners(this.#stateDir)) ?? endpointOwners(good);
    await this.#mailboxes.loadState(this.#known);
  }

  ids(): string[] {
    return [...(this.#loaded ?? this.#known).keys()].filter(id => !id.startsWith(NOWHERE));
  }

  /** The newest bundle, in force or not: it says which objects exist although it does not have their text. */
  setWanted(bundle: Pick<CompleteBundle, 'manifest' | 'sections'>): void {
    this.#mailboxes.setWanted(bundle);
    const { kept } = bundle.manifest;
    if (kept.join() === this.#kept.join()) return;
    this.#kept = kept;
    this.#isClean = false;
  }

  /** These are in force; `wanted` are uids of objects that may be left out of it but are not removed. */
  setLoaded(sections: readonly Section[], wanted: ReadonlySet<string>): void {
    this.#sections = sections;
    this.#loaded = endpointOwners(sections);
    this.#wanted = wanted;
    this.#isClean = false;
  }

  /** Moves mailboxes of what is in force to their new names. Before Asterisk looks for them, where that can be. */
  async moveMailboxes(): Promise<void> {
    await this.#mailboxes.moveToOwners(this.#sections);
  }

  /** The next clean-up also deletes contacts of unknown endpoints: Asterisk, or the agent, may have been away. */
  checkOrphanedContacts(): void {
    this.#mayHaveOrphans = true;
    this.#isClean = false;
  }

  /** Disconnects removed endpoints. Throws when Asterisk does not answer; what was not done then is done the next time. */
  async cleanupRemoved(client: AmiClient): Promise<void> {
    if (!this.#loaded || this.#isClean) return;
    const stay = remainingOwners(this.#known, this.#loaded, new Set([...this.#wanted, ...this.#kept]));
    const removed = removedEndpoints(this.#known, stay);
    if (this.#mayHaveOrphans) await forgetOrphanedContacts(client, stay);
    if (removed.endpoints.length > 0) await forgetContacts(client, removed.endpoints); // first, so that nobody calls them
    if (removed.users.length > 0) await this.#hangUp(client, new Set(removed.users));
    this.#mayHaveOrphans = false;
    if (!isSame(stay, this.#known)) await writeOwners(this.#stateDir, stay);
    this.#known = stay;
    await this.#mailboxes.moveToOwners(this.#sections);
    this.#isClean = await this.#mailboxes.purge(client, this.#sections);
  }

  /** Asterisk only notes that a channel is to end. One that does not for long is left to whoever counts calls. */
  async #hangUp(client: AmiClient, users: ReadonlySet<string>): Promise<void> {
    const end = this.#clock.monotonic() + TO_HANG_UP_MS;
    const whose = new Map<string, string>();
    for (;;) {
      const names = await channels(client);
      for (const name of names) if (!whose.has(name)) whose.set(name, await this.#owner(client, name));
      const theirs = names.filter(name => users.has(whose.get(name) ?? ''));
      if (theirs.length === 0 || this.#clock.monotonic() >= end) return;
      for (const name of theirs) await hangUpChannel(client, name);
      await this.#clock.sleep(50);
    }
  }

  /** Of a channel that does not say it (its endpoint was an older operator's): whoever had the endpoint last. */
  async #owner(client: AmiClient, channel: string): Promise<string> {
    const endpoint = endpointOf(channel);
    if (endpoint === '') return '';
    return (await ownerOf(client, channel)) || (this.#known.get(endpoint) ?? '');
  }
}

const TO_HANG_UP_MS = 2_000;

function endpointOwners(sections: readonly Section[]): Map<string, string> {
  const uids = new Map(sections.map(section => [section.owner, section.uid || section.owner]));
  return new Map(
    definitions(sections)
      .filter(({ type, owner }) => type === 'endpoint' && owner !== SHARED)
      .map(({ id, owner }) => [id, uids.get(owner) ?? owner]),
  );
}

/** Who is loaded, and who was and is still there, if under no other id now. */
export function remainingOwners(before: Owners, loaded: Owners, still: ReadonlySet<string>): Map<string, string> {
  const present = new Set(loaded.values());
  const absent = [...before].filter(([, uid]) => still.has(uid) && !present.has(uid));
  const kept = absent.map(([id, uid]) => [loaded.has(id) && isUser(id) ? NOWHERE + uid : id, uid] as const);
  return new Map([...kept, ...loaded]);
}

/** Endpoints that are gone or belong to another object now, and users who are gone. A trunk's calls end by themselves. */
export function removedEndpoints(before: Owners, after: Owners): { endpoints: string[]; users: string[] } {
  const present = new Set(after.values());
  const endpoints = [...before].filter(([id, uid]) => !id.startsWith(NOWHERE) && after.get(id) !== uid);
  const users = [...before].filter(([id, uid]) => isUser(id) && uid !== '' && !present.has(uid));
  return { endpoints: endpoints.map(([id]) => id), users: [...new Set(users.map(([, uid]) => uid))] };
}

/** A trunk's id begins with a letter after the `_`, an extension has none. */
function isUser(id: string): boolean {
  return id.startsWith(NOWHERE) || /_[0-9]+$/.test(id);
}

function isSame(one: Owners, other: Owners): boolean {
  return one.size === other.size && [...one].every(([id, uid]) => other.get(id) === uid);
}

/** `PJSIP/acme_1002-0000002a`: an id may have hyphens itself. */
function endpointOf(channel: string): string {
  return /^PJSIP\/(.*)-[0-9a-f]+$/.exec(channel)?.[1] ?? '';
}

async function forgetContacts(client: AmiClient, ids: readonly string[]): Promise<void> {
  const stored = await storedContacts(client);
  for (const id of ids) for (const key of stored.get(id) ?? []) await forgetContact(client, key);
}

async function forgetOrphanedContacts(client: AmiClient, known: Owners): Promise<void> {
  for (const [aor, keys] of await storedContacts(client)) {
    if (known.has(aor)) continue;
    for (const key of keys) await forgetContact(client, key);
  }
}
