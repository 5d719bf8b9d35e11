import { CONTEXTS, typesWaiting } from '../../api/asterisk-files.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { reload } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import type { Places } from '../asterisk/base-files.ts';
import { changedFiles, moveIn, readTexts } from '../asterisk/config-files.ts';
import type { AsteriskInstallation } from '../asterisk/installation.ts';
import { LogLevels } from '../asterisk/log-levels.ts';
import { MessagesLog } from '../asterisk/messages-log.ts';
import { type Attribution, attributeLog, explanation, missing } from './attribution.ts';
import { type Candidate, sentinel } from './candidate.ts';
import { modulesFor } from './modules.ts';
import { bootCheck } from './preflight.ts';
import { GENERATION, readBack } from './read-back.ts';
import type { AssembledFile, Definition } from './sections.ts';

/**
 * Brings a candidate into Asterisk and finds out what came of it. Asterisk answers "success" to everything
 * (features.md T1), so what counts is what is loaded afterwards. What the log of the live one says meanwhile is no
 * judgement, since callers and strangers write into it: it makes a throw-away Asterisk look first, in whose log nobody
 * else writes, and tells why something is missing.
 */
export interface LoaderOptions {
  readonly places: Places;
  /** Where a throw-away Asterisk lives, on a disk and not in memory. */
  readonly scratch: string;
  readonly installation: AsteriskInstallation;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Rounds of leaving something out before giving up: each round names at least one more object. */
const MAX_ROUNDS = 8;
const RELOAD_DEADLINE_MS = 30_000;

export type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: string };
/** `booted`: it did with this, and still something is wrong. */
type Checked = { readonly ok: true } | { readonly ok: false; readonly error: string; readonly booted: boolean };

export class Loader {
  readonly logLevels: LogLevels;
  readonly #options: LoaderOptions;
  readonly #messages: MessagesLog;
  /** Files on disk that the running Asterisk was not made to read yet. */
  readonly #unread = new Set<string>();
  #lastCheckMs = 0;
  #checking: Promise<unknown> = Promise.resolve();

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.logLevels = new LogLevels(options.log);
    this.#messages = new MessagesLog(options.places, options.clock, options.log);
  }

  /** Applies to a running Asterisk. Restart-class files stay as they are; their names come back in `pending`. */
  live(
    candidate: Candidate,
    client: AmiClient,
    restartFiles: readonly string[],
  ): Promise<Outcome & { pending: string[] }> {
    return this.logLevels.during(client, () => this.#live(candidate, client, restartFiles));
  }

  async #live(
    candidate: Candidate,
    client: AmiClient,
    restartFiles: readonly string[],
  ): Promise<Outcome & { pending: string[] }> {
    let pending: string[] = [];
    let forced = false;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { revision } = candidate;
      const files = candidate.files();
      const from = await this.#messages.size();
      pending = await this.#putOnDisk(files, restartFiles);
      const modules = modulesFor([...this.#unread]);
      for (const module of modules) await reload(client, module, RELOAD_DEADLINE_MS);
      this.#unread.clear();
      const loaded = await readBack(client);
      for (const type of typesWaiting(pending)) loaded.delete(type); // it goes on with those that it has
      const { text } = await this.#messages.since(from, client);
      const found = judge(candidate, loaded, one => explanation(text, one));
      const suspicious = modules.length > 0 && !isEmpty(attributeLog(text, files, candidate.definitions()));
      if (isEmpty(found) && !suspicious) return { ok: true, pending };
      if (modules.length === 0 && !forced) {
        // An agent before us may have put files there and not lived to have them read.
        forced = true;
        for (const name of files.keys()) if (!restartFiles.includes(name)) this.#unread.add(name);
        continue;
      }
      const tried = await this.check(candidate);
      if (candidate.revision !== revision) continue; // that one knows whose fault it is
      if (isEmpty(found)) return tried.ok || !tried.booted ? { ok: true, pending } : { ...tried, pending };
      if (!this.#exclude(candidate, found))
        return { ok: false, error: found.unattributed[0] ?? 'Asterisk did not load everything', pending };
    }
    return { ok: false, error: 'Too many objects were refused', pending };
  }

  /** Writes what an Asterisk that starts will read, but for files that wait for a roll: those come back. */
  async putOnDisk(candidate: Candidate, restartFiles: readonly string[]): Promise<string[]> {
    return this.#putOnDisk(candidate.files(), restartFiles);
  }

  async #putOnDisk(files: ReadonlyMap<string, AssembledFile>, restartFiles: readonly string[]): Promise<string[]> {
    const texts = textsOf(files);
    const changed = changedFiles(texts, await readTexts(this.#options.places.config));
    const now = changed.filter(name => !restartFiles.includes(name));
    for (const name of now) this.#unread.add(name);
    await moveIn(this.#options.places.config, texts, now);
    return changed.filter(name => restartFiles.includes(name));
  }

  /** How long the last check took. */
  get lastCheckMs(): number {
    return this.#lastCheckMs;
  }

  /** Boots a throw-away Asterisk with it until it loads all that is left in. One at a time: the pod has memory for one. */
  check(candidate: Candidate): Promise<Checked> {
    const checked = this.#checking.then(() => this.#timed(candidate));
    this.#checking = checked.catch(() => undefined); // its caller hears of it
    return checked;
  }

  async #timed(candidate: Candidate): Promise<Checked> {
    const { clock } = this.#options;
    const began = clock.monotonic();
    try {
      return await this.#check(candidate);
    } finally {
      this.#lastCheckMs = clock.monotonic() - began;
    }
  }

  async #check(candidate: Candidate): Promise<Checked> {
    const { scratch, installation, clock, log } = this.#options;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { revision } = candidate;
      const files = candidate.files();
      const first = await bootCheck(files, installation, { scratch, clock, log });
      // A port that somebody else took meanwhile, or a busy machine, is not the configuration's fault.
      const result =
        first.booted && first.heard ? first : await bootCheck(files, installation, { scratch, clock, log });
      if (!result.booted) return { ok: false, error: 'A throw-away Asterisk did not boot with it', booted: false };
      const loaded = new Map([...result.loaded].filter(([type]) => type !== 'registration'));
      if (candidate.revision !== revision) continue; // the live Asterisk refused something of it meanwhile
      const attribution = judge(
        candidate,
        loaded,
        ({ type, id }) => `The ${type} ${id} was not loaded`,
        attributeLog(result.log, files, candidate.definitions()),
      );
      if (isEmpty(attribution)) return { ok: true };
      if (!this.#exclude(candidate, attribution))
        return {
          ok: false,
          error: attribution.unattributed[0] ?? 'A throw-away Asterisk did not load everything',
          booted: true,
        };
    }
    return { ok: false, error: 'Too many objects were refused', booted: true };
  }

  #exclude(candidate: Candidate, attribution: Attribution): boolean {
    let changed = false;
    for (const [owner, reason] of attribution.owners) {
      changed = candidate.exclude(owner, reason) || changed;
      this.#options.log.warn({ object: owner, reason }, 'Asterisk refused an object');
    }
    return changed;
  }
}

/**
 * Which object is the cause of what is not there, and `why` in words. `said`: of an Asterisk that nobody else can reach; what it
 * complains of may be loaded all the same.
 */
function judge(
  candidate: Candidate,
  loaded: ReadonlyMap<string, ReadonlySet<string>>,
  why: (missing: Definition) => string,
  said: Attribution = { owners: new Map(), unattributed: [] },
): Attribution {
  const { generation } = candidate;
  const isOld = loaded.get(GENERATION)?.has(generation) === false;
  // An old dialplan lacks what is new, and that is not the fault of what is new.
  const absent = missing(candidate.definitions(), loaded).filter(({ type }) => !isOld || !CONTEXTS.includes(type));
  const owners = new Map(said.owners);
  // When a whole type is missing, the words say why; blaming each of its objects would empty the PBX.
  const whole = new Set(absent.map(({ type }) => type).filter(type => loaded.get(type)?.size === 0));
  for (const one of absent) {
    if (!whole.has(one.type) && !owners.has(one.owner)) owners.set(one.owner, why(one));
  }
  if (owners.size > 0) return { owners, unattributed: [] };
  const unattributed = [...said.unattributed];
  if (whole.size > 0) unattributed.unshift(`Nothing of type ${[...whole].join(', ')} was loaded`);
  const marker = loaded.get('aor');
  if (marker && marker.size > 0 && !marker.has(sentinel(generation)))
    unattributed.push('PJSIP kept its old configuration');
  if (isOld) unattributed.push('The dialplan is not the one of this bundle');
  return { owners, unattributed };
}

function isEmpty({ owners, unattributed }: Attribution): boolean {
  return owners.size === 0 && unattributed.length === 0;
}

function textsOf(files: ReadonlyMap<string, AssembledFile>): Map<string, string> {
  return new Map([...files].map(([name, { text }]) => [name, text]));
}
