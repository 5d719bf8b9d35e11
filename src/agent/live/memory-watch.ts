import type { AgentReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { setLamps, setMemoryGate, trimMemory } from '../ami/actions.ts';
import type { AmiClient } from '../ami/client.ts';
import { watched } from '../ami/queries.ts';
import { type MemoryFigure, MemoryMarks, type MemoryTimes, type Pressure, type Wanted } from './memory-marks.ts';
import type { Metrics } from './metrics.ts';

/**
 * Keeps Asterisk below its memory limit: has it return memory that it does not need, and refuses new lamps and new calls when
 * too little is left. In an idle PBX it only reads one number a second.
 */
export type MemorySource = () => Promise<MemoryFigure | undefined>;

export interface MemoryWatchOptions {
  readonly source: MemorySource;
  readonly times?: Partial<MemoryTimes> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly agent: {
    readonly client: AmiClient | undefined;
    readonly metrics: Pick<Metrics, 'memory' | 'trimmed' | 'refusing'>;
  };
  /** Called when the report has changed. */
  readonly changed: () => void;
}

const LOOK_MS = 1_000;
/** The interval above half of the limit: a flood can take a tenth of it in a second. */
const LOOK_OFTEN_MS = 250;
const AGAIN_MS = 15_000;
/** The refusal of lamps is set again this often, because a reload of the dialplan resets it. */
const REPEAT_MS = 2_000;
/** An endpoint with more subscriptions is reported. A large console has two hundred. */
const MANY_WATCHED = 300;

export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  readonly #marks: MemoryMarks;
  /** What was set last, in which Asterisk and when. */
  #applied: { readonly client: AmiClient; readonly wanted: Wanted; readonly atMs: number } | undefined;
  #pressure: Pressure | undefined;
  #watcher: string | undefined;
  #failedMs: number | undefined;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
    this.#marks = new MemoryMarks(options.times);
  }

  report(): Pick<AgentReport, 'memoryPressure'> {
    if (this.#pressure === undefined) return {};
    const watcher = this.#watcher === undefined ? {} : { watcher: this.#watcher };
    return { memoryPressure: { refused: this.#pressure, ...watcher } };
  }

  /** To be called when another Asterisk has started. */
  forget(): void {
    this.#marks.forget();
    this.#failedMs = undefined; // the gate is in AstDB, so the new Asterisk may have that of the last one
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    const { source, clock, agent } = this.#options;
    for (;;) {
      const figure = await source();
      agent.metrics.memory(figure);
      const { client } = agent;
      if (client) await this.#regulate(client, figure);
      const isHalf = figure?.limit !== undefined && figure.used * 2 > figure.limit;
      await clock.sleep(isHalf ? LOOK_OFTEN_MS : LOOK_MS, signal);
    }
  }

  async #regulate(client: AmiClient, figure: MemoryFigure | undefined): Promise<void> {
    const { clock, log } = this.#options;
    const now = clock.monotonic();
    if (this.#failedMs !== undefined && now - this.#failedMs < AGAIN_MS) return;
    const wanted = this.#marks.look(figure, now);
    try {
      await this.#refuse(client, wanted, figure);
      if (wanted.trim && figure) await this.#trim(client, figure);
      this.#failedMs = undefined;
    } catch (error) {
      this.#failedMs = now;
      log.warn({ err: error }, 'Failed to see to the memory of Asterisk, trying again');
    }
    this.#publish();
  }

  async #refuse(client: AmiClient, wanted: Wanted, figure: MemoryFigure | undefined): Promise<void> {
    const { clock, log, agent } = this.#options;
    const now = clock.monotonic();
    const applied = this.#applied?.client === client ? this.#applied : undefined;
    const isDue = wanted.refuseLamps && now - (applied?.atMs ?? now) >= REPEAT_MS;
    const isOther = (what: 'refuseCalls' | 'refuseLamps'): boolean => applied?.wanted[what] !== wanted[what];
    if (isOther('refuseCalls')) await setMemoryGate(client, wanted.refuseCalls);
    if (isOther('refuseLamps') || isDue) await setLamps(client, !wanted.refuseLamps);
    if (!isOther('refuseCalls') && !isOther('refuseLamps') && !isDue) return;
    this.#applied = { client, wanted, atMs: now };
    agent.metrics.refusing(wanted);
    if (wanted.refuseLamps && isOther('refuseLamps')) this.#watcher = await mostWatching(client);
    const was = applied?.wanted ?? { refuseLamps: false, refuseCalls: false };
    const shown = { ...figure, ...(this.#watcher === undefined ? {} : { watcher: this.#watcher }) };
    if (wanted.refuseCalls && !was.refuseCalls) log.warn(shown, 'Refused new calls for want of memory');
    if (wanted.refuseLamps && !was.refuseLamps) log.warn(shown, 'Refused new lamps for want of memory');
    if (!wanted.refuseCalls && was.refuseCalls) log.info(shown, 'Let in calls again');
    if (!wanted.refuseLamps && was.refuseLamps) log.info(shown, 'Let in lamps again');
  }

  async #trim(client: AmiClient, figure: MemoryFigure): Promise<void> {
    const { clock, log, agent } = this.#options;
    const began = clock.monotonic();
    try {
      await trimMemory(client);
    } finally {
      this.#marks.trimmed(figure, clock.monotonic());
    }
    agent.metrics.trimmed();
    log.info({ ...figure, tookMs: Math.round(clock.monotonic() - began) }, 'Had Asterisk give back memory');
  }

  #publish(): void {
    const pressure = this.#marks.pressure(this.#options.clock.monotonic());
    if (pressure === undefined) this.#watcher = undefined;
    if (pressure === this.#pressure) return;
    this.#pressure = pressure;
    this.#options.changed();
  }
}

/** The endpoint with the most subscriptions, if they are more than any phone needs. */
async function mostWatching(client: AmiClient): Promise<string | undefined> {
  const [most] = [...(await watched(client))].sort(([, a], [, b]) => b - a);
  return most && most[1] > MANY_WATCHED ? most[0] : undefined;
}
