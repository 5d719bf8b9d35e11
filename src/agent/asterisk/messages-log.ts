import { randomBytes } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { sayInLog } from '../ami/actions.ts';
import { type AmiClient, AmiError } from '../ami/client.ts';
import { MESSAGES, type Places, PROBLEMS } from './base-files.ts';

/**
 * Reads the messages that Asterisk logs while it loads something. A separate thread of Asterisk writes the logs
 * (main/logger.c), so an action may be answered before its messages are written. Therefore Asterisk is made to log a marker
 * afterwards: when that is in `messages`, all earlier messages are in `problems`.
 */
export interface Said {
  readonly text: string;
  /** Whether nothing is missing. */
  readonly whole: boolean;
}

export class MessagesLog {
  readonly #messages: string;
  readonly #problems: string;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(places: Places, clock: Clock, log: Logger) {
    this.#messages = join(places.log, MESSAGES);
    this.#problems = join(places.log, PROBLEMS);
    this.#clock = clock;
    this.#log = log;
  }

  /** The size of the log in bytes, from which `since` can read on. */
  async size(): Promise<number> {
    return sizeOf(this.#problems);
  }

  /** The messages from there until now. Throws when the connection is lost meanwhile. */
  async since(offset: number, client: AmiClient): Promise<Said> {
    const heard = (await this.#hears(client)) || (await this.#hearsAgain(client));
    if (!heard) this.#log.warn('Read a log of Asterisk that may not be all');
    const { text, full } = await read(this.#problems, offset);
    return { text, whole: heard && !full };
  }

  /** Makes Asterisk open its logs again: after a failed write (the disk was full for a moment) it stops writing. */
  async #hearsAgain(client: AmiClient): Promise<boolean> {
    await client.command('logger reload');
    return this.#hears(client);
  }

  async #hears(client: AmiClient): Promise<boolean> {
    const last = `ringfleet/read-back-${randomBytes(6).toString('hex')}`;
    let from = await sizeOf(this.#messages);
    await sayInLog(client, last);
    const end = this.#clock.monotonic() + WRITTEN_WITHIN_MS;
    for (let tail = ''; ; ) {
      const { text, bytes } = await read(this.#messages, from);
      from += bytes;
      tail = tail.slice(-last.length) + text;
      if (tail.includes(last)) return true;
      if (!client.open) throw new AmiError('Asterisk went while its log was read');
      if (this.#clock.monotonic() >= end) return false;
      if (bytes < MAX_BYTES) await this.#clock.sleep(LOOK_AGAIN_MS);
    }
  }
}

const MAX_BYTES = 16 * 1024 * 1024;
/** How long to wait for the marker, at most twice: while the disk is full it is never written. */
const WRITTEN_WITHIN_MS = 2_500;
const LOOK_AGAIN_MS = 5;

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** The text of a file from an offset on, of 16 MiB at most. */
async function read(path: string, offset: number): Promise<{ text: string; bytes: number; full: boolean }> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return { text: '', bytes: 0, full: false };
  try {
    const left = Math.max(0, (await file.stat()).size - offset);
    const length = Math.min(left, MAX_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
    return { text: buffer.toString('utf8', 0, bytesRead), bytes: bytesRead, full: left > MAX_BYTES };
  } finally {
    await file.close();
  }
}
