import type { Clock } from './clock.ts';

/** Wakes one loop. Rings that come while nobody waits count as one; none is lost. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves when the bell has rung since the last wait, or after `ms`; rejects when the signal is aborted. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (!this.#rung) {
      const done = new AbortController();
      const rung = new Promise<void>(resolve => {
        this.#wake = resolve;
      });
      const late = clock.sleep(ms, AbortSignal.any([signal, done.signal])).catch(() => undefined);
      await Promise.race([rung, late]);
      done.abort();
      this.#wake = undefined;
    }
    signal.throwIfAborted();
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
