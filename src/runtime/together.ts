/** Loops that run until the signal: one that fails ends the others, and none is at anything any more when this returns. */
export async function together(
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
