import type { AmiClient } from '../ami/client.ts';
import { type DrainOptions, DrainSession } from './drain-session.ts';
import { openGate } from './gate.ts';

/**
 * Empties the PBX when the operator, or the end of the pod, asks for it. Who asks while it is under way joins it, and may
 * bring another deadline. It stays begun until it is taken back or another Asterisk starts: calls that come after the PBX
 * was empty for a moment are waited for within the same deadline.
 *
 * What the operator asks for is a lease: it asks again every few seconds, and when it has not for a minute, it is away,
 * and nobody would ever say that calls are welcome again. Then the PBX goes back into service by itself. The end of the
 * pod is no lease.
 */
interface Drainable {
  readonly client: AmiClient | undefined;
  /** Nobody listens where the manager would: there is no Asterisk, and so no call. */
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
  /** Monotonic milliseconds of when the operator asked last; undefined: it did not. */
  askedAt?: number;
}

const LOOK_EVERY_MS = 200;
/** The operator asks every 5 seconds; a new leader is there within 20. */
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

  /** Resolves when the PBX is empty. The deadline counts from when the drain began. To be asked again within a minute. */
  drain(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const begun = this.#begin(deadlineMs);
    const isFirst = begun.askedAt === undefined;
    begun.session.deadlineMs = deadlineMs;
    begun.askedAt = this.#options.clock.monotonic();
    if (isFirst) void this.#lease(begun, signal);
    return this.#run(begun, signal);
  }

  /**
   * For the end of Asterisk: as `drain`, but one that has begun keeps its deadline, and nobody is let in any more once it
   * is empty. It is not taken back.
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
    if (this.#leaving > 0) return; // Asterisk ends, whatever anybody wants
    this.#stop('Taken back into service');
    await this.#open(signal);
  }

  #begin(deadlineMs: number): Begun {
    const { agent } = this.#options;
    this.#begun ??= { session: new DrainSession(this.#options, deadlineMs), stop: new AbortController() };
    agent.draining = true;
    return this.#begun;
  }

  /** Waits until the operator has not asked for too long, then takes the PBX back. */
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

  /** Until it is open, or a new drain begins: nothing else would let calls in again. */
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
