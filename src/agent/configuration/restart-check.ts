import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { Backoff } from './backoff.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import { Candidate, missingDefinitions } from './candidate.ts';
import { bootVerdict } from './control-boot.ts';
import type { Current } from './current.ts';
import type { Loader } from './loader.ts';
import { BOOTS, generationIn, isBundle, isSettled } from './state.ts';
import type { Store } from './store.ts';

/** Checks with throw-away Asterisks what is in force, and tries again what was rejected. */
export class RestartCheck {
  readonly #store: Store;
  readonly #loader: Pick<Loader, 'check' | 'putOnDisk'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #retries = new Backoff({ firstMs: 60_000, mostMs: 3_600_000 });

  constructor(store: Store, loader: Pick<Loader, 'check' | 'putOnDisk'>, clock: Clock, log: Logger) {
    this.#store = store;
    this.#loader = loader;
    this.#clock = clock;
    this.#log = log;
  }

  /** Checks whether Asterisk boots with what is in force. True: that may have changed, and must be applied again. */
  async check(): Promise<boolean> {
    const { state, current } = this.#store;
    if (state.rejected?.is === 'Suspect') return this.#retrySuspect(state.rejected.bundle);
    if (!current) return false;
    const before = current.candidate.revision;
    const verdict = await bootVerdict(current.candidate, () => this.#store.lastGood(), this.#loader, this.#log);
    if (verdict.ok) await this.#store.keep(current);
    if (this.#store.current !== current) return false; // a newer one has a check of its own
    const isOther = verdict.ok && current.candidate.revision !== before;
    const restartSafe = verdict.ok ? BOOTS : ({ status: 'False', message: verdict.error } as const);
    this.#store.dispatch({ is: 'Checked', current, restartSafe, isOther });
    return verdict.ok || !verdict.byItself ? isOther : this.#rollback(current, verdict.error);
  }

  /** Puts the last known good on disk: an Asterisk that crashes must find files with which it boots. */
  async #rollback(from: Current, error: string): Promise<boolean> {
    const good = this.#store.lastGood();
    const { generation } = from.candidate;
    if (!good || good.candidate.generation === generation) return false;
    return this.#store.inTurn(async () => {
      if (this.#store.current !== from) return false;
      this.#log.error({ generation, reason: error }, 'Took back a bundle that Asterisk would not start with');
      const restartPending = await this.#loader.putOnDisk(good.candidate, good.restartFiles);
      const to = { current: { ...good, wanted: from.wanted }, restartPending };
      this.#store.dispatch({ is: 'RolledBack', from, error, to });
      return true;
    });
  }

  /** Tries a suspect bundle again. Perhaps it was rejected only because the machine was busy. */
  async #retrySuspect({ manifest: { generation }, sections }: CompleteBundle): Promise<boolean> {
    const outcome = await this.#loader.check(new Candidate(generation, sections, this.#store.state.good?.parts ?? []));
    if (!outcome.ok || this.#store.state.rejected?.generation !== generation) return false;
    this.#log.warn({ generation }, 'Took up a bundle that did not boot before');
    this.#store.dispatch({ is: 'SuspectBooted', generation });
    return true;
  }

  /**
   * Tries again what was rejected, with growing pauses, since the cause may be gone: the machine was busy, or the object was in
   * conflict with another one. Nothing is written unless a throw-away Asterisk loads more than before. True: apply again.
   */
  async retryRejected(): Promise<boolean> {
    const { wanted, good } = this.#store.state;
    if (!isBundle(wanted) || !isSettled(this.#store.state)) return false;
    const { manifest, sections } = wanted.bundle;
    const { generation } = manifest;
    if (this.#leftOut(generation) === 0) return false;
    const now = this.#clock.monotonic();
    const isNew = this.#retries.times(generation) === 0;
    if (this.#retries.leftMs(generation, now) > 0) return false;
    this.#retries.later(generation, now);
    if (isNew || missingDefinitions(manifest, sections) !== undefined) return false;
    const fresh = new Candidate(generation, sections, good?.parts ?? []);
    const isLess = (): boolean => fresh.quarantined().length < this.#leftOut(generation);
    if (!isLess() || !(await this.#loader.check(fresh)).ok || !isLess()) return false;
    if (!isBundle(this.#store.state.wanted, generation)) return false; // another bundle came meanwhile
    this.#store.dispatch({ is: 'RetryBooted', generation });
    this.#log.warn({ generation }, 'Took up again what had been refused');
    return true;
  }

  /** Number of objects of a generation that are not in force; infinite if all of it was rejected. */
  #leftOut(generation: string): number {
    const { inForce, rejected } = this.#store.state;
    if (rejected?.generation === generation) return Number.POSITIVE_INFINITY;
    return generationIn(inForce) === generation ? (this.#store.current?.candidate.quarantined().length ?? 0) : 0;
  }
}
