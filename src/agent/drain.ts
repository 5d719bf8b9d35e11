import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Agent } from './agent.ts';
import { hangUpAll, setDrainGate } from './ami/actions.ts';
import { channels } from './ami/queries.ts';

/**
 * Empties the PBX: calls are accepted until there is none, or until the deadline; then new ones get 503 (emergency
 * numbers pass) for at most `refuseMs`; then the rest is ended. Never `core stop gracefully`: it kills the manager at once.
 * Who asks while it is under way joins it, and may bring another deadline.
 */
export interface DrainerOptions {
  readonly agent: Agent;
  readonly refuseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Running {
  readonly done: Promise<void>;
  readonly begun: number;
  readonly stop: AbortController;
  deadlineMs: number;
}

const LOOK_EVERY_MS = 200;

export class Drainer {
  readonly #options: DrainerOptions;
  #running: Running | undefined;

  constructor(options: DrainerOptions) {
    this.#options = options;
  }

  /** Resolves when the PBX is empty. The deadline counts from when the drain began. */
  drain(deadlineMs: number, signal: AbortSignal): Promise<void> {
    if (this.#running) {
      this.#running.deadlineMs = deadlineMs;
      return this.#running.done;
    }
    return this.#start(deadlineMs, signal);
  }

  /** As `drain`, but one that is under way keeps its deadline. */
  join(deadlineMs: number, signal: AbortSignal): Promise<void> {
    return this.#running?.done ?? this.#start(deadlineMs, signal);
  }

  /** The gate opens again and the agent reports itself in service. */
  async undrain(): Promise<void> {
    const { agent } = this.#options;
    this.#running?.stop.abort(new Error('Taken back into service'));
    this.#running = undefined;
    if (agent.client) await setDrainGate(agent.client, false);
    agent.draining = false;
  }

  #start(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const begun = this.#options.clock.monotonic();
    const running: Running = { begun, stop, deadlineMs, done: Promise.resolve() };
    const done = this.#empty(running, AbortSignal.any([signal, stop.signal]));
    this.#running = Object.assign(running, { done });
    return done;
  }

  async #empty(running: Running, signal: AbortSignal): Promise<void> {
    const { agent, refuseMs, clock, log } = this.#options;
    agent.draining = true;
    const end = (): number => running.begun + running.deadlineMs;
    if (await this.#isEmptyBy(end, signal)) return;
    log.warn('Refused new calls: the deadline of the roll has come');
    if (agent.client) await setDrainGate(agent.client, true);
    const last = clock.monotonic() + refuseMs;
    if (await this.#isEmptyBy(() => last, signal)) return;
    log.warn('Ended the calls that were left');
    if (agent.client) await hangUpAll(agent.client);
    const gone = clock.monotonic() + 5_000;
    await this.#isEmptyBy(() => gone, signal);
  }

  async #isEmptyBy(end: () => number, signal: AbortSignal): Promise<boolean> {
    const { agent, clock } = this.#options;
    for (;;) {
      const client = agent.client;
      const left = client ? await channels(client).catch(() => undefined) : [];
      if (left?.length === 0) return true;
      if (clock.monotonic() >= end()) return false;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}
