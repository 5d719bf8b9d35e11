import type { AgentReport } from '../api/report.ts';
import type { Logger } from '../runtime/log.ts';
import type { AmiClient } from './ami/client.ts';
import type { Places } from './base-files.ts';
import { type CompleteBundle, IncompleteBundleError } from './bundle-reader.ts';
import { brokenPromise, Candidate } from './candidate.ts';
import { changedFiles, type GoodConfiguration, moveIn, readGood, readTexts, writeGood } from './files.ts';
import { endpointOwners, forgetStrangers, leavers, seeOff } from './leavers.ts';
import { type Loader, textsOf } from './loader.ts';
import { partsOf } from './sections.ts';

/**
 * Which configuration is in force, which is wanted, and what stands between them. What works is kept as the last known
 * good; what does not and cannot be blamed on an object makes way for it.
 */
interface Current {
  readonly candidate: Candidate;
  readonly bundle: CompleteBundle;
}

export class Configuration {
  readonly #loader: Loader;
  readonly #places: Places;
  readonly #log: Logger;
  #good: GoodConfiguration | undefined;
  #current: Current | undefined;
  #seen: string | undefined;
  #refused: string | undefined;
  #error: string | undefined;
  #pending: readonly string[] = [];
  #restartSafe: AgentReport['restartSafe'] = { status: 'Unknown', message: '' };
  #owners = new Map<string, string>();
  /** Endpoints that left while Asterisk was down. */
  #left: string[] = [];
  /** The restart check left something out that the live Asterisk still has. */
  #stale = false;

  constructor(loader: Loader, places: Places, log: Logger) {
    this.#loader = loader;
    this.#places = places;
    this.#log = log;
  }

  report(): Pick<AgentReport, 'bundle' | 'restartSafe' | 'quarantined'> {
    const loaded = this.#current?.candidate.generation;
    return {
      bundle: {
        ...(this.#seen === undefined ? {} : { seen: this.#seen }),
        ...(loaded === undefined ? {} : { loaded }),
        restartPending: [...this.#pending],
        ...(this.#error === undefined ? {} : { error: this.#error }),
      },
      restartSafe: this.#restartSafe,
      quarantined: this.#current?.candidate.quarantined() ?? [],
    };
  }

  trunkIds(): string[] {
    return [...this.#owners.keys()].filter(id => /_t-/.test(id));
  }

  sipPort(): number | undefined {
    return this.#current?.bundle.manifest.sipPort;
  }

  /** Notes that the directory holds no complete bundle; an error of another kind is not ours to swallow. */
  note(error: unknown): undefined {
    if (!(error instanceof IncompleteBundleError)) throw error;
    return undefined;
  }

  async recall(): Promise<void> {
    this.#good = await readGood(this.#places.state);
    if (this.#good) this.#owners = endpointOwners(this.#good.parts);
  }

  /** Before a boot: puts files in place that a throw-away Asterisk booted with. False: nothing of the kind yet. */
  async boot(bundle: CompleteBundle): Promise<boolean> {
    this.#seen = bundle.manifest.generation;
    const parts = partsOf(bundle.texts);
    const candidate = new Candidate(bundle.manifest.generation, parts, this.#good?.parts ?? []);
    const promise = brokenPromise(bundle.manifest, parts);
    const outcome =
      promise === undefined ? await this.#loader.check(candidate) : { ok: false as const, error: promise };
    if (outcome.ok) {
      await this.#install(candidate, bundle);
      this.#restartSafe = { status: 'True', message: '' };
      return true;
    }
    this.#error = outcome.error;
    this.#refused = bundle.manifest.generation;
    this.#log.error({ reason: outcome.error }, 'Refused a bundle before boot');
    if (!this.#good) return false;
    const fallback = new Candidate(this.#good.generation, this.#good.parts, []);
    if (!(await this.#loader.check(fallback)).ok) return false;
    await this.#install(fallback, bundle);
    this.#restartSafe = { status: 'True', message: 'The last known good configuration is in force' };
    return true;
  }

  async #install(candidate: Candidate, bundle: CompleteBundle): Promise<void> {
    const texts = textsOf(candidate.files());
    await moveIn(this.#places.config, texts, changedFiles(texts, await readTexts(this.#places.config)));
    const before = this.#owners;
    this.#adopt(candidate, bundle);
    this.#left = leavers(before, this.#owners);
    this.#pending = [];
    await this.#keep();
  }

  /** Applies a bundle to the running Asterisk. Undefined: nothing to do. */
  async apply(bundle: CompleteBundle, client: AmiClient): Promise<'loaded' | 'reverted' | undefined> {
    const { generation } = bundle.manifest;
    this.#seen = generation;
    if (this.#refused === generation) return undefined;
    if (this.#current?.candidate.generation === generation)
      return this.#stale ? this.#again(this.#current, client) : undefined;
    const parts = partsOf(bundle.texts);
    const promise = brokenPromise(bundle.manifest, parts);
    if (promise !== undefined) return this.#revert(generation, promise, undefined);
    const candidate = new Candidate(generation, parts, this.#current?.candidate.parts() ?? this.#good?.parts ?? []);
    const outcome = await this.#loader.live(candidate, client, bundle.manifest.restartFiles);
    if (!outcome.ok)
      return this.#revert(generation, outcome.error, { client, restartFiles: bundle.manifest.restartFiles });
    const before = this.#owners;
    this.#pending = outcome.pending;
    this.#adopt(candidate, bundle);
    this.#restartSafe = { status: 'Unknown', message: 'To be checked' };
    await seeOff(client, leavers(before, this.#owners));
    this.#log.info({ generation, quarantined: candidate.quarantined().length }, 'Loaded a bundle');
    return 'loaded';
  }

  async #again(current: Current, client: AmiClient): Promise<'loaded'> {
    this.#stale = false;
    await this.#loader.live(current.candidate, client, current.bundle.manifest.restartFiles);
    this.#adopt(current.candidate, current.bundle);
    return 'loaded';
  }

  /** After a boot: calls and contacts of endpoints that are no longer, or no longer the same. */
  async seeOffLeavers(client: AmiClient): Promise<void> {
    if (this.#owners.size > 0) await forgetStrangers(client, this.#owners);
    await seeOff(client, this.#left);
    this.#left = [];
  }

  async #revert(
    generation: string,
    error: string,
    live: { client: AmiClient; restartFiles: readonly string[] } | undefined,
  ): Promise<'reverted'> {
    this.#error = error;
    this.#refused = generation;
    this.#log.error({ generation, reason: error }, 'Refused a bundle');
    if (live && this.#current) await this.#loader.live(this.#current.candidate, live.client, live.restartFiles);
    return 'reverted';
  }

  /** The restart check. True: it left something out that the live Asterisk still has; apply again. */
  async check(): Promise<boolean> {
    const current = this.#current;
    if (!current) return false;
    const before = current.candidate.quarantined().length;
    const outcome = await this.#loader.check(current.candidate);
    if (this.#current !== current) return false; // a newer one came meanwhile and is checked by itself
    this.#restartSafe = outcome.ok ? { status: 'True', message: '' } : { status: 'False', message: outcome.error };
    if (!outcome.ok) return false;
    await this.#keep();
    if (current.candidate.quarantined().length === before) return false;
    this.#stale = true;
    return true;
  }

  #adopt(candidate: Candidate, bundle: CompleteBundle): void {
    this.#current = { candidate, bundle };
    this.#owners = endpointOwners(candidate.parts());
    if (candidate.generation === bundle.manifest.generation) {
      this.#error = undefined;
      this.#refused = undefined;
    }
  }

  async #keep(): Promise<void> {
    if (!this.#current) return;
    this.#good = { generation: this.#current.candidate.generation, parts: this.#current.candidate.parts() };
    await writeGood(this.#places.state, this.#good);
  }
}
