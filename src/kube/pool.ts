import { Agent } from 'undici';
import type { ServerAccess } from './credentials.ts';

/**
 * A pool of HTTP/1.1 connections, of which each watch takes one. When the certificates change, a new pool is made; the old one
 * is closed once its requests have ended.
 */
const CONNECTIONS = 64;

type Certificates = Pick<ServerAccess, 'ca' | 'cert' | 'key'>;

export class Pool {
  readonly #access: ServerAccess;
  readonly #leaving = new Set<Agent>();
  #with: Certificates;
  #agent: Agent;

  constructor(access: ServerAccess) {
    this.#access = access;
    this.#with = certificatesOf(access);
    this.#agent = made(this.#with);
  }

  get agent(): Agent {
    return this.#agent;
  }

  /** Reads the certificates again; returns whether they changed. If they cannot be read, the known ones stay. */
  refresh(): boolean {
    let now: Certificates;
    try {
      now = certificatesOf(this.#access);
    } catch {
      return false;
    }
    const { ca, cert, key } = this.#with;
    if (now.ca === ca && now.cert === cert && now.key === key) return false;
    const old = this.#agent;
    this.#with = now;
    this.#agent = made(now);
    this.#leaving.add(old);
    const left = (): void => void this.#leaving.delete(old);
    old.close().then(left, left);
    return true;
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent, ...this.#leaving].map(agent => agent.destroy()));
  }
}

function certificatesOf({ ca, cert, key }: ServerAccess): Certificates {
  return { ca, cert, key };
}

function made({ ca, cert, key }: Certificates): Agent {
  return new Agent({
    allowH2: false,
    connections: CONNECTIONS,
    keepAliveTimeout: 60_000,
    connect: { ca, cert, key },
  });
}
