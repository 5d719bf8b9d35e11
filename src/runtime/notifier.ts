import type { Clock } from './clock.ts';

/**
 * Wakes loops that wait, like tokio's Notify. A notification while nobody waits is kept for the next wait; several of them
 * count as one.
 */
export class Notifier {
  #notified = false;
  readonly #wakes = new Set<() => void>();

  notify(): void {
    this.#notified = true;
    for (const wake of this.#wakes) wake();
  }

  /** Resolves with true once it was notified since the last wait, with false after `ms`. Rejects when the signal is aborted. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (!this.#notified) {
      const done = new AbortController();
      let wake = (): void => undefined;
      const notified = new Promise<void>(resolve => {
        wake = resolve;
      });
      this.#wakes.add(wake);
      const late = clock.sleep(ms, AbortSignal.any([signal, done.signal])).catch(() => undefined);
      await Promise.race([notified, late]);
      done.abort();
      this.#wakes.delete(wake);
    }
    signal.throwIfAborted();
    const notified = this.#notified;
    this.#notified = false;
    return notified;
  }
}
