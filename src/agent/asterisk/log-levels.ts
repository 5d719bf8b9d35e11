import type { Logger } from '../../runtime/log.ts';
import type { AmiClient } from '../ami/client.ts';
import { LOGGER_FILES } from './base-files.ts';

/**
 * How much Asterisk writes into its logs. It warns of what phones send by habit, a line for each request (50 phones that
 * ask once a minute for an event package that it does not have make 72,000 lines a day), and cannot be told which warnings
 * to leave out. So it writes warnings only while they are to be read: from its start to the first look at it, while
 * something is loaded, and, for the agent alone, while a carrier does not register us. Without an agent it writes all.
 */
type Level = keyof typeof LOGGER_FILES;

export class LogLevels {
  readonly #log: Logger;
  #loads = 0;
  #refused = false;
  #inForce: { readonly client: AmiClient; readonly level: Level } | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Everything is written until `load` has ended. */
  async during<T>(client: AmiClient, load: () => Promise<T>): Promise<T> {
    this.#loads++;
    try {
      await this.#settle(client);
      return await load();
    } finally {
      this.#loads--;
      await this.#settle(client).catch((error: unknown) => {
        this.#log.debug({ err: error }, 'Left the logs of Asterisk as they are until the next look at it');
      });
    }
  }

  /** After each look at the carriers: whether one of them does not have us registered. */
  async looked(client: AmiClient, refused: boolean): Promise<void> {
    this.#refused = refused;
    await this.#settle(client);
  }

  /** New files; Asterisk writes everything after that. */
  async rotate(client: AmiClient): Promise<void> {
    await this.#inTurn(async () => {
      this.#inForce = undefined;
      await client.command('logger rotate');
    });
    await this.#settle(client);
  }

  /** What somebody who looks for a fault has set by hand stays until the level changes. */
  async #settle(client: AmiClient): Promise<void> {
    await this.#inTurn(async () => {
      const level = this.#wanted();
      if (this.#inForce?.client === client && this.#inForce.level === level) return;
      this.#inForce = undefined; // it may have been done though its answer is lost
      await client.command(`logger reload ${LOGGER_FILES[level]}`);
      this.#inForce = { client, level };
    });
  }

  #wanted(): Level {
    if (this.#loads > 0) return 'everything';
    return this.#refused ? 'refusals' : 'errors';
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined); // its caller hears of it
    return done;
  }
}
