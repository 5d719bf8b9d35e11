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
 * Loads the wanted bundle into Asterisk and reports the result. A configuration with which Asterisk boots is kept as the last
 * known good. When a bundle fails and no single object is the cause, the agent rolls back to the configuration before, or
 * to the last known good. `state.ts` has the states.
 */
export interface ConfigurationOptions {
  readonly places: Places;
  readonly log: Logger;
  readonly clock: Clock;
  /** Fingerprint of the image. Without it every configuration is checked before a boot. */
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

  /** Reads what an earlier agent kept on disk. */
  loadState(): Promise<void> {
    return this.#store.load();
  }

  /** `sequence`: the highest sequence of a bundle that was taken. */
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

  /** Handles an error of reading the bundle: an incomplete one is waited for. Throws errors of other kinds. */
  note(error: unknown): undefined {
    if (!(error instanceof IncompleteBundleError)) throw error;
    if (!(error instanceof UnknownBundleError)) return;
    this.#store.dispatch({ is: 'UnreadableBundleCame', generation: error.generation, failure: error.message });
  }

  /** Before the first boot of Asterisk: puts a bundle in place. False: Asterisk would not boot yet. */
  boot(bundle: CompleteBundle): Promise<boolean> {
    this.#setWanted(bundle);
    return this.#firstBoot.boot(bundle);
  }

  /** The same with the last known good, as long as there is no bundle. */
  bootGood(): Promise<boolean> {
    return this.#firstBoot.bootGood();
  }

  /** Applies a bundle to the running Asterisk. Undefined: there was nothing to do. Throws when Asterisk does not answer. */
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
      this.#store.dispatch({ is: 'LoadFailed' }); // Asterisk may have read the new files
      // An Asterisk that crashes, or is killed because it hangs, must start again with what worked.
      const before = this.#store.current ?? this.#store.lastGood();
      if (before) await this.#loader.putOnDisk(before.candidate, before.restartFiles);
      throw error;
    }
    if (!outcome.ok) {
      this.#store.dispatch({ is: 'LoadFailed' }); // it has read the new files, whether or not the old ones can be written
      return this.#revert(bundle, outcome.error, client);
    }
    this.#store.dispatch({ is: 'Loaded', current: currentOf(candidate, bundle), restartPending: outcome.pending });
    this.#log.info({ generation, quarantined: candidate.quarantined().length }, 'Loaded a bundle');
  }

  /** Makes the live Asterisk load the configuration that is on disk. */
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

  /** Rolls back from a bundle with which Asterisk repeatedly stopped answering. */
  rollbackFrom(bundle: CompleteBundle, error: string, client?: AmiClient): Promise<void> {
    return this.inTurn(async () => {
      const { generation } = bundle.manifest;
      const { inForce, rejected } = this.#store.state;
      if (rejected?.generation === generation) return; // rolled back already
      if (generationIn(inForce) !== generation) await this.#revert(bundle, error, client);
      else this.#store.dispatch({ is: 'CleanedUp' }); // it is loaded; only the clean-up failed, and is tried again
    });
  }

  /** Notes why a bundle is not in force yet, although it is tried again. */
  failed(generation: string, failure: string): void {
    this.#store.dispatch({ is: 'ApplyFailed', generation, failure });
  }

  /** To be called after each connect: ends calls and deletes contacts of endpoints that were removed or changed hands. */
  onConnected(client: AmiClient): Promise<void> {
    const { registry } = this.#store;
    return this.inTurn(async () => {
      registry.checkOrphanedContacts();
      await registry.disconnectRemoved(client);
      // a volume that cannot be written must not keep the agent from its Asterisk
      await this.#cleanupRemoved(client).catch((error: unknown) => {
        this.#log.error({ err: error }, 'Failed to clean up after removed endpoints, trying again later');
      });
    });
  }

  async #cleanupRemoved(client: AmiClient): Promise<void> {
    await this.#store.registry.cleanupRemoved(client);
    this.#store.dispatch({ is: 'CleanedUp' });
  }

  /** Whether the restart check has nothing to do. */
  get settled(): boolean {
    return isSettled(this.#store.state);
  }

  /** Runs the restart check. True: the configuration in force may have changed, and must be applied again. */
  check(): Promise<boolean> {
    return this.#restartCheck.check();
  }

  /** Once a minute, while there is nothing to check. True: Asterisk would load more of the bundle now; apply it again. */
  retryRejected(): Promise<boolean> {
    return this.#restartCheck.retryRejected();
  }

  /** Runs `act` while nothing else changes the configuration. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    return this.#store.inTurn(act);
  }
}
