import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { type AmiAddress, AmiClient, type AmiMessage, NotListeningError } from '../ami/client.ts';
import { startedAt } from '../ami/queries.ts';

/** What the owner of a connection does when it changes. */
export interface ConnectionHooks {
  onEvent(event: AmiMessage): void;
  /** Called before anybody else gets the connection; when it rejects, the agent reconnects. `started`: as `startedAt` returns it. */
  prepare(client: AmiClient, started: string): Promise<void>;
  onConnected(): void;
  onLost(): void;
  /** Called while there has been no Asterisk for some seconds. */
  onGone(): void;
}

const RECONNECT_MS = 250;
const BOOT_DEADLINE_MS = 60_000;
/** An Asterisk that crashed is back sooner, with its registrations, so that reports must not say that it has none. */
const GONE_MS = 5_000;

/** The agent's connection to the manager of its Asterisk. It is made again whenever it is lost. */
export class Connection {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #starts = new Set<() => void>();
  #client: AmiClient | undefined;
  #absent = false;
  /** The last connected Asterisk, as `startedAt` returns it; empty: there was none. */
  #startedAt = '';

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  get client(): AmiClient | undefined {
    return this.#client?.open ? this.#client : undefined;
  }

  /** Nothing listens on the manager's port: there is no Asterisk, and so no call. */
  get absent(): boolean {
    return this.#absent;
  }

  /** Called when another Asterisk process was found, before any call can reach it. */
  onNewAsterisk(listener: () => void): void {
    this.#starts.add(listener);
  }

  /** Whether an Asterisk runs already. */
  async isThere(address: AmiAddress): Promise<boolean> {
    const client = await this.#connect(address);
    client?.close();
    return !this.#absent;
  }

  async run(address: AmiAddress, hooks: ConnectionHooks, signal: AbortSignal): Promise<void> {
    let lostAt = this.#clock.monotonic();
    for (;;) {
      signal.throwIfAborted();
      const client = await this.#connect(address);
      if (client) {
        await this.#hold(client, hooks, signal);
        lostAt = this.#clock.monotonic();
        hooks.onLost();
      } else if (this.#absent && this.#clock.monotonic() - lostAt >= GONE_MS) hooks.onGone();
      await this.#clock.sleep(RECONNECT_MS, signal);
    }
  }

  /** Undefined: there is no Asterisk, or one that is too busy to answer. */
  async #connect(address: AmiAddress): Promise<AmiClient | undefined> {
    try {
      const client = await AmiClient.connect(address, this.#clock);
      this.#absent = false;
      return client;
    } catch (error) {
      this.#absent = error instanceof NotListeningError;
      return undefined;
    }
  }

  /** Uses a connection until it is lost. */
  async #hold(client: AmiClient, hooks: ConnectionHooks, signal: AbortSignal): Promise<void> {
    const close = (): void => client.close();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close(); // aborted while the connection was made
    await this.#takeOver(client, hooks).catch((error: unknown) => {
      this.#log.error({ err: error }, 'Failed to take over a started Asterisk');
      client.close();
    });
    await client.closed;
    signal.removeEventListener('abort', close);
    this.#log.info('Lost the connection to Asterisk');
  }

  async #takeOver(client: AmiClient, hooks: ConnectionHooks): Promise<void> {
    client.onEvent(event => hooks.onEvent(event));
    await client.command('core waitfullybooted', BOOT_DEADLINE_MS);
    const started = await startedAt(client);
    if (this.#startedAt !== '' && this.#startedAt !== started) for (const listener of this.#starts) listener();
    this.#startedAt = started;
    await hooks.prepare(client, started);
    this.#client = client;
    this.#log.info('Connected to Asterisk');
    hooks.onConnected();
  }
}
