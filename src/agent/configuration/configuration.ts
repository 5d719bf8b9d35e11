import type { AgentReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AmiClient } from '../ami/client.ts';
import type { Places } from '../asterisk/base-files.ts';
import { Backoff } from './backoff.ts';
import { type CompleteBundle, IncompleteBundleError, UnknownBundleError } from './bundle-reader.ts';
import { brokenPromise, Candidate } from './candidate.ts';
import { type Current, currentOf, currentOfGood, goodOf, isSame, uidsOf } from './current.ts';
import type { Loader, Outcome } from './loader.ts';
import { Residents } from './residents.ts';
import type { Part } from './sections.ts';
import {
  BOOTS,
  configurationReport,
  dueFor,
  GOOD_IN_FORCE,
  generationIn,
  INITIAL,
  isBundle,
  isSettled,
  type Rejection,
  type Result,
  type State,
} from './state.ts';
import { readGood, writeGood } from './state-files.ts';
import { type Event, type Fallback, next } from './transitions.ts';

/**
 * Brings what is wanted into force: asks the loader, keeps the last known good, and tells the outcomes to the state
 * (`state.ts`). What works is kept as the last known good; what does not and cannot be blamed on an object makes way for it.
 */
interface ConfigurationOptions {
  readonly places: Places;
  readonly log: Logger;
  readonly clock: Clock;
  /** Of the image; without one nothing counts as proven before. */
  readonly fingerprint?: string | undefined;
}

export class Configuration {
  readonly #loader: Loader;
  readonly #places: Places;
  readonly #log: Logger;
  readonly #fingerprint: string | undefined;
  readonly #residents: Residents;
  readonly #clock: Clock;
  readonly #retries = new Backoff({ firstMs: 60_000, mostMs: 3_600_000 });
  #state: State = INITIAL;
  /** One at a time changes files or Asterisk. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(loader: Loader, { places, log, clock, fingerprint }: ConfigurationOptions) {
    this.#loader = loader;
    this.#places = places;
    this.#log = log;
    this.#fingerprint = fingerprint;
    this.#clock = clock;
    this.#residents = new Residents(places, clock);
  }

  #tell(event: Event): void {
    this.#state = next(this.#state, event);
  }

  /** The same, where another configuration is in force after it, or the same one without some objects. */
  #put(event: Event): void {
    this.#tell(event);
    const current = this.#current;
    if (current) this.#residents.moveIn(current.candidate.parts(), current.wanted);
  }

  get #current(): Current | undefined {
    const { inForce } = this.#state;
    return inForce.is === 'Nothing' ? undefined : inForce.current;
  }

  /** `sequence`: the highest that was taken. */
  report(sequence?: number): Pick<AgentReport, 'bundle' | 'restartSafe' | 'quarantined'> {
    return configurationReport(this.#state, sequence);
  }

  trunkIds(): string[] {
    return this.#residents.ids().filter(id => /_t-/.test(id));
  }

  sipPort(): number | undefined {
    return this.#current?.sipPort ?? this.#state.good?.sipPort;
  }

  /** Notes that the directory holds no complete bundle; an error of another kind is not ours to swallow. */
  note(error: unknown): undefined {
    if (!(error instanceof IncompleteBundleError)) throw error;
    if (!(error instanceof UnknownBundleError)) return;
    this.#tell({ is: 'UnreadableBundleCame', generation: error.generation, failure: error.message });
  }

  async recall(): Promise<void> {
    const good = await readGood(this.#places.state);
    this.#tell({ is: 'StateRead', good });
    await this.#residents.recall(good?.parts ?? []);
  }

  /**
   * Before a boot: puts files in place that a throw-away Asterisk booted with, now or, the very same ones and of this very
   * image, in an earlier life. False: nothing of the kind yet.
   */
  async boot(bundle: CompleteBundle): Promise<boolean> {
    const { manifest, parts } = bundle;
    const { generation } = manifest;
    this.#want(bundle);
    const promise = brokenPromise(manifest, parts);
    const candidate = new Candidate(generation, parts, this.#state.good?.parts ?? []);
    if (promise === undefined && this.#wasProven(candidate)) {
      this.#log.info({ generation }, 'Started with what an Asterisk of this image booted with before');
      // so it is read back from the live one, and checked after that
      await this.#install({ current: currentOf(candidate, bundle), isUnread: true, restartSafe: BOOTS });
      return true;
    }
    const outcome: Outcome = promise === undefined ? await this.#boots(candidate) : { ok: false, error: promise };
    if (outcome.ok) {
      await this.#install({ current: currentOf(candidate, bundle), isUnread: false, restartSafe: BOOTS });
      return true;
    }
    const { error } = outcome;
    const rejection: Rejection =
      promise === undefined ? { is: 'Suspect', generation, error, bundle } : { is: 'Rejected', generation, error };
    this.#tell({ is: 'RejectedBeforeBoot', rejection });
    this.#log.error({ reason: error }, 'Refused a bundle before boot');
    return this.bootGood(parts);
  }

  /** An Asterisk of this very image booted with the very same files before. */
  #wasProven(candidate: Candidate): boolean {
    const good = this.#isProven() && this.#lastGood();
    return !!good && isSame(candidate, good.candidate);
  }

  /** An Asterisk of this very image booted with the last known good. */
  #isProven(): boolean {
    const { good } = this.#state;
    return good?.provenBy !== undefined && good.provenBy === this.#fingerprint;
  }

  /** Before a boot, as long as there is no bundle to boot with: the last known good. */
  async bootGood(wanted?: readonly Part[]): Promise<boolean> {
    const good = this.#lastGood(wanted);
    if (!good || !(this.#isProven() || (await this.#loader.check(good.candidate)).ok)) return false;
    await this.#install({ current: good, isUnread: false, restartSafe: GOOD_IN_FORCE });
    return true;
  }

  async #install(installed: Omit<Extract<Event, { is: 'Installed' }>, 'is'>): Promise<void> {
    await this.#loader.putOnDisk(installed.current.candidate, []);
    this.#put({ is: 'Installed', ...installed });
    await this.#residents.bringMailboxes().catch((error: unknown) => {
      this.#log.error({ err: error }, 'Failed to bring mailboxes to their owners, trying again later');
    });
    await this.#keep(installed.current);
  }

  /** Applies a bundle to the running Asterisk. Undefined: nothing to do. Throws when Asterisk does not answer. */
  apply(bundle: CompleteBundle, client: AmiClient): Promise<Result | undefined> {
    return this.inTurn(async () => {
      this.#want(bundle);
      const due = dueFor(this.#state);
      if (due === 'Load') await this.#load(bundle, client);
      else if (due === 'Reapply') await this.#again(client);
      await this.#settle(client);
      const { pendingResult } = this.#state;
      this.#tell({ is: 'ResultTold' });
      return pendingResult;
    });
  }

  #want(bundle: CompleteBundle): void {
    this.#tell({ is: 'BundleCame', bundle });
    this.#residents.hear(bundle);
  }

  async #load(bundle: CompleteBundle, client: AmiClient): Promise<void> {
    this.#tell({ is: 'LoadBegan' });
    const { manifest, parts } = bundle;
    const { generation, restartFiles } = manifest;
    const promise = brokenPromise(manifest, parts);
    if (promise !== undefined) return this.#revert(bundle, promise, client);
    const candidate = new Candidate(
      generation,
      parts,
      this.#current?.candidate.parts() ?? this.#state.good?.parts ?? [],
    );
    let outcome: Outcome & { pending: string[] };
    try {
      outcome = await this.#loader.live(candidate, client, restartFiles);
    } catch (error) {
      this.#tell({ is: 'LoadFailed' }); // it may have read the new files
      // An Asterisk that dies of it, or is killed because it hangs, starts with what worked.
      const before = this.#current ?? this.#lastGood();
      if (before) await this.#loader.putOnDisk(before.candidate, before.restartFiles);
      throw error;
    }
    if (!outcome.ok) return this.#revert(bundle, outcome.error, client);
    this.#put({ is: 'Loaded', current: currentOf(candidate, bundle), restartPending: outcome.pending });
    this.#log.info({ generation, quarantined: candidate.quarantined().length }, 'Loaded a bundle');
  }

  /** What is in force by our word, into the live Asterisk. */
  async #again(client: AmiClient): Promise<void> {
    const current = this.#current;
    if (!current) return;
    const outcome = await this.#loader.live(current.candidate, client, current.restartFiles);
    this.#put({ is: 'Reapplied', ok: outcome.ok, restartPending: outcome.pending });
    if (!outcome.ok) throw new Error(`Failed to bring back what worked: ${outcome.error}`);
  }

  /** After Asterisk was found: calls and contacts of endpoints that are no longer, or no longer the same. */
  greet(client: AmiClient): Promise<void> {
    return this.inTurn(async () => {
      this.#residents.suspectStrangers();
      await this.#settle(client);
    });
  }

  async #settle(client: AmiClient): Promise<void> {
    await this.#residents.settle(client);
    this.#tell({ is: 'CleanedUp' });
  }

  /** A bundle with which Asterisk stops answering, time after time: what worked comes back. */
  giveUp(bundle: CompleteBundle, error: string, client?: AmiClient): Promise<void> {
    return this.inTurn(async () => {
      const { generation } = bundle.manifest;
      const { inForce, rejected } = this.#state;
      if (rejected?.generation === generation) return; // what worked is on its way back
      if (generationIn(inForce) !== generation) await this.#revert(bundle, error, client);
      else this.#tell({ is: 'CleanedUp' }); // only who left is still there, and is tried again
    });
  }

  /** Why what is wanted is not in force yet, although it is tried again. */
  failed(generation: string, failure: string): void {
    this.#tell({ is: 'ApplyFailed', generation, failure });
  }

  async #revert({ manifest: { generation }, parts }: CompleteBundle, error: string, client?: AmiClient): Promise<void> {
    this.#log.error({ generation, reason: error }, 'Refused a bundle');
    const fallback = this.#current ? { ...this.#current, wanted: uidsOf(parts) } : this.#lastGood(parts);
    const to = fallback && (await this.#onDisk(fallback));
    this.#put({ is: 'Reverted', generation, error, to });
    if (to && client) await this.#again(client);
  }

  async #onDisk(current: Current): Promise<Fallback> {
    return { current, restartPending: await this.#loader.putOnDisk(current.candidate, current.restartFiles) };
  }

  /** Nothing is left to check. */
  get settled(): boolean {
    return isSettled(this.#state);
  }

  /** The restart check. True: what is in force is another now, or may be; apply again. */
  async check(): Promise<boolean> {
    const { rejected } = this.#state;
    if (rejected?.is === 'Suspect') return this.#reconsider(rejected.bundle);
    const current = this.#current;
    if (!current) return false;
    const before = current.candidate.revision;
    const outcome = await this.#boots(current.candidate);
    if (outcome.ok) await this.#keep(current);
    if (this.#current !== current) return false; // a newer one came meanwhile and is checked by itself
    const isOther = outcome.ok && current.candidate.revision !== before;
    const restartSafe = outcome.ok ? BOOTS : ({ status: 'False', message: outcome.error } as const);
    this.#tell({ is: 'Checked', current, restartSafe, isOther });
    return outcome.ok || !outcome.byItself ? isOther : this.#retreat(current, outcome.error);
  }

  /**
   * What was refused need not be for ever: the machine was busy, or another object that stood in its way has gone. Now and
   * then a throw-away Asterisk is asked, and nothing is written unless it takes more than before. True: apply again.
   */
  async retry(): Promise<boolean> {
    const { wanted, good } = this.#state;
    if (!isBundle(wanted) || !this.settled) return false;
    const { manifest, parts } = wanted.bundle;
    const { generation } = manifest;
    if (this.#leftOut(generation) === 0) return false;
    const now = this.#clock.monotonic();
    const isNew = this.#retries.times(generation) === 0;
    if (this.#retries.leftMs(generation, now) > 0) return false;
    this.#retries.later(generation, now);
    if (isNew || brokenPromise(manifest, parts) !== undefined) return false;
    const fresh = new Candidate(generation, parts, good?.parts ?? []);
    const isLess = (): boolean => fresh.quarantined().length < this.#leftOut(generation);
    if (!isLess() || !(await this.#loader.check(fresh)).ok || !isLess()) return false;
    if (!isBundle(this.#state.wanted, generation)) return false;
    this.#tell({ is: 'RetryBooted', generation });
    this.#log.warn({ generation }, 'Took up again what had been refused');
    return true;
  }

  /** How many objects of it are not in force. */
  #leftOut(generation: string): number {
    const { inForce, rejected } = this.#state;
    if (rejected?.generation === generation) return Number.POSITIVE_INFINITY;
    return generationIn(inForce) === generation ? (this.#current?.candidate.quarantined().length ?? 0) : 0;
  }

  /** A busy machine must not keep a bundle out of force for good. */
  async #reconsider({ manifest: { generation }, parts }: CompleteBundle): Promise<boolean> {
    const outcome = await this.#loader.check(new Candidate(generation, parts, this.#state.good?.parts ?? []));
    if (!outcome.ok || this.#state.rejected?.generation !== generation) return false;
    this.#log.warn({ generation }, 'Took up a bundle that did not boot before');
    this.#tell({ is: 'SuspectBooted', generation });
    return true;
  }

  /**
   * Whether an Asterisk boots with it, or would by itself: a machine on which what worked does not boot either, or on
   * which it boots the second time, says nothing of what is new.
   */
  async #boots(candidate: Candidate): Promise<Outcome & { readonly byItself: boolean }> {
    const outcome = await this.#loader.check(candidate);
    const good = outcome.ok ? undefined : this.#lastGood();
    if (outcome.ok || !good || good.candidate.generation === candidate.generation)
      return { ...outcome, byItself: true };
    const control = await this.#loader.check(good.candidate);
    if (control.ok) return { ...(await this.#loader.check(candidate)), byItself: true };
    this.#log.warn(
      { reason: control.error, refused: outcome.error },
      'Found no configuration that boots, checking again later',
    );
    return { ...outcome, byItself: false };
  }

  /** An Asterisk that ends for any reason must find files that it boots with. */
  async #retreat(from: Current, error: string): Promise<boolean> {
    const good = this.#lastGood();
    const { generation } = from.candidate;
    if (!good || good.candidate.generation === generation) return false;
    return this.inTurn(async () => {
      if (this.#current !== from) return false;
      this.#log.error({ generation, reason: error }, 'Took back a bundle that Asterisk would not start with');
      this.#put({ is: 'RolledBack', from, error, to: await this.#onDisk({ ...good, wanted: from.wanted }) });
      return true;
    });
  }

  #lastGood(wanted?: readonly Part[]): Current | undefined {
    const { good } = this.#state;
    return good && currentOfGood(good, wanted);
  }

  async #keep(current: Current): Promise<void> {
    const good = goodOf(current, this.#fingerprint);
    this.#tell({ is: 'GoodKept', good });
    await writeGood(this.#places.state, good);
  }

  /** Between two changes of what is in force. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined); // its caller hears of it
    return done;
  }
}
