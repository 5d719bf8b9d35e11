import type { ServerResponse } from 'node:http';
import type { Clock } from '../../src/runtime/clock.ts';
import { Refusal } from './answers.ts';
import { type Asked, type Match, matches } from './faults.ts';
import type { Kind } from './kinds.ts';
import { apiVersionOf } from './object.ts';
import { selector } from './selector.ts';
import { type Storage, type Stored, type StoredEvent, whole } from './storage.ts';

/** Open watches: events in order, bookmarks, an end after a while, and ways for them to go wrong. */
export interface WatchRequest {
  readonly asked: Asked;
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly labelSelector: string;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number;
}

interface Watch extends WatchRequest {
  readonly response: ServerResponse;
  readonly selects: (stored: Stored) => boolean;
  readonly closed: AbortController;
  /** The version that it was opened at. */
  readonly from: number;
  /** Says nothing any more, though its connection stands. */
  mute: boolean;
}

const BOOKMARK_MS = 60_000;

const IN_BAND = {
  gone: new Refusal(410, 'Expired', 'too old resource version'),
  error: new Refusal(500, 'InternalError', 'etcdserver: leader changed'),
} as const;

export class Watches {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #open = new Set<Watch>();
  #drop: { match: Match; left: number } | undefined;
  /** Lines held back while reads are frozen. */
  #held: (() => void)[] | undefined;

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
    storage.follow(event => {
      for (const watch of this.#open) this.#tell(watch, event);
    });
  }

  open(request: WatchRequest, version: string, response: ServerResponse): void {
    const from = version === '' || version === '0' ? 0 : Number(version);
    const selects = selecting(request);
    const closed = new AbortController();
    const watch: Watch = { ...request, response, selects, closed, from, mute: false };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    response.once('close', () => {
      this.#open.delete(watch);
      closed.abort();
    });
    try {
      if (from === 0) this.#tellAll(watch);
      else for (const event of this.#storage.since(from)) this.#tell(watch, event);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.end(`${JSON.stringify({ type: 'ERROR', object: error.status() })}\n`);
      return;
    }
    this.#open.add(watch);
    void this.#live(watch);
  }

  count(match: Match = {}): number {
    return this.#matching(match).length;
  }

  /** Tells everybody the current version, as the real server does about once a minute. */
  bookmark(match: Match = {}): void {
    for (const watch of this.#matching(match)) this.#bookmark(watch);
  }

  /**
   * `end`: an orderly end. `reset`: the connection breaks; `mid-line`: in the middle of a line. `gone`, `error`:
   * 410, 500 in-band; `garbage`: a line that is no JSON.
   */
  cut(how: 'end' | 'reset' | 'mid-line' | 'gone' | 'error' | 'garbage', match: Match = {}): void {
    for (const watch of this.#matching(match)) {
      const { response } = watch;
      watch.mute = how !== 'garbage';
      if (how === 'end') response.end();
      else if (how === 'reset') response.destroy();
      else if (how === 'mid-line')
        response.write('{"type":"MODIFIED","object":{"metadata":{"na', () => response.destroy());
      else if (how === 'garbage') response.write('{"type":"MODIFIED","object":{"metad<html>\n');
      else response.end(`${JSON.stringify({ type: 'ERROR', object: IN_BAND[how].status() })}\n`);
    }
  }

  /** Open watches say nothing any more, and stay open; new ones work. */
  stall(match: Match = {}): void {
    for (const watch of this.#matching(match)) watch.mute = true;
  }

  /** The next events are not told to anybody. */
  dropEvents(count: number, match: Match = {}): void {
    this.#drop = { match, left: count };
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const send of held) send();
  }

  #matching(match: Match): Watch[] {
    return [...this.#open].filter(({ asked, response }) => !response.writableEnded && matches(match, asked));
  }

  async #live(watch: Watch): Promise<void> {
    const { signal } = watch.closed;
    let left = watch.timeoutSeconds * 1000;
    while (left > 0 && !signal.aborted) {
      const step = Math.min(left, BOOKMARK_MS);
      await this.#clock.sleep(step, signal).catch(() => undefined); // closed: the loop ends
      left -= step;
      if (!signal.aborted && left > 0) this.#bookmark(watch);
    }
    if (!signal.aborted && !watch.mute) watch.response.end();
  }

  #bookmark(watch: Watch): void {
    const { kind } = watch;
    const metadata = { resourceVersion: String(this.#storage.version), creationTimestamp: null };
    const object = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
    if (watch.bookmarks) this.#write(watch, `${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  #tellAll(watch: Watch): void {
    for (const stored of this.#storage.list(watch.kind, watch.namespace))
      if (watch.selects(stored)) this.#write(watch, line('ADDED', stored));
  }

  #tell(watch: Watch, { stored, previous, type, version }: StoredEvent): void {
    if (stored.kind !== watch.kind || version <= watch.from) return;
    if (watch.namespace !== undefined && stored.object.metadata.namespace !== watch.namespace) return;
    const was = previous !== undefined && watch.selects(previous);
    const is = type !== 'DELETED' && watch.selects(stored);
    if (!was && !is) return;
    if (this.#drop && this.#drop.left > 0 && matches(this.#drop.match, watch.asked)) {
      this.#drop.left--;
      return;
    }
    this.#write(watch, line(is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED', stored));
  }

  #write(watch: Watch, text: string): void {
    const send = (): void => {
      if (!watch.mute && !watch.response.writableEnded) watch.response.write(text);
    };
    if (this.#held) this.#held.push(send);
    else send();
  }
}

function line(type: string, stored: Stored): string {
  return `{"type":"${type}","object":${whole(stored)}}\n`;
}

function selecting({ labelSelector, asked }: WatchRequest): (stored: Stored) => boolean {
  const wanted = selector(labelSelector);
  return ({ object }) => wanted(object.metadata.labels) && (asked.name === '' || object.metadata.name === asked.name);
}
