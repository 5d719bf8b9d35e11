import { systemClock } from '../../runtime/clock.ts';

const PATIENCE_MS = 1_000;

/** Says on a terminal what takes longer than a second, and takes it back when it is done. */
export async function withProgress<T>(what: string, work: Promise<T>): Promise<T> {
  const { stderr } = process;
  if (!stderr.isTTY) return work;
  const done = new AbortController();
  let shown = false;
  const notice = systemClock.sleep(PATIENCE_MS, done.signal).then(
    () => {
      shown = true;
      stderr.write(`${what} …`);
    },
    () => undefined, // it was quick
  );
  try {
    return await work;
  } finally {
    done.abort(new Error('Done'));
    await notice;
    if (shown) stderr.write('\r\u001b[K');
  }
}
