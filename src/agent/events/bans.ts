/**
 * Which addresses guess passwords, and for how long they are banned. Pure: times are milliseconds of any clock that never goes
 * back.
 *
 * A guesser differs from a phone with an old password in the number of failures: a phone tries its one account now and then,
 * and these failures are forgotten faster than they come. An address from which somebody logged in lately is not banned: it
 * is an office with one phone that is set up wrongly. Against a guesser in such an office only long passwords help.
 */
export interface BanLimits {
  /** So many failed logins lead to a ban. */
  readonly failures: number;
  /** In each such time one failed login is forgotten: slower ones never lead to a ban. */
  readonly forgetOneMs: number;
  /** So many different accounts that failed within `accountsMs` lead to a ban. */
  readonly accounts: number;
  readonly accountsMs: number;
  /** Length of the first ban; each next one is twice as long. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** After so long without failures the next ban counts as the first one. */
  readonly quietMs: number;
  /** So long after a successful login an address is not banned. Longer than the interval in which phones register again. */
  readonly trustMs: number;
  /** Most addresses to remember, both of failed and of successful logins. The ones that were silent longest are forgotten. */
  readonly sources: number;
  /** Most bans, since Asterisk compares each request with each of them. When there are more, the one that ends first is lifted. */
  readonly bans: number;
}

export const BAN_LIMITS: BanLimits = {
  failures: 60,
  forgetOneMs: 1_000,
  accounts: 20,
  accountsMs: 300_000,
  firstMs: 60_000,
  mostMs: 3_600_000,
  quietMs: 86_400_000,
  trustMs: 3_900_000,
  sources: 10_000,
  bans: 500,
};

export interface Ban {
  readonly source: string;
  readonly untilMs: number;
  readonly lastsMs: number;
  /** Failed logins since the last ban. */
  readonly failures: number;
}

export interface Settled {
  /** Bans that are in force, in the order in which they end. */
  readonly bans: readonly Ban[];
  /** Those of them that are new. */
  readonly banned: readonly Ban[];
  /** Addresses that would have been banned, but are spared. */
  readonly spared: readonly Ban[];
}

interface Suspect {
  level: number;
  failures: number;
  atMs: number;
  /** When each account failed last; no more of them than lead to a ban. */
  readonly accounts: Map<string, number>;
  times: number;
  untilMs: number;
}

export class Bans {
  readonly #limits: BanLimits;
  readonly #suspects = new Map<string, Suspect>();
  readonly #trusted = new Map<string, number>();
  readonly #bans = new Map<string, Ban>();
  /** Addresses that failed too often since the last `settle`. */
  readonly #fresh = new Map<string, Ban>();
  readonly #spared = new Map<string, Ban>();

  constructor(limits: Partial<BanLimits> = {}) {
    this.#limits = { ...BAN_LIMITS, ...limits };
  }

  loggedIn(source: string, nowMs: number): void {
    keep(this.#trusted, source, nowMs + this.#limits.trustMs, this.#limits.sources);
  }

  /** Takes in a failed login. True: it was one too many, and `settle` is to be called. */
  failed(source: string, account: string, nowMs: number): boolean {
    const { failures, accounts, firstMs, mostMs, sources, bans } = this.#limits;
    const suspect = this.#suspect(source, nowMs);
    keep(this.#suspects, source, suspect, sources);
    if (suspect.untilMs > nowMs) return false; // it is banned already, or about to be
    this.#count(suspect, account, nowMs);
    if (suspect.level < failures && suspect.accounts.size < accounts) return false;
    const lastsMs = Math.min(firstMs * 2 ** Math.min(suspect.times, 30), mostMs);
    const ban: Ban = { source, untilMs: nowMs + lastsMs, lastsMs, failures: suspect.failures };
    this.#suspects.set(source, { ...unsuspected(nowMs), times: suspect.times + 1, untilMs: ban.untilMs });
    const isTrusted = (this.#trusted.get(source) ?? 0) > nowMs;
    keep(isTrusted ? this.#spared : this.#fresh, source, ban, bans);
    return true;
  }

  /** Decides the bans. `isSpared`: addresses that are never banned. */
  settle(nowMs: number, isSpared: (source: string) => boolean): Settled {
    const banned = [...this.#fresh.values()].filter(({ source }) => !isSpared(source));
    const spared = [...this.#spared.values(), ...[...this.#fresh.values()].filter(({ source }) => isSpared(source))];
    this.#fresh.clear();
    this.#spared.clear();
    for (const source of this.#bans.keys()) if (isSpared(source)) this.#bans.delete(source);
    for (const ban of banned) this.#bans.set(ban.source, ban);
    const bans = this.list(nowMs);
    for (const { source } of bans.splice(0, bans.length - this.#limits.bans)) this.#bans.delete(source);
    return { bans, banned, spared };
  }

  #suspect(source: string, nowMs: number): Suspect {
    const known = this.#suspects.get(source);
    const isOver = known && Math.max(known.atMs, known.untilMs) + this.#limits.quietMs <= nowMs;
    if (known && !isOver) return known;
    return unsuspected(nowMs);
  }

  #count(suspect: Suspect, account: string, nowMs: number): void {
    const { forgetOneMs, accountsMs } = this.#limits;
    suspect.level = Math.max(0, suspect.level - (nowMs - suspect.atMs) / forgetOneMs) + 1;
    suspect.failures++;
    suspect.atMs = nowMs;
    for (const [name, atMs] of suspect.accounts) if (atMs + accountsMs <= nowMs) suspect.accounts.delete(name);
    suspect.accounts.set(account, nowMs);
  }

  /** Bans that are not over, in the order in which they end. */
  list(nowMs: number): Ban[] {
    for (const { source, untilMs } of [...this.#bans.values()]) if (untilMs <= nowMs) this.#bans.delete(source);
    return [...this.#bans.values()].sort((a, b) => a.untilMs - b.untilMs);
  }

  /** Lifts a ban, and forgets the failures. False: there is none. */
  lift(source: string): boolean {
    const isBanned = this.#bans.delete(source) || this.#fresh.delete(source);
    if (isBanned) this.#suspects.delete(source);
    return isBanned;
  }

  /** Number of addresses that are remembered; for tests of the bounds. */
  get size(): number {
    return Math.max(this.#suspects.size, this.#trusted.size);
  }
}

function unsuspected(nowMs: number): Suspect {
  return { level: 0, failures: 0, atMs: nowMs, accounts: new Map(), times: 0, untilMs: 0 };
}

/** Puts an entry last, and removes the first one when there are too many. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
