import type { Logger } from '../../runtime/log.ts';
import type { AmiClient } from '../ami/client.ts';
import { LOGGER_FILES } from './base-files.ts';

/**
 * Sets what Asterisk writes into its logs. It warns about requests that phones send all the time, with a line for each (50
 * phones that subscribe once a minute to an unknown event package cause 72,000 lines a day), and single warnings cannot be
 * turned off. So it writes warnings only while they are needed: from its start to the first look of the agent, during each
 * load, and, only into the log for the agent, while a trunk is not registered. Without an agent it writes all.
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

  /** Runs `load`, with all levels written meanwhile. */
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

  /** To be called after each look at the trunks, with whether one of them is not registered. */
  async looked(client: AmiClient, refused: boolean): Promise<void> {
    this.#refused = refused;
    await this.#settle(client);
  }

  /** Makes Asterisk begin new files. It writes all levels after that. */
  async rotate(client: AmiClient): Promise<void> {
    await this.#inTurn(async () => {
      this.#inForce = undefined;
      await client.command('logger rotate');
    });
    await this.#settle(client);
  }

  /** Sets the level only when it changes, so that what somebody set by hand to find a fault stays until then. */
  async #settle(client: AmiClient): Promise<void> {
    await this.#inTurn(async () => {
      const level = this.#wanted();
      if (this.#inForce?.client === client && this.#inForce.level === level) return;
      this.#inForce = undefined; // unknown: the answer may have been lost
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
    this.#turn = done.catch(() => undefined); // the caller gets the error
    return done;
  }
}
