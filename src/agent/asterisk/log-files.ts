import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MESSAGES, PROBLEMS } from './base-files.ts';

/** Reads the end of Asterisk's log files, and keeps them from growing too large. */

const TAIL_BYTES = 64 * 1024;
const MAX_LOG_BYTES = 8 * 1024 * 1024;
const OLD_LOG = new RegExp(`^(${MESSAGES}|${PROBLEMS})\\.\\d+$`);

/** The end of a log; empty when there is none. */
export async function logTail(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8');
  } finally {
    await file.close();
  }
}

/** Keeps Asterisk's logs from filling the volume: `rotate` must make Asterisk begin new files; old ones are deleted. */
export async function boundLog(directory: string, rotate: () => Promise<unknown>): Promise<void> {
  const sizes = await Promise.all(
    [MESSAGES, PROBLEMS].map(name => stat(join(directory, name)).catch(() => ({ size: 0 }))),
  );
  if (sizes.every(({ size }) => size < MAX_LOG_BYTES)) return;
  await rotate();
  const old = (await readdir(directory)).filter(name => OLD_LOG.test(name));
  for (const name of old) await rm(join(directory, name), { force: true });
}
