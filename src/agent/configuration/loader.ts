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
 * Loads a candidate into Asterisk and finds out whether it worked. Asterisk answers "success" to every reload (features.md
 * T1), so it is asked afterwards which objects it has. A complaint in the log of the live Asterisk proves nothing, because
 * callers can write into that log: it only has a throw-away Asterisk check the candidate, whose log nobody else writes
 * into. For a missing object the log of the live one gives the reason.
 */
export interface LoaderOptions {
  readonly places: Places;
  /** Directory for throw-away Asterisks, on a disk and not in memory. */
  readonly scratch: string;
  readonly installation: AsteriskInstallation;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Attempts with fewer and fewer objects before giving up. Each one excludes at least one more object. */
const MAX_ROUNDS = 8;
const RELOAD_DEADLINE_MS = 30_000;

export type Outcome = { readonly ok: true } | { readonly ok: false; readonly error: string };
/** `booted`: Asterisk booted, and still something is wrong. */
type Checked = { readonly ok: true } | { readonly ok: false; readonly error: string; readonly booted: boolean };

export class Loader {
  readonly logLevels: LogLevels;
  readonly #options: LoaderOptions;
  readonly #messages: MessagesLog;
  /** Files that changed on disk since the running Asterisk was made to read them. */
  readonly #unread = new Set<string>();
  #lastCheckMs = 0;
  #checking: Promise<unknown> = Promise.resolve();

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.logLevels = new LogLevels(options.log);
    this.#messages = new MessagesLog(options.places, options.clock, options.log);
  }

  /** Loads a candidate into a running Asterisk. `restartFiles` are not written; those that differ come back in `pending`. */
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
      for (const type of typesWaiting(pending)) loaded.delete(type); // until the roll it has the old ones
      const { text } = await this.#messages.since(from, client);
      const found = attribute(candidate, loaded, one => explanation(text, one));
      const suspicious = modules.length > 0 && !isEmpty(attributeLog(text, files, candidate.definitions()));
      if (isEmpty(found) && !suspicious) return { ok: true, pending };
      if (modules.length === 0 && !forced) {
        // An agent that ended may have written files that Asterisk did not read yet.
        forced = true;
        for (const name of files.keys()) if (!restartFiles.includes(name)) this.#unread.add(name);
        continue;
      }
      const tried = await this.check(candidate);
      if (candidate.revision !== revision) continue; // the check has excluded the cause
      if (isEmpty(found)) return tried.ok || !tried.booted ? { ok: true, pending } : { ...tried, pending };
      if (!this.#exclude(candidate, found))
        return { ok: false, error: found.unattributed[0] ?? 'Asterisk did not load everything', pending };
    }
    return { ok: false, error: 'Too many objects were refused', pending };
  }

  /** Writes the files that an Asterisk that starts will read, except `restartFiles`; those that differ are returned. */
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

  /**
   * Boots a throw-away Asterisk with a candidate, and excludes objects until it loads all that is left. One at a time,
   * because the pod has memory for one only.
   */
  check(candidate: Candidate): Promise<Checked> {
    const checked = this.#checking.then(() => this.#timed(candidate));
    this.#checking = checked.catch(() => undefined); // the caller gets the error
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
      // The second try is for other causes than the configuration: a port that was taken meanwhile, or a busy machine.
      const result =
        first.booted && first.heard ? first : await bootCheck(files, installation, { scratch, clock, log });
      if (!result.booted) return { ok: false, error: 'A throw-away Asterisk did not boot with it', booted: false };
      const loaded = new Map([...result.loaded].filter(([type]) => type !== 'registration'));
      if (candidate.revision !== revision) continue; // meanwhile an object was excluded because of the live Asterisk
      const attribution = attribute(
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
 * Attributes what is missing to objects; `why` gives the reason. `said`: complaints of a throw-away Asterisk, which count even
 * if the object was loaded.
 */
function attribute(
  candidate: Candidate,
  loaded: ReadonlyMap<string, ReadonlySet<string>>,
  why: (missing: Definition) => string,
  said: Attribution = { owners: new Map(), unattributed: [] },
): Attribution {
  const { generation } = candidate;
  const isOld = loaded.get(GENERATION)?.has(generation) === false;
  // If the dialplan was not reloaded at all, no single extension is the cause.
  const absent = missing(candidate.definitions(), loaded).filter(({ type }) => !isOld || !CONTEXTS.includes(type));
  const owners = new Map(said.owners);
  // When all objects of a type are missing, none of them is the cause: to exclude each would empty the PBX.
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
