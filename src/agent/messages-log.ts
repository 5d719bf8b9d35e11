import { randomBytes } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { sayInLog } from './ami/actions.ts';
import { type AmiClient, AmiError } from './ami/client.ts';
import type { Places } from './base-files.ts';

/**
 * What an Asterisk says while it loads something. A thread of its own writes the file (main/logger.c), so that an answer
 * may come before what was said of it: to hear all, Asterisk is made to say something last.
 */
export interface Said {
  readonly text: string;
  /** Nothing of it is missing. */
  readonly whole: boolean;
}

export class MessagesLog {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(places: Places, clock: Clock, log: Logger) {
    this.#path = join(places.log, 'messages');
    this.#clock = clock;
    this.#log = log;
  }

  /** Bytes; the place from which `since` reads. */
  async size(): Promise<number> {
    return stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    );
  }

  /** What was said until now. Throws when Asterisk goes meanwhile. */
  async since(offset: number, client: AmiClient): Promise<Said> {
    const reading = new Reading(this.#path, offset);
    if (await this.#hears(reading, client)) return reading;
    // where it could not write once it writes no more until then (a disk that was full for a moment)
    await client.command('logger reload');
    if (!(await this.#hears(reading, client))) this.#log.warn('Read a log of Asterisk that may not be all');
    return reading;
  }

  async #hears(reading: Reading, client: AmiClient): Promise<boolean> {
    const last = `ringfleet/read-back-${randomBytes(6).toString('hex')}`;
    await sayInLog(client, last);
    const end = this.#clock.monotonic() + WRITTEN_WITHIN_MS;
    while (!(await reading.reaches(last))) {
      if (!client.open) throw new AmiError('Asterisk went while its log was read');
      if (reading.full || this.#clock.monotonic() >= end) return false;
      await this.#clock.sleep(LOOK_AGAIN_MS);
    }
    return true;
  }
}

/** Asterisk says a line for each mailbox that it loads. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Twice: a full disk writes nothing, ever. */
const WRITTEN_WITHIN_MS = 2_500;
const LOOK_AGAIN_MS = 5;

/** A file that grows, from a place on. */
class Reading implements Said {
  readonly #path: string;
  readonly #offset: number;
  #bytes = Buffer.alloc(0);
  whole = false;

  constructor(path: string, offset: number) {
    this.#path = path;
    this.#offset = offset;
  }

  get text(): string {
    return this.#bytes.toString();
  }

  get full(): boolean {
    return this.#bytes.length >= MAX_BYTES;
  }

  async reaches(words: string): Promise<boolean> {
    const from = Math.max(0, this.#bytes.length - words.length);
    await this.#readOn();
    this.whole = this.#bytes.includes(words, from);
    return this.whole;
  }

  async #readOn(): Promise<void> {
    const file = await open(this.#path, 'r').catch(() => undefined);
    if (!file) return;
    try {
      const at = this.#offset + this.#bytes.length;
      const length = Math.min(Math.max(0, (await file.stat()).size - at), MAX_BYTES - this.#bytes.length);
      if (length === 0) return;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
      this.#bytes = Buffer.concat([this.#bytes, buffer.subarray(0, bytesRead)]);
    } finally {
      await file.close();
    }
  }
}
