import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { MemoryFigure } from './memory-marks.ts';

/** How much memory Asterisk uses, of which it cannot give up anything by itself, and how much it may use. */
const STALE_MS = 10_000;
/** Two numbers of 64 bits and what is between them. */
const LONGEST = 48;
const FORM = /^(\d{1,19}) (\d{1,19}|max)\n$/;

/**
 * As its container tells in a file (src/api/pod-files.ts). Who has taken Asterisk over can put there what he likes, and
 * gains nothing: no link is followed, no pipe waited for, and of the text only two numbers are read. Undefined: nothing
 * is told, or nothing any more. `nowMs` is wall-clock time, which the containers of a pod share.
 */
export async function toldMemory(path: string, nowMs: number): Promise<MemoryFigure | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined); // not written yet, or no file
  if (!file) return undefined;
  try {
    return await figureIn(file, nowMs);
  } finally {
    await file.close();
  }
}

async function figureIn(file: FileHandle, nowMs: number): Promise<MemoryFigure | undefined> {
  const status = await file.stat();
  if (!status.isFile() || Math.abs(nowMs - status.mtimeMs) > STALE_MS) return undefined;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST), 0, LONGEST, 0);
  const [, used, limit] = FORM.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
  return used === undefined ? undefined : figureOf(Number(used), Number(limit));
}

/** Of a process of this machine: what it has that is of no file. Undefined: it has ended. */
export async function processMemory(pid: number, limit?: number): Promise<MemoryFigure | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : figureOf(Number(kilobytes) * 1024, limit);
}

/** Version 1 of control groups says "no limit" by a number that no machine has. */
function figureOf(used: number, limit: number | undefined): MemoryFigure {
  return limit !== undefined && limit > 0 && Number.isSafeInteger(limit) ? { used, limit } : { used };
}
