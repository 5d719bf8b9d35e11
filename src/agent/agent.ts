import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIGURED } from '../api/pod-files.ts';
import { type AgentReport, REPORT_VERSION } from '../api/report.ts';
import type { Clock } from '../runtime/clock.ts';
import { runAll } from '../runtime/concurrency.ts';
import type { Logger } from '../runtime/log.ts';
import type { AmiAddress, AmiClient } from './ami/client.ts';
import { baseFiles, type Places, PROBLEMS } from './asterisk/base-files.ts';
import { moveInChanged } from './asterisk/config-files.ts';
import { Connection, type ConnectionHooks } from './asterisk/connection.ts';
import { managerCredentials } from './asterisk/credentials.ts';
import type { AsteriskInstallation } from './asterisk/installation.ts';
import { boundLog, logTail } from './asterisk/log-files.ts';
import { BundleInbox } from './configuration/bundle-inbox.ts';
import { BundleLoop } from './configuration/bundle-loop.ts';
import { CheckLoop } from './configuration/check-loop.ts';
import { Configuration } from './configuration/configuration.ts';
import { awaitFirstBoot } from './configuration/first-boot-loop.ts';
import { Loader } from './configuration/loader.ts';
import type { Result } from './configuration/state.ts';
import { aclFiles } from './events/acl-files.ts';
import type { BanLimits } from './events/bans.ts';
import { Guard } from './events/guard.ts';
import { watchRefusals } from './events/refusals.ts';
import { LiveState } from './live/live-state.ts';
import type { MemoryTimes } from './live/memory-marks.ts';
import { type MemorySource, MemoryWatch } from './live/memory-watch.ts';
import { Metrics } from './live/metrics.ts';
import { Observer } from './live/observer.ts';
import type { Subject } from './live/probe.ts';
import { ReadinessWatch } from './live/readiness.ts';
import { sipOptions } from './live/sip-options.ts';
import { openAbandonedGate } from './operations/gate.ts';

/**
 * The agent: turns bundles into a running Asterisk and reports what is true of it. It may crash and come back while calls
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
  /** Fingerprint of the image; absent: it does not run from an image. */
  readonly fingerprint?: string;
  readonly banLimits?: Partial<BanLimits> | undefined;
  /** Where the memory figure of Asterisk comes from; absent: it is not known. */
  readonly memory?: MemorySource;
  readonly memoryTimes?: Partial<MemoryTimes> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOG_LOOK_MS = 60_000;

export class Agent {
  readonly metrics = new Metrics();
  readonly guard: Guard;
  readonly bundles: BundleInbox;
  readonly #options: AgentOptions;
  readonly #connection: Connection;
  readonly #loader: Loader;
  readonly #configuration: Configuration;
  readonly #bundleLoop: BundleLoop;
  readonly #checkLoop: CheckLoop;
  readonly #live: LiveState;
  readonly #memory: MemoryWatch;
  readonly #readiness: ReadinessWatch;
  readonly #listeners = new Set<(report: AgentReport) => void>();
  #ready = false;
  #draining = false;
  #started = false;
  /** The last published report, as JSON. */
  #last = '';

  constructor(options: AgentOptions) {
    this.#options = options;
    const { bundleDir, places, scratch, installation, clock, log } = options;
    const both = { client: () => this.client, changed: () => this.#publish(), clock, log };
    this.#connection = new Connection(clock, log);
    this.#loader = new Loader({ places, scratch, installation, clock, log });
    const configuration = new Configuration(this.#loader, options);
    this.#configuration = configuration;
    this.bundles = BundleInbox.in(bundleDir, places.run, () => this.#bundleLoop.notify(), log);
    this.#bundleLoop = new BundleLoop({
      bundleDir,
      bundles: this.bundles,
      configuration,
      applied: this.#applied,
      ...both,
    });
    const again = (): void => this.#bundleLoop.notify();
    this.#checkLoop = new CheckLoop({ configuration, lastCheckMs: () => this.#loader.lastCheckMs, again, ...both });
    const observer = new Observer(clock, () => logTail(join(places.log, PROBLEMS)), this.#loader.logLevels);
    const subject = (): Subject => ({ trunkIds: configuration.trunkIds(), sipPort: configuration.sipPort() });
    this.#live = new LiveState({ observer, subject, ...both });
    this.#readiness = new ReadinessWatch({ ask: this.#askSip, changed: this.#showReady, clock });
    const files = aclFiles(places.config, clock);
    this.guard = new Guard({ files, limits: options.banLimits, clock, log, agent: this });
    const { memory: source = async () => undefined, memoryTimes: times } = options;
    this.#memory = new MemoryWatch({ source, times, clock, log, agent: this, changed: both.changed });
    this.onNewAsterisk(() => this.#memory.forget());
  }

  /** Asterisk's files are in place: it may start. */
  get started(): boolean {
    return this.#started;
  }

  get client(): AmiClient | undefined {
    return this.#connection.client;
  }

  /** Nothing listens on the manager's port: there is no Asterisk, and so no call. */
  get absent(): boolean {
    return this.#connection.absent;
  }

  onNewAsterisk(listener: () => void): void {
    this.#connection.onNewAsterisk(listener);
  }

  get draining(): boolean {
    return this.#draining;
  }

  set draining(draining: boolean) {
    this.#draining = draining;
    this.#publish();
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
      ...this.#configuration.report(this.bundles.highest),
      ...this.#live.report(),
      ...this.#memory.report(),
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const address = await this.#begin();
    if (!(await this.#connection.isThere(address))) await this.#prepare(address, signal); // a running one is kept as it is
    await writeFile(join(this.#options.places.run, CONFIGURED), '');
    this.#started = true;
    const { clock } = this.#options;
    await runAll(signal, [
      both => this.#connection.run(address, this.#hooks, both),
      both => this.#bundleLoop.run(both),
      both => this.#checkLoop.run(both),
      both => this.#live.run(both),
      both => this.#readiness.run(both),
      both => this.#memory.run(both),
      both => this.guard.run(address, both),
      both => watchRefusals(address, name => this.metrics.refused(name), clock, both),
      both => this.#boundLogs(both),
    ]);
  }

  async #begin(): Promise<AmiAddress> {
    const { places, scratch, managerPort } = this.#options;
    await rm(scratch, { recursive: true, force: true }); // an agent that was killed left its files there
    await Promise.all([...Object.values(places), `${places.state}/keys`].map(path => mkdir(path, { recursive: true })));
    const address = await managerCredentials(places.run, managerPort);
    await this.#configuration.loadState();
    return address;
  }

  /** Writes Asterisk's files before its first boot. */
  async #prepare(address: AmiAddress, signal: AbortSignal): Promise<void> {
    const { places, installation, clock, log } = this.#options;
    this.#live.gone();
    await moveInChanged(places.config, baseFiles(places, installation, address));
    await awaitFirstBoot({ bundles: this.bundles, configuration: this.#configuration, clock, log }, signal);
  }

  readonly #hooks: ConnectionHooks = {
    onEvent: event => this.#live.note(event),
    prepare: async (client, started) => {
      await openAbandonedGate(client, started, () => this.#draining);
      await this.#configuration.onConnected(client);
    },
    onConnected: () => {
      this.#live.connected();
      this.#readiness.askAtOnce();
      this.#bundleLoop.notify();
    },
    onLost: () => {
      this.#live.lost();
      this.#readiness.askAtOnce();
    },
    onGone: () => this.#live.gone(),
  };

  readonly #applied = async (result: Result, client: AmiClient): Promise<void> => {
    this.metrics.applied(result);
    this.#checkLoop.notify();
    await this.#live.look(client); // so that the report that a bundle is loaded also has the state after it
  };

  /** Rotates logs that are too long. Never during a load, whose messages would be split over two files. */
  async #boundLogs(signal: AbortSignal): Promise<void> {
    const { places, clock, log } = this.#options;
    for (;;) {
      await clock.sleep(LOG_LOOK_MS, signal);
      const { client } = this;
      if (!client) continue;
      const rotate = (): Promise<void> => this.#loader.logLevels.rotate(client);
      const rotated = this.#configuration.inTurn(() => boundLog(places.log, rotate));
      await rotated.catch((error: unknown) => log.warn({ err: error }, 'Failed to bound the log of Asterisk'));
    }
  }

  readonly #askSip = async (signal: AbortSignal): Promise<number | undefined> => {
    const port = this.#configuration.sipPort();
    return port === undefined ? undefined : sipOptions('127.0.0.1', port, this.#options.clock, signal);
  };

  readonly #showReady = (isReady: boolean): void => {
    this.#ready = isReady;
    this.#publish();
  };

  #publish(): void {
    const report = this.report();
    const text = JSON.stringify(report);
    if (text === this.#last) return;
    this.#last = text;
    this.metrics.show(report);
    for (const listener of this.#listeners) listener(report);
  }
}
