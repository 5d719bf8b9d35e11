import type { AgentReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { AmiClient } from '../ami/client.ts';
import type { Places } from '../asterisk/base-files.ts';
import { type CompleteBundle, IncompleteBundleError, UnknownBundleError } from './bundle-reader.ts';
import { Candidate, missingDefinitions } from './candidate.ts';
import { currentOf, uidsOf } from './current.ts';
import { EndpointRegistry } from './endpoint-registry.ts';
import { FirstBoot } from './first-boot.ts';
import type { Loader, Outcome } from './loader.ts';
import { RestartCheck } from './restart-check.ts';
import { configurationReport, dueFor, generationIn, isSettled, type Result } from './state.ts';
import { Store } from './store.ts';

/**
 * Brings what is wanted into force, and says what came of it. What works is kept as the last known good; what does not
 * and is not the fault of an object makes way for it. Which states there are says `state.ts`.
 */
export interface ConfigurationOptions {
  readonly places: Places;
  readonly log: Logger;
  readonly clock: Clock;
  /** Of the image; without one nothing counts as proven before. */
  readonly fingerprint?: string | undefined;
}

export class Configuration {
  readonly #loader: Loader;
  readonly #log: Logger;
  readonly #store: Store;
  readonly #firstBoot: FirstBoot;
  readonly #restartCheck: RestartCheck;

  constructor(loader: Loader, { places, log, clock, fingerprint }: ConfigurationOptions) {
    this.#loader = loader;
    this.#log = log;
    this.#store = new Store(places.state, new EndpointRegistry(places, clock), fingerprint);
    this.#firstBoot = new FirstBoot(this.#store, loader, log);
    this.#restartCheck = new RestartCheck(this.#store, loader, clock, log);
  }

  /** What an earlier agent left on disk. */
  loadState(): Promise<void> {
    return this.#store.load();
  }

  /** `sequence`: the highest that was taken. */
  report(sequence?: number): Pick<AgentReport, 'bundle' | 'restartSafe' | 'quarantined'> {
    return configurationReport(this.#store.state, sequence);
  }

  /** Endpoint ids of the trunks that Asterisk has. */
  trunkIds(): string[] {
    return this.#store.registry.ids().filter(id => /_t-/.test(id));
  }

  sipPort(): number | undefined {
    return this.#store.current?.sipPort ?? this.#store.state.good?.sipPort;
  }

  /** Notes that the directory holds no complete bundle; an error of another kind is not ours to swallow. */
  note(error: unknown): undefined {
    if (!(error instanceof IncompleteBundleError)) throw error;
    if (!(error instanceof UnknownBundleError)) return;
    this.#store.dispatch({ is: 'UnreadableBundleCame', generation: error.generation, failure: error.message });
  }

  /** Before the first boot of Asterisk. False: nothing is in place yet with which it would boot. */
  boot(bundle: CompleteBundle): Promise<boolean> {
    this.#setWanted(bundle);
    return this.#firstBoot.boot(bundle);
  }

  /** The same, as long as there is no bundle. */
  bootGood(): Promise<boolean> {
    return this.#firstBoot.bootGood();
  }

  /** Applies a bundle to the running Asterisk. Undefined: nothing to do. Throws when Asterisk does not answer. */
  apply(bundle: CompleteBundle, client: AmiClient): Promise<Result | undefined> {
    return this.inTurn(async () => {
      this.#setWanted(bundle);
      const due = dueFor(this.#store.state);
      if (due === 'Load') await this.#load(bundle, client);
      else if (due === 'Reapply') await this.#reapply(client);
      await this.#cleanupRemoved(client);
      const { pendingResult } = this.#store.state;
      this.#store.dispatch({ is: 'ResultTaken' });
      return pendingResult;
    });
  }

  #setWanted(bundle: CompleteBundle): void {
    this.#store.dispatch({ is: 'BundleCame', bundle });
    this.#store.registry.setWanted(bundle);
  }

  async #load(bundle: CompleteBundle, client: AmiClient): Promise<void> {
    this.#store.dispatch({ is: 'LoadBegan' });
    const { manifest, sections } = bundle;
    const { generation, restartFiles } = manifest;
    const missing = missingDefinitions(manifest, sections);
    if (missing !== undefined) return this.#revert(bundle, missing, client);
    const { current, state } = this.#store;
    const candidate = new Candidate(generation, sections, current?.candidate.sections() ?? state.good?.parts ?? []);
    let outcome: Outcome & { pending: string[] };
    try {
      outcome = await this.#loader.live(candidate, client, restartFiles);
    } catch (error) {
      this.#store.dispatch({ is: 'LoadFailed' }); // it may have read the new files
      // An Asterisk that dies of it, or is killed because it hangs, starts with what worked.
      const before = this.#store.current ?? this.#store.lastGood();
      if (before) await this.#loader.putOnDisk(before.candidate, before.restartFiles);
      throw error;
    }
    if (!outcome.ok) return this.#revert(bundle, outcome.error, client);
    this.#store.dispatch({ is: 'Loaded', current: currentOf(candidate, bundle), restartPending: outcome.pending });
    this.#log.info({ generation, quarantined: candidate.quarantined().length }, 'Loaded a bundle');
  }

  /** What is in force on disk, into the live Asterisk. */
  async #reapply(client: AmiClient): Promise<void> {
    const { current } = this.#store;
    if (!current) return;
    const outcome = await this.#loader.live(current.candidate, client, current.restartFiles);
    this.#store.dispatch({ is: 'Reapplied', ok: outcome.ok, restartPending: outcome.pending });
    if (!outcome.ok) throw new Error(`Failed to bring back what worked: ${outcome.error}`);
  }

  async #revert({ manifest, sections }: CompleteBundle, error: string, client?: AmiClient): Promise<void> {
    const { generation } = manifest;
    this.#log.error({ generation, reason: error }, 'Refused a bundle');
    const { current } = this.#store;
    const fallback = current ? { ...current, wanted: uidsOf(sections) } : this.#store.lastGood(sections);
    const to = fallback && {
      current: fallback,
      restartPending: await this.#loader.putOnDisk(fallback.candidate, fallback.restartFiles),
    };
    this.#store.dispatch({ is: 'Reverted', generation, error, to });
    if (to && client) await this.#reapply(client);
  }

  /** A bundle with which Asterisk stops answering, time after time: what worked comes back. */
  rollbackFrom(bundle: CompleteBundle, error: string, client?: AmiClient): Promise<void> {
    return this.inTurn(async () => {
      const { generation } = bundle.manifest;
      const { inForce, rejected } = this.#store.state;
      if (rejected?.generation === generation) return; // what worked is on its way back
      if (generationIn(inForce) !== generation) await this.#revert(bundle, error, client);
      else this.#store.dispatch({ is: 'CleanedUp' }); // only a removed endpoint is still there, and is tried again
    });
  }

  /** Why what is wanted is not in force yet, although it is tried again. */
  failed(generation: string, failure: string): void {
    this.#store.dispatch({ is: 'ApplyFailed', generation, failure });
  }

  /** After Asterisk was found: calls and contacts of endpoints that are no longer, or no longer the same. */
  onConnected(client: AmiClient): Promise<void> {
    return this.inTurn(async () => {
      this.#store.registry.checkOrphanedContacts();
      await this.#cleanupRemoved(client);
    });
  }

  async #cleanupRemoved(client: AmiClient): Promise<void> {
    await this.#store.registry.cleanupRemoved(client);
    this.#store.dispatch({ is: 'CleanedUp' });
  }

  /** Nothing is left to check. */
  get settled(): boolean {
    return isSettled(this.#store.state);
  }

  /** The restart check. True: what is in force is another now, or may be; apply again. */
  check(): Promise<boolean> {
    return this.#restartCheck.check();
  }

  /** Once a minute, when nothing is left to check. True: more of what is wanted would be taken now; apply again. */
  retryRejected(): Promise<boolean> {
    return this.#restartCheck.retryRejected();
  }

  /** Between two changes of what is in force. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#store.inTurn(act);
  }
}
