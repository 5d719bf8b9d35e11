import { SHARED } from '../api/bundle.ts';
import type { Clock } from '../runtime/clock.ts';
import { forgetContact, hangUpEndpoint, storedContacts } from './ami/actions.ts';
import type { AmiClient } from './ami/client.ts';
import { channels } from './ami/queries.ts';
import { readOwners, writeOwners } from './files.ts';
import { definitions, type Part } from './sections.ts';

/**
 * Whose each endpoint is, so that those that left are seen off: Asterisk ends neither their calls nor their registrations
 * by itself, and a re-created user would inherit the old phone (features.md T16). Who is only left out for a moment
 * (refused by Asterisk, or a Secret is gone) has not left. On disk, so that an agent that was away does not see off
 * those who came meanwhile.
 */

/** Endpoint id → uid of the object that it is of. */
type Owners = ReadonlyMap<string, string>;

export class Residents {
  readonly #stateDir: string;
  readonly #clock: Clock;
  /** Of whom Asterisk may have calls and registrations. */
  #known: Owners = new Map();
  /** Of whom it should; undefined until something is in force by our word. */
  #loaded: Owners | undefined;
  #wanted: ReadonlySet<string> = new Set();
  #kept: readonly string[] = [];
  #strangers = false;
  #settled = false;

  constructor(stateDir: string, clock: Clock) {
    this.#stateDir = stateDir;
    this.#clock = clock;
  }

  /** `good`: what was in force when nothing else is known. */
  async recall(good: readonly Part[]): Promise<void> {
    this.#known = (await readOwners(this.#stateDir)) ?? endpointOwners(good);
  }

  ids(): string[] {
    return [...(this.#loaded ?? this.#known).keys()];
  }

  /** uids of objects that exist although the bundle does not have them. */
  keep(uids: readonly string[]): void {
    if (uids.join() === this.#kept.join()) return;
    this.#kept = uids;
    this.#settled = false;
  }

  /** These are in force; `wanted` are uids of objects that may be left out of it but have not left. */
  moveIn(parts: readonly Part[], wanted: ReadonlySet<string>): void {
    this.#loaded = endpointOwners(parts);
    this.#wanted = wanted;
    this.#settled = false;
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
    await seeOff(client, gone, this.#clock);
    this.#strangers = false;
    const same = gone.length === 0 && stay.size === this.#known.size;
    if (!same) await writeOwners(this.#stateDir, stay);
    this.#known = stay;
    this.#settled = true;
  }
}

function endpointOwners(parts: readonly Part[]): Map<string, string> {
  const uids = new Map(parts.map(part => [part.owner, part.uid]));
  return new Map(
    definitions(parts)
      .filter(({ type, owner }) => type === 'endpoint' && owner !== SHARED)
      .map(({ id, owner }) => [id, uids.get(owner) ?? '']),
  );
}

/** Who is loaded, and who was and is still there, if under no other id now. */
export function staying(before: Owners, loaded: Owners, still: ReadonlySet<string>): Map<string, string> {
  const present = new Set(loaded.values());
  const absent = [...before].filter(([id, uid]) => !loaded.has(id) && still.has(uid) && !present.has(uid));
  return new Map([...loaded, ...absent]);
}

/** Ids that are gone, or belong to another object now. */
export function leavers(before: Owners, after: Owners): string[] {
  return [...before].filter(([id, uid]) => after.get(id) !== uid).map(([id]) => id);
}

async function seeOff(client: AmiClient, ids: readonly string[], clock: Clock): Promise<void> {
  if (ids.length === 0) return;
  const stored = await storedContacts(client); // first, so that nobody calls the old phone of a re-created user
  for (const id of ids) for (const key of stored.get(id) ?? []) await forgetContact(client, key);
  for (const id of ids) await hangUpEndpoint(client, id);
  await hungUp(client, new Set(ids), clock);
}

const TO_HANG_UP_MS = 2_000;

/** Asterisk only notes that a channel is to end. One that does not for long is left to whoever counts calls. */
async function hungUp(client: AmiClient, ids: ReadonlySet<string>, clock: Clock): Promise<void> {
  const end = clock.monotonic() + TO_HANG_UP_MS;
  while ((await channels(client)).some(({ name }) => ids.has(endpointOf(name))) && clock.monotonic() < end)
    await clock.sleep(50);
}

/** `PJSIP/acme_1002-0000002a`: an id may have hyphens itself. */
function endpointOf(channel: string): string {
  return /^PJSIP\/(.*)-[0-9a-f]+$/.exec(channel)?.[1] ?? '';
}

async function forgetStrangers(client: AmiClient, known: Owners): Promise<void> {
  for (const [aor, keys] of await storedContacts(client)) {
    if (known.has(aor)) continue;
    for (const key of keys) await forgetContact(client, key);
  }
}
