import type { AmiClient } from '../ami/client.ts';
import { type DrainOptions, DrainSession } from './drain-session.ts';
import { openGate } from './gate.ts';

/**
 * Drains the PBX on request of the operator, or of the preStop hook. There is one drain at a time: a further request joins it,
 * and may set another deadline. It goes on until it is taken back or another Asterisk starts, also when the PBX was empty
 * for a moment: calls that come later are waited for within the same deadline.
 *
 * A drain by the operator is a lease, which it renews every few seconds. When it has not done so for a minute, it is away,
 * and perhaps nobody would ever take the drain back; so the PBX goes into service again by itself. A drain by the preStop
 * hook has no such limit.
 */
interface Drainable {
  readonly client: AmiClient | undefined;
  /** Nothing listens on the manager's port: there is no Asterisk, and so no call. */
  readonly absent: boolean;
  draining: boolean;
  /** Called when another Asterisk process was found, before any call can reach it. */
  onNewAsterisk(listener: () => void): void;
}

export interface DrainerOptions extends DrainOptions {
  readonly agent: Drainable;
}

interface Begun {
  readonly session: DrainSession;
  readonly stop: AbortController;
  /** Monotonic milliseconds of the operator's last request; undefined: there was none. */
  askedAt?: number;
}

const LOOK_EVERY_MS = 200;
/** The operator renews the lease every 5 seconds, and a new leader takes over within 20. */
const LEASE_MS = 60_000;
const OPEN_AGAIN_MS = 1_000;

export class Drainer {
  readonly #options: DrainerOptions;
  #begun: Begun | undefined;
  #running: Promise<void> | undefined;
  #leaving = 0;
  #opening: Promise<void> | undefined;

  constructor(options: DrainerOptions) {
    this.#options = options;
    options.agent.onNewAsterisk(() => this.#forget('Another Asterisk was started'));
  }

  /** Resolves when the PBX is empty. The deadline counts from the beginning of the drain. To be renewed within a minute. */
  drain(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const begun = this.#begin(deadlineMs);
    const isFirst = begun.askedAt === undefined;
    begun.session.deadlineMs = deadlineMs;
    begun.askedAt = this.#options.clock.monotonic();
    if (isFirst) void this.#lease(begun, signal);
    return this.#run(begun, signal);
  }

  /**
   * Like `drain`, but before Asterisk ends: a drain that has begun keeps its deadline, it cannot be taken back, and once the
   * PBX is empty no more calls are accepted.
   */
  async drainForShutdown(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const { agent } = this.#options;
    const begun = this.#begin(deadlineMs);
    begun.session.forEnd = true;
    const both = AbortSignal.any([signal, begun.stop.signal]);
    this.#leaving++;
    try {
      do await this.#run(begun, signal);
      while (!agent.absent && agent.client && !(await begun.session.closeAndLook(agent.client, both)));
    } finally {
      this.#leaving--;
    }
  }

  /** Resolves when the gate is open again and the agent reports itself in service. */
  async undrain(signal: AbortSignal): Promise<void> {
    if (this.#leaving > 0) return; // Asterisk is about to end, and this cannot be taken back
    this.#stop('Taken back into service');
    await this.#open(signal);
  }

  #begin(deadlineMs: number): Begun {
    const { agent } = this.#options;
    this.#begun ??= { session: new DrainSession(this.#options, deadlineMs), stop: new AbortController() };
    agent.draining = true;
    return this.#begun;
  }

  /** Waits until the lease was not renewed in time, then puts the PBX back into service. */
  async #lease(begun: Begun, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const left = (): number => (begun.askedAt ?? 0) + LEASE_MS - clock.monotonic();
    try {
      while (left() > 0) await clock.sleep(left(), AbortSignal.any([signal, begun.stop.signal]));
      if (begun.session.forEnd) return;
      log.warn('Took the PBX back into service: nobody asked any more to empty it');
      this.#stop('The drain was not asked for any more');
      await this.#open(signal);
    } catch (error) {
      if (!signal.aborted && !begun.stop.signal.aborted) throw error;
    }
  }

  #stop(why: string): void {
    this.#begun?.stop.abort(new Error(why));
    this.#begun = undefined;
    this.#running = undefined;
  }

  #forget(why: string): void {
    this.#stop(why);
    this.#options.agent.draining = false;
  }

  /** Opens the gate, and tries until it succeeds or a new drain begins: nothing else would open it. */
  #open(signal: AbortSignal): Promise<void> {
    this.#opening ??= this.#opened(signal).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #opened(signal: AbortSignal): Promise<void> {
    const { agent, clock, log } = this.#options;
    while (this.#begun === undefined && !agent.absent) {
      const isOpen = await this.#tryToOpen(agent.client).catch((error: unknown) => {
        log.warn({ err: error }, 'Failed to let calls in again, trying on');
        return false;
      });
      if (isOpen) break;
      await clock.sleep(OPEN_AGAIN_MS, signal);
    }
    if (this.#begun === undefined) agent.draining = false;
  }

  async #tryToOpen(client: AmiClient | undefined): Promise<boolean> {
    if (client) await openGate(client);
    return client !== undefined;
  }

  #run(begun: Begun, signal: AbortSignal): Promise<void> {
    if (this.#running) return this.#running;
    const running = this.#empty(begun, AbortSignal.any([signal, begun.stop.signal])).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #empty({ session }: Begun, signal: AbortSignal): Promise<void> {
    const { agent, clock } = this.#options;
    while (!agent.absent && !(await session.look(agent.client, signal))) await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
