import { array, boolean, check, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAN_LIMITS, type BanLimits, Bans } from './bans.ts';

const nobody = (): boolean => false;
const GUESSER = '198.51.100.7';

/** So many failed logins, `everyMs`; the time after the last. */
function fail(
  bans: Bans,
  times: number,
  everyMs: number,
  { from = GUESSER, account = (_n: number): string => '1001', at = 0 } = {},
): number {
  for (let n = 0; n < times; n++) bans.failed(from, account(n), at + n * everyMs);
  return at + (times - 1) * everyMs;
}

function banned(bans: Bans, nowMs: number): string[] {
  return bans.settle(nowMs, nobody).bans.map(({ source }) => source);
}

describe('who is banned', () => {
  it.each([
    ['guesses a thousand times a second at one account', 61, 1, () => 'a', true],
    ['guesses twice a second at one account', 120, 500, () => 'a', true],
    ['mistypes a password', 5, 2_000, () => 'a', false],
    ['is a phone that repeats its old password every 30 seconds for a day', 2_880, 30_000, () => 'a', false],
    ['is a phone that repeats it every second', 3_600, 1_000, () => 'a', false],
    ['tries one password on many accounts, slowly', 20, 10_000, (n: number) => `${n}`, true],
    ['is an office of ten phones with old passwords', 2_400, 3_000, (n: number) => `${n % 10}`, false],
  ])('who %s', (_who, times, everyMs, account, isBanned) => {
    const bans = new Bans();
    const now = fail(bans, times, everyMs, { account });
    expect(banned(bans, now)).toEqual(isBanned ? [GUESSER] : []);
  });

  it('not an address from which somebody logged in lately', () => {
    const bans = new Bans();
    bans.loggedIn(GUESSER, 0);
    fail(bans, 1_000, 0);
    const { bans: inForce, spared } = bans.settle(1_000, nobody);
    expect(inForce).toEqual([]);
    expect(spared).toMatchObject([{ source: GUESSER, failures: BAN_LIMITS.failures }]);
    expect(bans.settle(1_001, nobody).spared).toEqual([]); // it is told once
  });

  it('but one from which nobody has for longer than phones wait', () => {
    const bans = new Bans();
    bans.loggedIn(GUESSER, 0);
    const now = fail(bans, 60, 0, { at: BAN_LIMITS.trustMs });
    expect(banned(bans, now)).toEqual([GUESSER]);
  });

  it('not a carrier, also one that was made after the ban', () => {
    const bans = new Bans();
    fail(bans, 60, 0);
    expect(bans.settle(60, source => source === GUESSER)).toMatchObject({ bans: [], spared: [{ source: GUESSER }] });
    fail(bans, 60, 0, { from: '198.51.100.8' });
    expect(banned(bans, 60)).toEqual(['198.51.100.8']);
    expect(bans.settle(61, source => source === '198.51.100.8').bans).toEqual([]);
  });
});

describe('for how long', () => {
  it('is twice as long each time, up to an hour', () => {
    const bans = new Bans();
    const lengths: number[] = [];
    for (let at = 0, round = 0; round < 9; round++) {
      at = fail(bans, 60, 0, { at }) + 1;
      const [ban] = bans.settle(at, nobody).banned;
      lengths.push((ban?.lastsMs ?? 0) / 60_000);
      at += ban?.lastsMs ?? 0;
      expect(bans.settle(at, nobody).bans).toEqual([]);
    }
    expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('is a minute again after a quiet day, and after it was lifted', () => {
    const bans = new Bans();
    let at = fail(bans, 60, 0);
    bans.settle(at, nobody);
    at = fail(bans, 60, 0, { at: at + BAN_LIMITS.firstMs + BAN_LIMITS.quietMs + 1 });
    expect(bans.settle(at, nobody).banned).toMatchObject([{ lastsMs: BAN_LIMITS.firstMs }]);
    expect(bans.lift(GUESSER)).toBe(true);
    expect(bans.lift(GUESSER)).toBe(false);
    expect(banned(bans, at)).toEqual([]);
    at = fail(bans, 60, 0, { at: at + 1 });
    expect(bans.settle(at, nobody).banned).toMatchObject([{ lastsMs: BAN_LIMITS.firstMs }]);
  });
});

describe('bounds', () => {
  it('remembers so many addresses, and bans as many as Asterisk can compare', () => {
    const bans = new Bans({ sources: 100, bans: 10 });
    for (let n = 0; n < 1_000; n++) {
      fail(bans, 60, 0, { from: `10.0.${n >> 8}.${n & 255}`, at: n });
      bans.loggedIn(`10.1.${n >> 8}.${n & 255}`, n);
      expect(bans.settle(n, nobody).bans.length).toBeLessThanOrEqual(10);
    }
    expect(bans.size).toBe(100);
    expect(banned(bans, 1_000)).toHaveLength(10);
  });

  it('remembers who fails and forgets who was silent longest', () => {
    const bans = new Bans({ sources: 3 });
    fail(bans, 59, 0);
    for (let n = 0; n < 5; n++) {
      bans.failed(`10.0.0.${n}`, 'a', 0);
      bans.failed(GUESSER, 'a', 0);
    }
    expect(banned(bans, 0)).toEqual([GUESSER]);
  });
});

describe('whatever comes', () => {
  const LIMITS: Partial<BanLimits> = {
    failures: 5,
    accounts: 3,
    sources: 4,
    bans: 2,
    trustMs: 10_000,
    firstMs: 2_000,
    mostMs: 7_000,
  };
  const source = constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6');
  const step = tuple(source, constantFrom('a', 'b', 'c', 'd'), integer({ min: 0, max: 2_000 }), boolean(), boolean());

  it('bans no carrier and nobody who just logged in, never too many, and none for too long', () => {
    const held = property(array(step, { maxLength: 200 }), steps => {
      const bans = new Bans(LIMITS);
      const carrier = (one: string): boolean => one === '10.0.0.6';
      const since = new Map<string, number>();
      let now = 0;
      for (const [from, account, pause, ok, settles] of steps) {
        now += pause;
        const before = bans.list(now).some(ban => ban.source === from);
        if (ok && !before) bans.loggedIn(from, now);
        else bans.failed(from, account, now);
        if (!settles) continue;
        const inForce = bans.settle(now, carrier).bans;
        for (const one of inForce) {
          if (carrier(one.source) || one.untilMs > now + 7_000 || one.untilMs <= now) return false;
          if (!since.has(one.source)) since.set(one.source, now);
        }
        if (inForce.length > 2 || bans.size > 4) return false;
      }
      return banned(bans, now + 7_000).length === 0;
    });
    expect(check(held).counterexample).toBeNull();
  });

  it('bans nobody who fails with one account as slowly as it forgets', () => {
    const pauses = array(integer({ min: BAN_LIMITS.forgetOneMs, max: 60_000 }), { maxLength: 300 });
    const held = property(pauses, all => {
      const bans = new Bans();
      let now = 0;
      return all.every(pause => {
        now += pause;
        return !bans.failed(GUESSER, 'a', now);
      });
    });
    expect(check(held).counterexample).toBeNull();
  });
});
