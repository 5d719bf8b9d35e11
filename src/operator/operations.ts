import type { Operation } from '../api/operation.ts';

/** The most operations of one plan, which is more than any needs. */
const MOST = 16;

/**
 * Sends the operations of a plan to a tenant's agent, one after the other and outside of the pass, so that an agent that
 * hangs does not hold up other tenants. Nothing is queued: what is still to be done is in the next plan too.
 */
export class Operations {
  #asking = false;
  #wanted = false;

  /** Whether the last plan had operations, so that the next one may have some as well. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Returns at once; does nothing while earlier operations are not answered. `ask` must not reject. */
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
