import { SHARED } from '../../api/bundle.ts';
import type { Clock } from '../../runtime/clock.ts';
import { forgetContact, hangUpChannel, ownerOf, storedContacts } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import { channels } from '../ami/queries.ts';
import type { Places } from '../asterisk/base-files.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import { Mailboxes } from './mailboxes.ts';
import { definitions, type Part } from './sections.ts';
import { readOwners, writeOwners } from './state-files.ts';

/**
 * Whose each endpoint is, so that those that left are seen off: Asterisk ends neither their calls nor their registrations
 * by itself, and a re-created user would inherit the old phone (features.md T16). An endpoint that is gone, or another's,
 * loses its contacts; calls end only when their *user* is gone, whatever her endpoint was called when they began. Who is
 * only left out for a moment (refused by Asterisk, or a Secret is gone) has not left. On disk, so that an agent that was
 * away does not see off those who came meanwhile.
 */

/** Endpoint id → uid of the object that it is of; `~<uid>` of a user who is there and has none. */
type Owners = ReadonlyMap<string, string>;

const NOWHERE = '~';

export class Residents {
  readonly #stateDir: string;
  readonly #clock: Clock;
  readonly #mailboxes: Mailboxes;
  /** Of whom Asterisk may have calls and registrations. */
  #known: Owners = new Map();
  /** Of whom it should; undefined until something is in force by our word. */
  #loaded: Owners | undefined;
  #parts: readonly Part[] = [];
  #wanted: ReadonlySet<string> = new Set();
  #kept: readonly string[] = [];
  #strangers = false;
  #settled = false;

  constructor(places: Pick<Places, 'state' | 'spool'>, clock: Clock) {
    this.#stateDir = places.state;
    this.#clock = clock;
    this.#mailboxes = new Mailboxes(places);
  }

  /** `good`: what was in force when nothing else is known. */
  async recall(good: readonly Part[]): Promise<void> {
    this.#known = (await readOwners(this.#stateDir)) ?? endpointOwners(good);
    await this.#mailboxes.recall(this.#known);
  }

  ids(): string[] {
    return [...(this.#loaded ?? this.#known).keys()].filter(id => !id.startsWith(NOWHERE));
  }

  /** The newest bundle, in force or not: who exists although it does not have them. */
  hear(bundle: Pick<CompleteBundle, 'manifest' | 'parts'>): void {
    this.#mailboxes.hear(bundle);
    const { kept } = bundle.manifest;
    if (kept.join() === this.#kept.join()) return;
    this.#kept = kept;
    this.#settled = false;
  }

  /** These are in force; `wanted` are uids of objects that may be left out of it but have not left. */
  moveIn(parts: readonly Part[], wanted: ReadonlySet<string>): void {
    this.#parts = parts;
    this.#loaded = endpointOwners(parts);
    this.#wanted = wanted;
    this.#settled = false;
  }

  /** Of those who are in force, from under another name. Before Asterisk looks for them, where that can be. */
  async bringMailboxes(): Promise<void> {
    await this.#mailboxes.bring(this.#parts);
  }

  /** The next time, also contacts of nobody are dropped: Asterisk may have been, or we may have been, away. */
  suspectStrangers(): void {
    this.#strangers = true;
    this.#settled = false;
  }

  /** Sees off who left. Throws when Asterisk does not answer; what was not done then is done the next time. */
  async settle(client: AmiClient): Promise<void> {
    if (!this.#loaded || this.#settled) return;
    const stay = staying(this.#known, this.#loaded, new Set([...this.#wanted, ...this.#kept]));
    const gone = leavers(this.#known, stay);
    if (this.#strangers) await forgetStrangers(client, stay);
    if (gone.endpoints.length > 0) await forgetContacts(client, gone.endpoints); // first, so that nobody calls them
    if (gone.people.length > 0) await this.#hangUp(client, new Set(gone.people));
    this.#strangers = false;
    if (!isSame(stay, this.#known)) await writeOwners(this.#stateDir, stay);
    this.#known = stay;
    await this.#mailboxes.bring(this.#parts);
    this.#settled = await this.#mailboxes.settle(client, this.#parts);
  }

  /** Asterisk only notes that a channel is to end. One that does not for long is left to whoever counts calls. */
  async #hangUp(client: AmiClient, people: ReadonlySet<string>): Promise<void> {
    const end = this.#clock.monotonic() + TO_HANG_UP_MS;
    const whose = new Map<string, string>();
    for (;;) {
      const names = await channels(client);
      for (const name of names) if (!whose.has(name)) whose.set(name, await this.#owner(client, name));
      const theirs = names.filter(name => people.has(whose.get(name) ?? ''));
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

function endpointOwners(parts: readonly Part[]): Map<string, string> {
  const uids = new Map(parts.map(part => [part.owner, part.uid || part.owner]));
  return new Map(
    definitions(parts)
      .filter(({ type, owner }) => type === 'endpoint' && owner !== SHARED)
      .map(({ id, owner }) => [id, uids.get(owner) ?? owner]),
  );
}

/** Who is loaded, and who was and is still there, if under no other id now. */
export function staying(before: Owners, loaded: Owners, still: ReadonlySet<string>): Map<string, string> {
  const present = new Set(loaded.values());
  const absent = [...before].filter(([, uid]) => still.has(uid) && !present.has(uid));
  const kept = absent.map(([id, uid]) => [loaded.has(id) && isPerson(id) ? NOWHERE + uid : id, uid] as const);
  return new Map([...kept, ...loaded]);
}

/** Endpoints that are gone or belong to another object now, and people who are gone. A trunk's calls end by themselves. */
export function leavers(before: Owners, after: Owners): { endpoints: string[]; people: string[] } {
  const present = new Set(after.values());
  const endpoints = [...before].filter(([id, uid]) => !id.startsWith(NOWHERE) && after.get(id) !== uid);
  const people = [...before].filter(([id, uid]) => isPerson(id) && uid !== '' && !present.has(uid));
  return { endpoints: endpoints.map(([id]) => id), people: [...new Set(people.map(([, uid]) => uid))] };
}

/** A trunk's id begins with a letter after the `_`, an extension has none. */
function isPerson(id: string): boolean {
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

async function forgetStrangers(client: AmiClient, known: Owners): Promise<void> {
  for (const [aor, keys] of await storedContacts(client)) {
    if (known.has(aor)) continue;
    for (const key of keys) await forgetContact(client, key);
  }
}
