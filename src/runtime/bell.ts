import type { Clock } from './clock.ts';

/** Wakes loops. Rings that come while nobody waits count as one; none is lost. */
export class Bell {
  #rung = false;
  readonly #wakes = new Set<() => void>();

  ring(): void {
    this.#rung = true;
    for (const wake of this.#wakes) wake();
  }

  /** Resolves when the bell has rung since the last wait, or after `ms`; rejects when the signal is aborted. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (!this.#rung) {
      const done = new AbortController();
      let wake = (): void => undefined;
      const rung = new Promise<void>(resolve => {
        wake = resolve;
      });
      this.#wakes.add(wake);
      const late = clock.sleep(ms, AbortSignal.any([signal, done.signal])).catch(() => undefined);
      await Promise.race([rung, late]);
      done.abort();
      this.#wakes.delete(wake);
    }
    signal.throwIfAborted();
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
