/**
 * Who guesses passwords, and for how long such an address is refused. Pure: times are milliseconds of any clock that never goes back.
 *
 * A guesser differs from a phone with an old password in the number of tries: a phone repeats its one account now and
 * then, which leaks away faster than it comes. An address from which somebody logged in lately is an office with one
 * wrong phone, not a guesser; what is left against a guesser among its phones is the length of the passwords.
 */
export interface BanLimits {
  /** Failed logins at once that are too many. */
  readonly failures: number;
  /** One of them is forgotten in each such time: slower ones are never too many. */
  readonly forgetOneMs: number;
  /** Different accounts that failed within `accountsMs` that are too many. */
  readonly accounts: number;
  readonly accountsMs: number;
  /** The first ban; each next one is twice as long. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** Without failures for so long, the next ban is a first one again. */
  readonly quietMs: number;
  /** For so long after a login an address is not banned: longer than phones wait before they register again. */
  readonly trustMs: number;
  /** Addresses that are remembered, each of those that failed and those that logged in; who was silent longest goes. */
  readonly sources: number;
  /** Asterisk compares each request with each of them; the one that would end first goes. */
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
  /** Those of them that were not before. */
  readonly banned: readonly Ban[];
  /** What would have been bans, of addresses that are believed in. */
  readonly spared: readonly Ban[];
}

interface Suspect {
  level: number;
  failures: number;
  atMs: number;
  /** When each account failed last; as many as are too many. */
  readonly accounts: Map<string, number>;
  times: number;
  untilMs: number;
}

export class Bans {
  readonly #limits: BanLimits;
  readonly #suspects = new Map<string, Suspect>();
  readonly #trusted = new Map<string, number>();
  readonly #bans = new Map<string, Ban>();
  /** Not settled yet. */
  readonly #fresh = new Map<string, Ban>();
  readonly #spared = new Map<string, Ban>();

  constructor(limits: Partial<BanLimits> = {}) {
    this.#limits = { ...BAN_LIMITS, ...limits };
  }

  loggedIn(source: string, nowMs: number): void {
    keep(this.#trusted, source, nowMs + this.#limits.trustMs, this.#limits.sources);
  }

  /** True: it was one too many, and there is something to settle. */
  failed(source: string, account: string, nowMs: number): boolean {
    const { failures, accounts, firstMs, mostMs, sources, bans } = this.#limits;
    const suspect = this.#suspect(source, nowMs);
    keep(this.#suspects, source, suspect, sources);
    if (suspect.untilMs > nowMs) return false; // Asterisk is about to hear of it, or it was told a moment ago
    this.#count(suspect, account, nowMs);
    if (suspect.level < failures && suspect.accounts.size < accounts) return false;
    const lastsMs = Math.min(firstMs * 2 ** Math.min(suspect.times, 30), mostMs);
    const ban: Ban = { source, untilMs: nowMs + lastsMs, lastsMs, failures: suspect.failures };
    this.#suspects.set(source, { ...unsuspected(nowMs), times: suspect.times + 1, untilMs: ban.untilMs });
    const isTrusted = (this.#trusted.get(source) ?? 0) > nowMs;
    keep(isTrusted ? this.#spared : this.#fresh, source, ban, bans);
    return true;
  }

  /** What is to be in force now, and what of it is to be told. `isSpared`: addresses that are never banned. */
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

  /** Ends a ban, and forgets why. False: there is none. */
  lift(source: string): boolean {
    const isBanned = this.#bans.delete(source) || this.#fresh.delete(source);
    if (isBanned) this.#suspects.delete(source);
    return isBanned;
  }

  /** How many addresses it remembers; for tests of its bounds. */
  get size(): number {
    return Math.max(this.#suspects.size, this.#trusted.size);
  }
}

function unsuspected(nowMs: number): Suspect {
  return { level: 0, failures: 0, atMs: nowMs, accounts: new Map(), times: 0, untilMs: 0 };
}

/** The newest last; the oldest goes when there are too many. */
function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
