import type { Operation } from '../api/operation.ts';

/** More than one plan ever needs. */
const MOST = 16;

/**
 * Asks a tenant's agent for what a plan wants, one after the other and beside the pass: an agent that hangs must not hold
 * up other tenants. Nothing is kept for later: what still is to be done stands in the next plan too.
 */
export class Operations {
  #asking = false;
  #wanted = false;

  /** The last plan wanted something of the agent, and the next one may again. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Returns at once; does nothing while the agent has not answered what it was asked before. `ask` never rejects. */
  send(operations: readonly Operation[], ask: (operation: Operation) => Promise<void>): void {
    this.#wanted = operations.length > 0;
    if (!this.#wanted || this.#asking) return;
    this.#asking = true;
    void this.#ask(operations.slice(0, MOST), ask);
  }

  async #ask(operations: readonly Operation[], ask: (operation: Operation) => Promise<void>): Promise<void> {
    for (const operation of operations) await ask(operation);
    this.#asking = false;
  }
}
