import { watch } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIGURED } from '../api/pod-files.ts';
import { type AgentReport, REPORT_VERSION } from '../api/report.ts';
import { Bell } from '../runtime/bell.ts';
import type { Clock } from '../runtime/clock.ts';
import { runAll } from '../runtime/concurrency.ts';
import type { Logger } from '../runtime/log.ts';
import { type AmiAddress, AmiClient, NotListeningError } from './ami/client.ts';
import { startedAt } from './ami/queries.ts';
import { baseFiles, type Places, PROBLEMS } from './asterisk/base-files.ts';
import { moveInChanged } from './asterisk/config-files.ts';
import { managerCredentials } from './asterisk/credentials.ts';
import type { AsteriskInstallation } from './asterisk/installation.ts';
import { boundLog, logTail } from './asterisk/log-files.ts';
import { Backoff } from './configuration/backoff.ts';
import { BundleInbox } from './configuration/bundle-inbox.ts';
import type { CompleteBundle } from './configuration/bundle-reader.ts';
import { Configuration } from './configuration/configuration.ts';
import { Loader } from './configuration/loader.ts';
import { quiet } from './configuration/quiet.ts';
import { aclFiles } from './events/acl-files.ts';
import type { BanLimits } from './events/bans.ts';
import { Guard } from './events/guard.ts';
import { hearRefusals } from './events/refusals.ts';
import { lookPause } from './live/look-pause.ts';
import type { MemoryTimes } from './live/memory-marks.ts';
import { type MemorySource, MemoryWatch } from './live/memory-watch.ts';
import { Metrics } from './live/metrics.ts';
import { NOTHING, type Observation, Observer } from './live/observe.ts';
import { watchReadiness } from './live/readiness.ts';
import { registerAnew } from './live/registering.ts';
import { openAbandonedGate } from './operations/gate.ts';

/**
 * The agent: turns bundles into a running Asterisk and tells what is true of it. It may crash and come back while calls
 * are up: everything it needs is on disk or asked of Asterisk, and nothing unchanged is written or reloaded.
 */
export interface AgentOptions {
  readonly bundleDir: string;
  readonly places: Places;
  /** A directory of the agent's own, emptied when it starts. */
  readonly scratch: string;
  readonly installation: AsteriskInstallation;
  readonly managerPort: number;
  readonly version: string;
  /** Of the image, where it is one. */
  readonly fingerprint?: string;
  readonly banLimits?: Partial<BanLimits> | undefined;
  /** Absent: nothing is known of Asterisk's memory. */
  readonly memory?: MemorySource;
  readonly memoryTimes?: Partial<MemoryTimes> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOOK_AGAIN_MS = 15_000;
const BUNDLE_POLL_MS = 2_000;
const RECONNECT_MS = 250;
const CHECK_AGAIN_MS = 10_000;
const CHECK_AGAIN_MOST_MS = 600_000;
const LOG_LOOK_MS = 60_000;
/** For so long a bundle may be on its way to a pod that starts. */
const INCOMPLETE_MS = 5_000;
const REFUSED_AGAIN_MS = 3_000;
/** An Asterisk that does not take a bundle is asked again: so often, with ever longer pauses. */
const MAX_FAILURES = 3;
const FAILED_AGAIN = { firstMs: 2_000, mostMs: 64_000 };
/** A crashed Asterisk is back sooner, and its registrations with it. */
const GONE_MS = 5_000;

export class Agent {
  readonly metrics = new Metrics();
  readonly guard: Guard;
  readonly bundles: BundleInbox;
  readonly #options: AgentOptions;
  readonly #loader: Loader;
  readonly #configuration: Configuration;
  readonly #observer: Observer;
  readonly #memory: MemoryWatch;
  readonly #bundleBell = new Bell();
  readonly #stateBell = new Bell();
  readonly #checkBell = new Bell();
  readonly #listeners = new Set<(report: AgentReport) => void>();
  readonly #starts = new Set<() => void>();
  #client: AmiClient | undefined;
  #absent = false;
  /** The Asterisk that was connected last. */
  #startedAt = '';
  #observation: Observation = NOTHING;
  /** Whether that is known of the Asterisk that there is now. */
  #observed = false;
  #ready = false;
  #lastLookMs = 0;
  #draining = false;
  #started = false;
  #last = '';
  /** A generation that Asterisk did not take. */
  readonly #failing = new Backoff(FAILED_AGAIN);

  constructor(options: AgentOptions) {
    this.#options = options;
    const { bundleDir, places, scratch, installation, clock, log } = options;
    this.bundles = BundleInbox.in(bundleDir, places.run, () => this.#bundleBell.ring(), log);
    this.#loader = new Loader({ places, scratch, installation, clock, log });
    this.#configuration = new Configuration(this.#loader, options);
    this.#observer = new Observer(clock, () => logTail(join(places.log, PROBLEMS)), this.#loader.logLevels);
    const files = aclFiles(places.config, clock);
    this.guard = new Guard({ files, limits: options.banLimits, clock, log, agent: this });
    const { memory: source = async () => undefined, memoryTimes: times } = options;
    this.#memory = new MemoryWatch({ source, times, clock, log, agent: this, changed: () => this.#tell() });
    this.onNewAsterisk(() => this.#memory.forget());
  }

  /** Asterisk's files are in place: it may start. */
  get started(): boolean {
    return this.#started;
  }

  get client(): AmiClient | undefined {
    return this.#client?.open ? this.#client : undefined;
  }

  /** Nobody listens where the manager would: there is no Asterisk, and so no call. */
  get absent(): boolean {
    return this.#absent;
  }

  onNewAsterisk(listener: () => void): void {
    this.#starts.add(listener);
  }

  get draining(): boolean {
    return this.#draining;
  }

  set draining(draining: boolean) {
    this.#draining = draining;
    this.#tell();
  }

  onReport(listener: (report: AgentReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  report(): AgentReport {
    return {
      version: REPORT_VERSION,
      agentVersion: this.#options.version,
      asteriskVersion: this.#options.installation.version,
      ready: this.#ready,
      draining: this.#draining,
      observed: this.#observed,
      ...this.#configuration.report(this.bundles.highest),
      ...this.#observation,
      ...this.#memory.report(),
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { places, scratch, managerPort, clock } = this.#options;
    await rm(scratch, { recursive: true, force: true }); // a killed agent leaves what it was at
    await Promise.all([...Object.values(places), `${places.state}/keys`].map(path => mkdir(path, { recursive: true })));
    const address = await managerCredentials(places.run, managerPort);
    await this.#configuration.loadState();
    if (!(await this.#attach(address))) {
      this.#observed = true; // there is no Asterisk, and so nothing in it
      await this.#prepare(address, signal);
    }
    await writeFile(join(places.run, CONFIGURED), '');
    this.#started = true;
    await runAll(signal, [
      both => this.#connectLoop(address, both),
      both => this.#bundleLoop(both),
      both => this.#observeLoop(both),
      both => this.#checkLoop(both),
      both => watchReadiness(() => this.#configuration.sipPort(), this.#showReady, clock, both),
      both => this.#memory.run(both),
      both => this.guard.run(address, both),
      both => hearRefusals(address, name => this.metrics.refused(name), clock, both),
    ]);
  }

  /** A running Asterisk is kept as it is. */
  async #attach(address: AmiAddress): Promise<boolean> {
    const client = await this.#connect(address);
    client?.close();
    return !this.#absent;
  }

  /** Undefined: there is no Asterisk, or one that is too busy to answer. */
  async #connect(address: AmiAddress): Promise<AmiClient | undefined> {
    try {
      const client = await AmiClient.connect(address, this.#options.clock);
      this.#absent = false;
      return client;
    } catch (error) {
      this.#absent = error instanceof NotListeningError;
      return undefined;
    }
  }

  /** Before Asterisk's first boot: waits for a complete bundle and checks that it boots. */
  async #prepare(address: AmiAddress, signal: AbortSignal): Promise<void> {
    const { places, installation, clock, log } = this.#options;
    await moveInChanged(places.config, baseFiles(places, installation, address));
    const begun = clock.monotonic();
    for (let first = true; ; first = false) {
      const bundle = await this.bundles.read().catch((error: unknown) => this.#configuration.note(error));
      if (bundle && (await this.#configuration.boot(bundle))) return;
      if (first) log.info('Waited for a complete bundle');
      const tooLong = !bundle && clock.monotonic() - begun >= INCOMPLETE_MS;
      if (tooLong && (await this.#configuration.bootGood())) {
        log.warn('Started without a complete bundle, with the last known good');
        return;
      }
      await clock.sleep(bundle || tooLong ? REFUSED_AGAIN_MS : 100, signal); // a check boots an Asterisk
    }
  }

  async #connectLoop(address: AmiAddress, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let lostAt = clock.monotonic();
    for (;;) {
      signal.throwIfAborted();
      const client = await this.#connect(address);
      if (client) {
        signal.addEventListener('abort', () => client.close(), { once: true });
        await this.#greet(client).catch((error: unknown) => {
          log.error({ err: error }, 'Failed to take over a started Asterisk');
          client.close();
        });
        await client.closed;
        log.info('Lost the connection to Asterisk');
        lostAt = clock.monotonic();
        this.#show(this.#observation, false);
      } else if (this.#absent && clock.monotonic() - lostAt >= GONE_MS) this.#show(NOTHING, true);
      await clock.sleep(RECONNECT_MS, signal);
    }
  }

  async #greet(client: AmiClient): Promise<void> {
    client.onEvent(event => {
      this.#observer.note(event);
      this.#stateBell.ring();
    });
    await client.command('core waitfullybooted', 60_000);
    const started = await startedAt(client);
    if (this.#startedAt !== '' && this.#startedAt !== started) for (const listener of this.#starts) listener();
    this.#startedAt = started;
    await openAbandonedGate(client, started, () => this.#draining);
    await this.#configuration.onConnected(client);
    this.#observed = false;
    this.#lastLookMs = 0;
    this.#client = client;
    this.#options.log.info('Connected to Asterisk');
    this.#bundleBell.ring();
    this.#stateBell.ring();
  }

  async #bundleLoop(signal: AbortSignal): Promise<void> {
    const { bundleDir, clock, log } = this.#options;
    const watcher = watch(bundleDir, () => this.#bundleBell.ring());
    watcher.on('error', error => log.warn({ err: error }, 'Lost the watch of the bundle directory, polling'));
    try {
      for (let pause = BUNDLE_POLL_MS; ; ) {
        await this.#bundleBell.wait(pause, clock, signal);
        pause = BUNDLE_POLL_MS;
        const bundle = await this.bundles.read().catch((error: unknown) => this.#configuration.note(error));
        const client = this.client;
        if (!bundle || !client) continue;
        const left = this.#failing.leftMs(bundle.manifest.generation, clock.monotonic());
        pause = Math.min(left || BUNDLE_POLL_MS, BUNDLE_POLL_MS);
        if (left > 0) continue; // a newer one would not wait
        const before = JSON.stringify(this.#configuration.report());
        const applied = await this.#apply(bundle, client);
        if (applied) {
          this.metrics.applied(applied);
          this.#checkBell.ring();
          // who hears that it is loaded hears in the same breath what is true of it
          await this.#observe(client);
        }
        if (before !== JSON.stringify(this.#configuration.report())) this.#tell();
      }
    } finally {
      watcher.close();
    }
  }

  /** An Asterisk that does not answer must not take the agent along. */
  async #apply(bundle: CompleteBundle, client: AmiClient): Promise<'loaded' | 'reverted' | undefined> {
    const { clock, log } = this.#options;
    const { generation } = bundle.manifest;
    try {
      const applied = await this.#configuration.apply(bundle, client);
      this.#failing.forget();
      return applied;
    } catch (error) {
      const failures = this.#failing.times(generation) + 1;
      const reason = `Asterisk did not take it: ${error instanceof Error ? error.message : String(error)}`;
      log.error({ err: error, generation, failures }, 'Failed to apply a bundle');
      if (failures < MAX_FAILURES) this.#configuration.failed(generation, reason);
      else if (failures === MAX_FAILURES) await this.#giveUp(bundle, reason);
      this.#failing.later(generation, clock.monotonic());
      return undefined;
    }
  }

  async #giveUp(bundle: CompleteBundle, reason: string): Promise<void> {
    await this.#configuration.rollbackFrom(bundle, reason, this.client).catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'Failed to bring back what worked, trying again');
    });
  }

  /** The restart check, after a burst of changes; one that did not succeed is made again, ever less often. */
  async #checkLoop(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let pause = CHECK_AGAIN_MS;
    for (;;) {
      const { settled } = this.#configuration;
      const rung = await this.#checkBell.wait(settled ? LOG_LOOK_MS : pause, clock, signal);
      if (!rung) await this.#boundLog();
      const isCheck = rung || !this.#configuration.settled;
      if (isCheck) {
        pause = rung ? CHECK_AGAIN_MS : Math.min(pause * 2, CHECK_AGAIN_MOST_MS);
        await quiet(this.#checkBell, this.#loader.lastCheckMs, clock, signal);
      }
      const asked = isCheck ? this.#configuration.check() : this.#configuration.retryRejected();
      const again = await asked.catch((error: unknown) => {
        log.error({ err: error }, 'Failed to run the restart check');
        return false;
      });
      if (again) this.#bundleBell.ring();
      this.#tell();
    }
  }

  /** Not while something is loaded: what is said of it would be in two files. */
  async #boundLog(): Promise<void> {
    const { client } = this;
    const { places, log } = this.#options;
    if (!client) return;
    const rotated = this.#configuration.inTurn(() => boundLog(places.log, () => this.#loader.logLevels.rotate(client)));
    await rotated.catch((error: unknown) => log.warn({ err: error }, 'Failed to bound the log of Asterisk'));
  }

  async #observeLoop(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await this.#stateBell.wait(LOOK_AGAIN_MS, clock, signal);
      await clock.sleep(lookPause(this.#lastLookMs), signal);
      await this.#observe(this.client);
      this.#tell();
    }
  }

  /** What cannot be asked stays as it was last, and is known no longer. */
  async #observe(client: AmiClient | undefined): Promise<void> {
    if (!client) return;
    const { clock, log } = this.#options;
    const began = clock.monotonic();
    const { trunks } = this.#observation;
    try {
      const port = this.#configuration.sipPort();
      this.#observation = await this.#observer.observe(client, this.#configuration.trunkIds(), port);
      this.#observed = client === this.client;
      this.#lastLookMs = clock.monotonic() - began;
      await registerAnew(client, trunks, this.#observation.trunks, log);
    } catch (error) {
      this.#observed = false;
      log.warn({ err: error }, 'Failed to ask Asterisk for its state');
    }
  }

  #show(observation: Observation, observed: boolean): void {
    this.#observation = observation;
    this.#observed = observed;
    this.#tell();
  }

  readonly #showReady = (isReady: boolean): void => {
    this.#ready = isReady;
    this.#tell();
  };

  #tell(): void {
    const report = this.report();
    const text = JSON.stringify(report);
    if (text === this.#last) return;
    this.#last = text;
    this.metrics.show(report);
    for (const listener of this.#listeners) listener(report);
  }
}
