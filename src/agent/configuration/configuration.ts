import type { AgentReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AmiClient } from '../ami/client.ts';
import type { Places } from '../asterisk/base-files.ts';
import { Backoff } from './backoff.ts';
import { type CompleteBundle, IncompleteBundleError, UnknownBundleError } from './bundle-reader.ts';
import { brokenPromise, Candidate } from './candidate.ts';
import { type Current, currentOf, isSame, uidsOf } from './current.ts';
import type { Loader, Outcome } from './loader.ts';
import { Residents } from './residents.ts';
import type { Part } from './sections.ts';
import { type GoodConfiguration, readGood, writeGood } from './state-files.ts';

/**
 * Which configuration is in force, which is wanted, and what stands between them. What works is kept as the last known
 * good; what does not and cannot be blamed on an object makes way for it.
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
  #wanted: CompleteBundle | undefined;
  /** What was refused of it, or all of it, is to be loaded again. */
  #renewed = false;
  #good: GoodConfiguration | undefined;
  #current: Current | undefined;
  /** Of what the live Asterisk has, and who left with it is gone. */
  #loaded: string | undefined;
  /** What an apply brought about that did not come to its end. */
  #untold: 'loaded' | 'reverted' | undefined;
  #seen: string | undefined;
  #refused: string | undefined;
  /** Refused by throw-away Asterisks alone, and no object to blame: it may have been the machine. */
  #doubted: CompleteBundle | undefined;
  #error: string | undefined;
  #pending: readonly string[] = [];
  #restartSafe: AgentReport['restartSafe'] = { status: 'Unknown', message: '' };
  /** What is in force by our word is not yet what the live Asterisk has. */
  #stale = false;
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

  /** `sequence`: the highest that was taken. */
  report(sequence?: number): Pick<AgentReport, 'bundle' | 'restartSafe' | 'quarantined'> {
    return {
      bundle: {
        ...(this.#seen === undefined ? {} : { seen: this.#seen }),
        ...(this.#loaded === undefined ? {} : { loaded: this.#loaded }),
        ...(sequence === undefined ? {} : { sequence }),
        restartPending: [...this.#pending],
        ...(this.#error === undefined ? {} : { error: this.#error }),
      },
      restartSafe: this.#restartSafe,
      quarantined: this.#current?.candidate.quarantined() ?? [],
    };
  }

  trunkIds(): string[] {
    return this.#residents.ids().filter(id => /_t-/.test(id));
  }

  sipPort(): number | undefined {
    return this.#current?.sipPort ?? this.#good?.sipPort;
  }

  /** Notes that the directory holds no complete bundle; an error of another kind is not ours to swallow. */
  note(error: unknown): undefined {
    if (!(error instanceof IncompleteBundleError)) throw error;
    if (!(error instanceof UnknownBundleError)) return;
    this.#seen = error.generation;
    this.#error = error.message;
  }

  async recall(): Promise<void> {
    this.#good = await readGood(this.#places.state);
    await this.#residents.recall(this.#good?.parts ?? []);
  }

  /**
   * Before a boot: puts files in place that a throw-away Asterisk booted with, now or, the very same ones and of this very
   * image, in an earlier life. False: nothing of the kind yet.
   */
  async boot(bundle: CompleteBundle): Promise<boolean> {
    const { generation } = bundle.manifest;
    this.#want(bundle);
    this.#residents.hear(bundle);
    const { parts } = bundle;
    const promise = brokenPromise(bundle.manifest, parts);
    const candidate = new Candidate(generation, parts, this.#good?.parts ?? []);
    const outcome: Outcome = promise === undefined ? await this.#mayBoot(candidate) : { ok: false, error: promise };
    if (outcome.ok) {
      await this.#install(currentOf(candidate, bundle));
      this.#restartSafe = { status: 'True', message: '' };
      return true;
    }
    this.#error = outcome.error;
    this.#refused = generation;
    this.#doubted = promise === undefined ? bundle : undefined;
    this.#log.error({ reason: outcome.error }, 'Refused a bundle before boot');
    return this.bootGood(parts);
  }

  async #mayBoot(candidate: Candidate): Promise<Outcome> {
    const good = this.#isProven() && this.#lastGood();
    if (!good || !isSame(candidate, good.candidate)) return this.#boots(candidate);
    this.#log.info(
      { generation: candidate.generation },
      'Started with what an Asterisk of this image booted with before',
    );
    this.#stale = true; // so that it is read back from the live one, and checked after that
    return { ok: true };
  }

  /** An Asterisk of this very image booted with the last known good. */
  #isProven(): boolean {
    return this.#good?.provenBy !== undefined && this.#good.provenBy === this.#fingerprint;
  }

  /** Before a boot, as long as there is no bundle to boot with: the last known good. */
  async bootGood(wanted?: readonly Part[]): Promise<boolean> {
    const good = this.#lastGood(wanted);
    if (!good || !(this.#isProven() || (await this.#loader.check(good.candidate)).ok)) return false;
    await this.#install(good);
    this.#restartSafe = GOOD_IN_FORCE;
    return true;
  }

  async #install(current: Current): Promise<void> {
    await this.#loader.putOnDisk(current.candidate, []);
    this.#adopt(current);
    await this.#residents.bringMailboxes().catch((error: unknown) => {
      this.#log.error({ err: error }, 'Failed to bring mailboxes to their owners, trying again later');
    });
    this.#pending = [];
    await this.#keep(current);
  }

  /** Applies a bundle to the running Asterisk. Undefined: nothing to do. Throws when Asterisk does not answer. */
  apply(bundle: CompleteBundle, client: AmiClient): Promise<'loaded' | 'reverted' | undefined> {
    return this.inTurn(async () => {
      const { generation } = bundle.manifest;
      this.#want(bundle);
      this.#residents.hear(bundle);
      const known =
        !this.#renewed && (this.#refused === generation || this.#current?.candidate.generation === generation);
      const outcome = known ? await this.#again(client) : await this.#load(bundle, client);
      this.#untold ??= outcome;
      await this.#settle(client);
      if (this.#loaded === generation) this.#error = undefined;
      const told = this.#untold;
      this.#untold = undefined;
      return told;
    });
  }

  #want(bundle: CompleteBundle): void {
    const { generation } = bundle.manifest;
    if (this.#seen !== generation) this.#renewed = false;
    this.#seen = generation;
    this.#wanted = bundle;
  }

  async #load(bundle: CompleteBundle, client: AmiClient): Promise<'loaded' | 'reverted'> {
    this.#renewed = false;
    const { generation, restartFiles } = bundle.manifest;
    const { parts } = bundle;
    const promise = brokenPromise(bundle.manifest, parts);
    if (promise !== undefined) return this.#revert(generation, parts, promise, client);
    const candidate = new Candidate(generation, parts, this.#current?.candidate.parts() ?? this.#good?.parts ?? []);
    let outcome: Outcome & { pending: string[] };
    try {
      outcome = await this.#loader.live(candidate, client, restartFiles);
    } catch (error) {
      // An Asterisk that dies of it, or is killed because it hangs, starts with what worked.
      const before = this.#current ?? this.#lastGood();
      if (before) await this.#loader.putOnDisk(before.candidate, before.restartFiles);
      this.#stale = true; // it may have read the new ones
      throw error;
    }
    if (!outcome.ok) return this.#revert(generation, parts, outcome.error, client);
    this.#pending = outcome.pending;
    this.#stale = false;
    this.#adopt(currentOf(candidate, bundle));
    this.#restartSafe = { status: 'Unknown', message: 'To be checked' };
    this.#log.info({ generation, quarantined: candidate.quarantined().length }, 'Loaded a bundle');
    return 'loaded';
  }

  /** What is in force by our word, into the live Asterisk. */
  async #again(client: AmiClient): Promise<'loaded' | undefined> {
    const current = this.#current;
    if (!current || !this.#stale) return undefined;
    const outcome = await this.#loader.live(current.candidate, client, current.restartFiles);
    this.#stale = !outcome.ok;
    this.#pending = outcome.pending;
    this.#adopt(current); // more of it may have been left out
    if (!outcome.ok) throw new Error(`Failed to bring back what worked: ${outcome.error}`);
    return 'loaded';
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
    if (!this.#stale) this.#loaded = this.#current?.candidate.generation;
  }

  /** A bundle with which Asterisk stops answering, time after time: what worked comes back. */
  giveUp({ manifest: { generation }, parts }: CompleteBundle, error: string, client?: AmiClient): Promise<void> {
    return this.inTurn(async () => {
      if (this.#refused === generation) return; // what worked is on its way back
      if (this.#current?.candidate.generation !== generation) await this.#revert(generation, parts, error, client);
      else if (!this.#stale) this.#loaded = generation; // only who left is still there, and is tried again
    });
  }

  /** Why what is wanted is not in force yet, although it is tried again. */
  failed(generation: string, error: string): void {
    const taken = this.#current?.candidate.generation === generation && !this.#stale;
    if (!taken && this.#refused !== generation) this.#error = error;
  }

  async #revert(
    generation: string,
    parts: readonly Part[],
    error: string,
    client: AmiClient | undefined,
  ): Promise<'reverted'> {
    this.#error = error;
    this.#refused = generation;
    this.#log.error({ generation, reason: error }, 'Refused a bundle');
    const fallback = this.#current ? { ...this.#current, wanted: uidsOf(parts) } : this.#lastGood(parts);
    if (!fallback) return 'reverted';
    this.#pending = await this.#loader.putOnDisk(fallback.candidate, fallback.restartFiles);
    this.#adopt(fallback);
    this.#stale = true;
    this.#untold = 'reverted';
    if (client) await this.#again(client);
    return 'reverted';
  }

  /** Nothing is left to check. */
  get settled(): boolean {
    return this.#restartSafe.status === 'True' && this.#doubted === undefined;
  }

  /** The restart check. True: what is in force is another now, or may be; apply again. */
  async check(): Promise<boolean> {
    if (this.#doubted?.manifest.generation === this.#refused && this.#doubted) return this.#reconsider(this.#doubted);
    this.#doubted = undefined;
    const current = this.#current;
    if (!current) return false;
    const before = current.candidate.revision;
    const outcome = await this.#boots(current.candidate);
    if (outcome.ok) await this.#keep(current);
    if (this.#current !== current) return false; // a newer one came meanwhile and is checked by itself
    this.#restartSafe = outcome.ok ? { status: 'True', message: '' } : { status: 'False', message: outcome.error };
    if (!outcome.ok) return outcome.byItself ? this.#retreat(current, outcome.error) : false;
    if (current.candidate.revision === before) return false;
    this.#stale = true;
    return true;
  }

  /**
   * What was refused need not be for ever: the machine was busy, or another object that stood in its way has gone. Now and
   * then a throw-away Asterisk is asked, and nothing is written unless it takes more than before. True: apply again.
   */
  async retry(): Promise<boolean> {
    const wanted = this.#wanted;
    const { candidate } = this.#current ?? {};
    if (!wanted || !this.settled) return false;
    const { manifest, parts } = wanted;
    const { generation } = manifest;
    const isRefused = this.#refused === generation;
    const left = candidate?.generation === generation ? candidate.quarantined().length : 0;
    if (!isRefused && left === 0) return false;
    const now = this.#clock.monotonic();
    const isNew = this.#retries.times(generation) === 0;
    if (this.#retries.leftMs(generation, now) > 0) return false;
    this.#retries.later(generation, now);
    if (isNew || brokenPromise(manifest, parts) !== undefined) return false;
    const fresh = new Candidate(generation, parts, this.#good?.parts ?? []);
    const isLess = (): boolean => isRefused || fresh.quarantined().length < left;
    if (!isLess() || !(await this.#loader.check(fresh)).ok || !isLess() || this.#wanted !== wanted) return false;
    this.#log.warn({ generation }, 'Took up again what had been refused');
    this.#renewed = true;
    return true;
  }

  /** A busy machine must not keep a bundle out of force for good. */
  async #reconsider({ manifest: { generation }, parts }: CompleteBundle): Promise<boolean> {
    const outcome = await this.#loader.check(new Candidate(generation, parts, this.#good?.parts ?? []));
    if (!outcome.ok || this.#refused !== generation) return false;
    this.#log.warn({ generation }, 'Took up a bundle that did not boot before');
    this.#refused = undefined;
    this.#doubted = undefined;
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
  async #retreat(current: Current, error: string): Promise<boolean> {
    const good = this.#lastGood();
    if (!good || good.candidate.generation === current.candidate.generation) return false;
    return this.inTurn(async () => {
      if (this.#current !== current) return false;
      const { generation } = current.candidate;
      this.#error = error;
      this.#refused = generation;
      this.#log.error({ generation, reason: error }, 'Took back a bundle that Asterisk would not start with');
      this.#pending = await this.#loader.putOnDisk(good.candidate, good.restartFiles);
      this.#adopt({ ...good, wanted: current.wanted });
      this.#stale = true;
      this.#restartSafe = GOOD_IN_FORCE;
      return true;
    });
  }

  #adopt(current: Current): void {
    const { candidate, wanted } = current;
    this.#current = current;
    this.#residents.moveIn(candidate.parts(), wanted);
    if (candidate.generation === this.#seen) {
      this.#error = undefined;
      this.#refused = undefined;
    }
  }

  /** `wanted`: what the bundle has that it stands in for. */
  #lastGood(wanted?: readonly Part[]): Current | undefined {
    if (!this.#good) return undefined;
    const { generation, parts, sipPort, restartFiles = [] } = this.#good;
    return { candidate: new Candidate(generation, parts, []), sipPort, restartFiles, wanted: uidsOf(wanted ?? parts) };
  }

  async #keep({ candidate, sipPort, restartFiles }: Current): Promise<void> {
    const more = {
      ...(sipPort === undefined ? {} : { sipPort }),
      ...(this.#fingerprint === undefined ? {} : { provenBy: this.#fingerprint }),
    };
    this.#good = { generation: candidate.generation, parts: candidate.parts(), restartFiles, ...more };
    await writeGood(this.#places.state, this.#good);
  }

  /** Between two changes of what is in force. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined); // its caller hears of it
    return done;
  }
}

const GOOD_IN_FORCE = { status: 'True', message: 'The last known good configuration is in force' } as const;
