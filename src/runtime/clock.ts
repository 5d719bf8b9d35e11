/**
 * The one place that reads the time or waits for it. Everything else takes a `Clock`, so that a test can run an hour
 * in a moment and `core` stays pure.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. For timestamps that people read. */
  now(): number;
  /** Milliseconds on a clock that never goes backwards. For deadlines and durations. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** Resolves once the event loop has read from all sockets that have data, in whatever phase it is now. */
export function nextTurn(): Promise<void> {
  return new Promise(resolve => {
    // The first callback may run before the next poll phase.
    setImmediate(() => setImmediate(resolve));
  });
}

/** Polls `probe` every `everyMs` until it returns something other than `undefined`; throws `what` after `deadlineMs`. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  options: { clock?: Clock; deadlineMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<T> {
  const clock = options.clock ?? systemClock;
  const end = clock.monotonic() + options.deadlineMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const result = await probe();
    if (result !== undefined) return result;
    if (clock.monotonic() >= end) throw new Error(`Waited ${options.deadlineMs} ms in vain: ${what}`);
    await clock.sleep(options.everyMs ?? 50, options.signal);
  }
}

/** A signal that is aborted after a while, or with its parent. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** The time ran out; false when the parent was aborted. */
  readonly passed: boolean;
  /** Stops the timer; an abort of the parent still counts. */
  met(): void;
  /** Stops the timer and removes the listener from the parent. To be called when the work has ended. */
  clear(): void;
}

/** One for all: an abort without a reason would create an exception with a stack trace for each request. */
const IN_TIME = new DOMException('Done in time', 'AbortError');

export function deadline(clock: Clock, ms: number, parent?: AbortSignal): Deadline {
  const end = new AbortController();
  const met = new AbortController();
  let passed = false;
  const onParent = (): void => end.abort(parent?.reason);
  if (parent?.aborted) onParent();
  parent?.addEventListener('abort', onParent, { once: true });
  clock.sleep(ms, met.signal).then(
    () => {
      passed = true;
      end.abort(new DOMException(`Not done in ${ms} ms`, 'TimeoutError'));
    },
    () => undefined, // in time
  );
  return {
    signal: end.signal,
    get passed() {
      return passed;
    },
    met: () => met.abort(IN_TIME),
    clear: () => {
      parent?.removeEventListener('abort', onParent);
      met.abort(IN_TIME);
    },
  };
}
