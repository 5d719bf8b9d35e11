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
  /** Owners of the endpoints that Asterisk may have calls and registrations of. */
  #known: Owners = new Map();
  /** The same as it is on disk. */
  #stored: Owners = this.#known;
  /** Owners of the endpoints in force; undefined until the agent has put a configuration in force. */
  #loaded: Owners | undefined;
  #sections: readonly Section[] = [];
  #wanted: ReadonlySet<string> = new Set();
  #kept: readonly string[] = [];
  /** Whether Asterisk may have stored contacts of unknown endpoints. */
  #mayHaveOrphans = false;
  /** Whether nothing is left of removed endpoints. */
  #isClean = false;

  constructor(places: Pick<Places, 'state' | 'spool'>, clock: Clock) {
    this.#stateDir = places.state;
    this.#clock = clock;
    this.#mailboxes = new Mailboxes(places);
  }

  /** Reads what an earlier agent kept on disk. `good`: what was in force, if there is nothing on disk. */
  async loadState(good: readonly Section[]): Promise<void> {
    this.#known = (await readOwners(this.#stateDir)) ?? endpointOwners(good);
    this.#stored = this.#known;
    await this.#mailboxes.loadState(this.#known);
  }

  ids(): string[] {
    return [...(this.#loaded ?? this.#known).keys()].filter(id => !id.startsWith(NOWHERE));
  }

  /** Takes in the newest bundle, in force or not: its manifest names objects that exist but are not rendered. */
  setWanted(bundle: Pick<CompleteBundle, 'manifest' | 'sections'>): void {
    this.#mailboxes.setWanted(bundle);
    const { kept } = bundle.manifest;
    if (kept.join() === this.#kept.join()) return;
    this.#kept = kept;
    this.#isClean = false;
  }

  /** Takes in what is in force. `wanted`: uids of objects that exist, even if they are left out of it. */
  setLoaded(sections: readonly Section[], wanted: ReadonlySet<string>): void {
    this.#sections = sections;
    this.#loaded = endpointOwners(sections);
    this.#wanted = wanted;
    this.#isClean = false;
  }

  /** Moves the mailboxes of users in force to their new names. If possible before Asterisk looks for them. */
  async moveMailboxes(): Promise<void> {
    await this.#mailboxes.moveToOwners(this.#sections);
  }

  /** Has the next clean-up delete contacts of unknown endpoints too, since Asterisk or the agent may have been away. */
  checkOrphanedContacts(): void {
    this.#mayHaveOrphans = true;
    this.#isClean = false;
  }

  /**
   * Disconnects removed endpoints, and brings disks up to date. Throws when Asterisk does not answer, or when a disk cannot be
   * written; the next call does the rest.
   */
  async cleanupRemoved(client: AmiClient): Promise<void> {
    if (!this.#loaded || this.#isClean) return;
    await this.disconnectRemoved(client);
    if (!isSame(this.#known, this.#stored)) await writeOwners(this.#stateDir, this.#known);
    this.#stored = this.#known;
    await this.#mailboxes.moveToOwners(this.#sections);
    this.#isClean = await this.#mailboxes.purge(client, this.#sections);
  }

  /** Disconnects removed endpoints. Throws when Asterisk does not answer; the next call does the rest. */
  async disconnectRemoved(client: AmiClient): Promise<void> {
    if (!this.#loaded || this.#isClean) return;
    const stay = remainingOwners(this.#known, this.#loaded, new Set([...this.#wanted, ...this.#kept]));
    const removed = removedEndpoints(this.#known, stay);
    if (this.#mayHaveOrphans) await forgetOrphanedContacts(client, stay);
    if (removed.endpoints.length > 0) await forgetContacts(client, removed.endpoints); // first, so that nobody calls them
    if (removed.users.length > 0) await this.#hangUp(client, new Set(removed.users));
    this.#mayHaveOrphans = false;
    this.#known = stay;
  }

  /** Asterisk ends a channel some time after the request. This waits for it, but not for one that does not end for long. */
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

  /** The owner of a channel. One that was begun under an older operator does not name it: then the last owner of its endpoint. */
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

/**
 * The owners after a change: those that are loaded, and those from before that still exist but are not loaded. A user of
 * these whose endpoint id another user has now is kept without an endpoint.
 */
export function remainingOwners(before: Owners, loaded: Owners, still: ReadonlySet<string>): Map<string, string> {
  const present = new Set(loaded.values());
  const absent = [...before].filter(([, uid]) => still.has(uid) && !present.has(uid));
  const kept = absent.map(([id, uid]) => [loaded.has(id) && isUser(id) ? NOWHERE + uid : id, uid] as const);
  return new Map([...kept, ...loaded]);
}

/** Endpoints that are gone or have another owner now, and users who are gone. Calls of trunks are left to end by themselves. */
export function removedEndpoints(before: Owners, after: Owners): { endpoints: string[]; users: string[] } {
  const present = new Set(after.values());
  const endpoints = [...before].filter(([id, uid]) => !id.startsWith(NOWHERE) && after.get(id) !== uid);
  const users = [...before].filter(([id, uid]) => isUser(id) && uid !== '' && !present.has(uid));
  return { endpoints: endpoints.map(([id]) => id), users: [...new Set(users.map(([, uid]) => uid))] };
}

/** Whether an id is that of a user: the part after the `_` is an extension, and not the name of a trunk. */
function isUser(id: string): boolean {
  return id.startsWith(NOWHERE) || /_[0-9]+$/.test(id);
}

function isSame(one: Owners, other: Owners): boolean {
  return one.size === other.size && [...one].every(([id, uid]) => other.get(id) === uid);
}

/** The endpoint of a channel such as `PJSIP/acme_1002-0000002a`. Endpoint ids may have hyphens too. */
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
