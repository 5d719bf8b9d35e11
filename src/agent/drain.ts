import { setDrainGate } from './ami/actions.ts';
import type { AmiClient } from './ami/client.ts';
import { Emptying, type EmptyingOptions } from './emptying.ts';

/**
 * Empties the PBX when the operator, or the end of the pod, asks for it. Who asks while it is under way joins it, and may
 * bring another deadline. It stays begun until it is taken back or another Asterisk starts: calls that come after the PBX
 * was empty for a moment are waited for within the same deadline.
 */
interface Drainable {
  readonly client: AmiClient | undefined;
  /** Nobody listens where the manager would: there is no Asterisk, and so no call. */
  readonly absent: boolean;
  draining: boolean;
  /** Called when another Asterisk process was found, before any call can reach it. */
  onNewAsterisk(listener: () => void): void;
}

export interface DrainerOptions extends EmptyingOptions {
  readonly agent: Drainable;
}

interface Begun {
  readonly emptying: Emptying;
  readonly stop: AbortController;
}

const LOOK_EVERY_MS = 200;

export class Drainer {
  readonly #options: DrainerOptions;
  #begun: Begun | undefined;
  #running: Promise<void> | undefined;
  #leaving = 0;

  constructor(options: DrainerOptions) {
    this.#options = options;
    options.agent.onNewAsterisk(() => this.#forget('Another Asterisk was started'));
  }

  /** Resolves when the PBX is empty. The deadline counts from when the drain began. */
  drain(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const begun = this.#begin(deadlineMs);
    begun.emptying.deadlineMs = deadlineMs;
    return this.#run(begun, signal);
  }

  /**
   * For the end of Asterisk: as `drain`, but one that has begun keeps its deadline, and nobody is let in any more once it
   * is empty. It is not taken back.
   */
  async join(deadlineMs: number, signal: AbortSignal): Promise<void> {
    const { agent } = this.#options;
    const begun = this.#begin(deadlineMs);
    const both = AbortSignal.any([signal, begun.stop.signal]);
    this.#leaving++;
    try {
      do await this.#run(begun, signal);
      while (!agent.absent && agent.client && !(await begun.emptying.leave(agent.client, both)));
    } finally {
      this.#leaving--;
    }
  }

  /** The gate opens again and the agent reports itself in service. */
  async undrain(): Promise<void> {
    if (this.#leaving > 0) return; // Asterisk ends, whatever anybody wants
    this.#forget('Taken back into service');
    const { client } = this.#options.agent;
    if (client) await setDrainGate(client, false);
  }

  #begin(deadlineMs: number): Begun {
    const { agent } = this.#options;
    this.#begun ??= { emptying: new Emptying(this.#options, deadlineMs), stop: new AbortController() };
    agent.draining = true;
    return this.#begun;
  }

  #forget(why: string): void {
    this.#begun?.stop.abort(new Error(why));
    this.#begun = undefined;
    this.#running = undefined;
    this.#options.agent.draining = false;
  }

  #run(begun: Begun, signal: AbortSignal): Promise<void> {
    if (this.#running) return this.#running;
    const running = this.#empty(begun, AbortSignal.any([signal, begun.stop.signal])).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #empty({ emptying }: Begun, signal: AbortSignal): Promise<void> {
    const { agent, clock } = this.#options;
    while (!agent.absent && !(await emptying.look(agent.client, signal))) await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
