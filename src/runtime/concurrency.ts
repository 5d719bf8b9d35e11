/**
 * Runs loops until the signal. When one fails, the others are aborted as well; returns, or throws the first error, only
 * after all of them have ended.
 */
export async function runAll(
  signal: AbortSignal,
  loops: readonly ((signal: AbortSignal) => Promise<unknown>)[],
): Promise<void> {
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const running = loops.map(loop => loop(both));
  try {
    await Promise.all(running);
  } finally {
    failed.abort();
    await Promise.allSettled(running);
  }
}

/**
 * Runs `work` on all items, at most `limit` at a time. An item is taken from `items` only when its turn comes. After the
 * first error no further item is taken; the error is thrown when everything that was begun has ended.
 */
export async function forEachLimit<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  let failed: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    while (!failed) {
      const next = waiting.next();
      if (next.done) return;
      try {
        await work(next.value);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failed) throw failed.error;
}
