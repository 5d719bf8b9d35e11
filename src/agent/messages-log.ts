import { randomBytes } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, until } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { sayInLog } from './ami/actions.ts';
import type { AmiClient } from './ami/client.ts';
import type { Places } from './base-files.ts';

/**
 * What an Asterisk says while it loads something. A thread of its own writes the file (main/logger.c), so that an answer
 * may come before what was said of it: to hear all, Asterisk is made to say something last.
 */
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

  /** Everything that was said until now; at most a mebibyte of it. */
  async since(offset: number, client: AmiClient): Promise<string> {
    const last = `ringfleet/read-back-${randomBytes(6).toString('hex')}`;
    await sayInLog(client, last);
    const heard = async (): Promise<string | undefined> => {
      const said = await this.#read(offset);
      return said.includes(last) || said.length === MAX_BYTES ? said.toString() : undefined;
    };
    return until('the log to be written', heard, {
      clock: this.#clock,
      deadlineMs: WRITTEN_WITHIN_MS,
      everyMs: 5,
    }).catch(async (error: unknown) => {
      this.#log.warn({ err: error }, 'Read a log of Asterisk that may not be all');
      return (await this.#read(offset)).toString();
    });
  }

  async #read(offset: number): Promise<Buffer> {
    const file = await open(this.#path, 'r').catch(() => undefined);
    if (!file) return Buffer.alloc(0);
    try {
      const { size } = await file.stat();
      const length = Math.min(Math.max(0, size - offset), MAX_BYTES);
      return (await file.read(Buffer.alloc(length), 0, length, offset)).buffer;
    } finally {
      await file.close();
    }
  }
}

const MAX_BYTES = 1024 * 1024;
/** A full disk writes nothing, ever. */
const WRITTEN_WITHIN_MS = 5_000;
