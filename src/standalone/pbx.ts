import { watch } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '../agent/agent.ts';
import type { Places } from '../agent/asterisk/base-files.ts';
import type { AsteriskInstallation } from '../agent/asterisk/installation.ts';
import type { AsteriskProcess } from '../agent/asterisk/process.ts';
import type { BanLimits } from '../agent/events/bans.ts';
import { banWords } from '../agent/events/guard.ts';
import { processMemory } from '../agent/live/memory-figure.ts';
import type { MemoryTimes } from '../agent/live/memory-marks.ts';
import { Drainer } from '../agent/operations/drainer.ts';
import { supervise } from '../agent/supervise.ts';
import { MANIFEST_KEY } from '../api/bundle.ts';
import type { AgentReport } from '../api/report.ts';
import { compile } from '../core/compile.ts';
import { withGeneratedSecrets } from '../core/generated-secrets.ts';
import type { Bundle, Plan } from '../core/plan.ts';
import { secretView } from '../core/secret-view.ts';
import { NO_CLUSTER, type SecretView, type TenantSnapshot } from '../core/snapshot.ts';
import type { Clock } from '../runtime/clock.ts';
import { runAll } from '../runtime/concurrency.ts';
import type { Logger } from '../runtime/log.ts';
import { Notifier } from '../runtime/notifier.ts';
import { randomValue } from '../runtime/random-value.ts';
import { claimsOf } from './claims.ts';
import { type DirectoryContent, ManifestDirectory } from './directory.ts';
import { SecretFolder } from './secrets.ts';
import { unseen } from './unseen.ts';

/** A PBX from a directory of manifests: the compiler of the operator and the agent, without an API server. */
export interface PbxOptions {
  readonly directory: string;
  readonly installation: AsteriskInstallation;
  readonly address: string;
  readonly sipPort: number;
  readonly managerPort: number;
  /** The directory for Asterisk's state; default: `<directory>/.ringfleet`. */
  readonly home?: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly say: (line: string) => void;
  /** After how many wrong passwords an address is banned, and for how long. */
  readonly banLimits?: Partial<BanLimits> | undefined;
  /** Memory limit of Asterisk in bytes. A pod has one, a process of this machine has none. */
  readonly memoryLimit?: () => number | undefined;
  readonly memoryTimes?: Partial<MemoryTimes> | undefined;
}

const EDITS_SETTLE_MS = 100;
const POLL_MS = 5_000;

export class DirectoryPbx {
  readonly agent: Agent;
  readonly #options: PbxOptions;
  readonly #home: string;
  readonly #places: Places;
  readonly #source: ManifestDirectory;
  readonly #secrets: SecretFolder;
  readonly #edits = new Notifier();
  readonly #listeners = new Set<() => void>();
  #asterisk: AsteriskProcess | undefined;
  #plan: Plan | undefined;
  #snapshot: TenantSnapshot | undefined;
  #complaints: readonly string[] = [];

  private constructor(options: PbxOptions, run: string) {
    this.#options = options;
    this.#home = options.home ?? join(options.directory, '.ringfleet');
    this.#places = {
      config: join(this.#home, 'asterisk'),
      state: join(this.#home, 'state'),
      run,
      spool: join(this.#home, 'spool'),
      log: join(this.#home, 'log'),
    };
    this.#source = new ManifestDirectory(options.directory, options.clock);
    this.#secrets = new SecretFolder(join(this.#home, 'credentials'));
    this.agent = new Agent({
      bundleDir: join(this.#home, 'bundle'),
      places: this.#places,
      scratch: join(run, 'scratch'),
      installation: options.installation,
      managerPort: options.managerPort,
      version: 'up',
      banLimits: options.banLimits,
      memory: async () => {
        const pid = this.#asterisk?.pid;
        return pid === undefined ? undefined : processMemory(pid, options.memoryLimit?.());
      },
      memoryTimes: options.memoryTimes,
      clock: options.clock,
      log: options.log,
    });
  }

  /** The run directory is not in `directory`, because the path of its socket has a length limit. */
  static async create(options: PbxOptions): Promise<DirectoryPbx> {
    return new DirectoryPbx(options, await mkdtemp(join(tmpdir(), 'ringfleet-')));
  }

  get snapshot(): TenantSnapshot | undefined {
    return this.#snapshot;
  }

  get plan(): Plan | undefined {
    return this.#plan;
  }

  get report(): AgentReport {
    return this.agent.report();
  }

  /** Called after every compile and every change of the live state. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { installation, clock, log } = this.#options;
    await mkdir(this.#home, { recursive: true, mode: 0o700 });
    await writeFile(join(this.#home, '.gitignore'), '*\n');
    await mkdir(join(this.#home, 'bundle'), { recursive: true, mode: 0o700 });
    await this.#recompile();
    this.agent.onReport(() => this.#notify());
    const started = (asterisk: AsteriskProcess): void => {
      this.#asterisk = asterisk;
    };
    this.agent.guard.onBan(ban => this.#options.say(banWords(ban)));
    try {
      await runAll(signal, [
        both => this.agent.run(both),
        both => supervise({ agent: this.agent, installation, places: this.#places, started, clock, log }, both),
        both => this.#watch(both),
      ]);
    } finally {
      await rm(this.#places.run, { recursive: true, force: true });
    }
  }

  /** Drains the PBX: waits for calls to end, at most `deadlineMs`, and admits none after that. */
  drain(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    return new Drainer({ agent: this.agent, refuseMs: 5_000, clock, log }).drainForShutdown(deadlineMs, signal);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { directory, clock, log, say } = this.#options;
    const watcher = watch(directory, { recursive: true }, (_event, name) => {
      if (!String(name).startsWith('.ringfleet')) this.#edits.notify();
    });
    watcher.on('error', error => log.warn({ err: error }, 'Lost the watch of the directory, polling'));
    try {
      for (;;) {
        const edited = await this.#edits.wait(POLL_MS, clock, signal);
        if (edited) await clock.sleep(EDITS_SETTLE_MS, signal);
        await this.#recompile().catch((error: unknown) => say(`Could not read ${directory}: ${String(error)}`));
      }
    } finally {
      watcher.close();
    }
  }

  async #recompile(): Promise<void> {
    const content = await this.#source.read();
    if (content.unsettled) this.#edits.notify();
    this.#complain(content.complaints);
    const snapshot = await this.#gather(content);
    const first = compile(snapshot, this.#now());
    const filled =
      first.secretRequests.length > 0
        ? withGeneratedSecrets(snapshot, first, wanted => randomValue(wanted.form))
        : snapshot;
    const plan = first.secretRequests.length > 0 ? compile(filled, this.#now()) : first;
    for (const manifest of plan.apply) if (manifest.kind === 'Secret') await this.#secrets.write(manifest);
    for (const { name } of plan.prune) await this.#secrets.remove(name);
    if (plan.bundle && plan.bundle.manifest.generation !== this.#plan?.bundle?.manifest.generation)
      await this.#publish(plan.bundle);
    this.#plan = plan;
    this.#snapshot = filled;
    this.#notify();
  }

  async #gather(content: DirectoryContent): Promise<TenantSnapshot> {
    const made = await this.#secrets.read();
    const given = new Set(content.secrets.map(secret => secret.name));
    const views: SecretView[] = [...content.secrets, ...made.map(secretView).filter(({ name }) => !given.has(name))];
    const { address, sipPort } = this.#options;
    return {
      namespace: content.namespace,
      organizations: content.organizations,
      classes: content.classes,
      objects: content.objects,
      invalid: [...content.invalid, ...unseen(content, made)],
      secrets: new Map(views.map(view => [view.name, view])),
      children: made,
      claims: claimsOf(content),
      // Kept only while this process runs; in a cluster it is recorded.
      ...(this.#plan?.inForce && { inForce: this.#plan.inForce }),
      platform: { ...NO_CLUSTER, sipPort, address: { value: address, source: 'Option', advertise: false } },
    };
  }

  /** Writes the bundle as the kubelet does: a new directory, then one swap of a link, so that readers see one generation. */
  async #publish(bundle: Bundle): Promise<void> {
    const root = join(this.#home, 'bundle');
    const next = `..${bundle.manifest.generation}`;
    const directory = join(root, next);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const [key, text] of [...bundle.texts, ...bundle.settings])
      await writeFile(join(directory, key), text, { mode: 0o600 });
    await writeFile(join(directory, MANIFEST_KEY), JSON.stringify(bundle.manifest), { mode: 0o600 });
    await rm(join(root, '..new'), { force: true });
    await symlink(next, join(root, '..new'));
    const previous = this.#plan?.bundle?.manifest.generation;
    await rename(join(root, '..new'), join(root, '..data'));
    if (previous && `..${previous}` !== next) await rm(join(root, `..${previous}`), { recursive: true, force: true });
  }

  #complain(complaints: readonly string[]): void {
    for (const complaint of complaints) if (!this.#complaints.includes(complaint)) this.#options.say(complaint);
    this.#complaints = complaints;
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
