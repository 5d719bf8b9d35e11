import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { MemoryFigure } from './memory-marks.ts';

/** How much memory Asterisk uses, apart from caches that the kernel can drop, and how much it may use. In bytes. */
const STALE_MS = 10_000;
/** The longest text of the file: two numbers of 64 bits and a space. */
const LONGEST = 48;
const FORM = /^(\d{1,19}) (\d{1,19}|max)\n$/;

/**
 * The figure from the file that Asterisk's container writes (src/api/pod-files.ts). An attacker in that container can write
 * anything there, and gains nothing: links are not followed, pipes are not waited for, and only two numbers are read.
 * Undefined: there is no file, or it is out of date. `nowMs` is wall-clock time, which the containers of a pod share.
 */
export async function memoryOfContainer(path: string, nowMs: number): Promise<MemoryFigure | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file: number | undefined;
  try {
    // synchronously: the file is in memory, and asynchronous reads cost nine times as much CPU time (measured)
    file = openSync(path, flags);
    return figureIn(file, nowMs);
  } catch {
    return undefined; // not written yet, or no file
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function figureIn(file: number, nowMs: number): MemoryFigure | undefined {
  const status = fstatSync(file);
  if (!status.isFile() || Math.abs(nowMs - status.mtimeMs) > STALE_MS) return undefined;
  const bytes = Buffer.alloc(LONGEST);
  const [, used, limit] = FORM.exec(bytes.toString('latin1', 0, readSync(file, bytes, 0, LONGEST, 0))) ?? [];
  return used === undefined ? undefined : figureOf(Number(used), Number(limit));
}

/** The figure of a process on this machine: its memory that belongs to no file. Undefined: it has ended. */
export async function processMemory(pid: number, limit?: number): Promise<MemoryFigure | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : figureOf(Number(kilobytes) * 1024, limit);
}

/** Version 1 of control groups says "no limit" by a number that no machine has. */
function figureOf(used: number, limit: number | undefined): MemoryFigure {
  return limit !== undefined && limit > 0 && Number.isSafeInteger(limit) ? { used, limit } : { used };
}
