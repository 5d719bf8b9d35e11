import { describe, expect, it } from 'vitest';
import { MemoryMarks } from './memory-marks.ts';

const MIB = 1024 * 1024;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A PBX whose memory a test moves; a trim leaves what is said, or all of it. */
class Life {
  readonly marks = new MemoryMarks();
  now = 0;
  used: number;
  readonly limit: number | undefined;
  trims: number[] = [];
  /** What a trim leaves of it, MiB. */
  needed = Number.POSITIVE_INFINITY;

  constructor(used: number, limit?: number) {
    this.used = used;
    this.limit = limit;
  }

  /** One look; what is wanted after it. */
  look() {
    const figure = { used: this.used * MIB, ...(this.limit === undefined ? {} : { limit: this.limit * MIB }) };
    const wanted = this.marks.look(figure, this.now);
    if (wanted.trim) {
      this.trims.push(this.now);
      this.marks.trimmed(figure, this.now);
      this.used = Math.min(this.used, this.needed);
    }
    return wanted;
  }

  /** Looks once a second. */
  pass(ms: number) {
    let wanted = this.look();
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 1_000;
      wanted = this.look();
    }
    return wanted;
  }

  unknown(ms: number) {
    this.now += ms;
    return this.marks.look(undefined, this.now);
  }
}

describe('a trim', () => {
  it('is never made of a small Asterisk, nor of one of which nothing is known', () => {
    const life = new Life(31, 40);
    life.pass(HOUR);
    expect(life.trims).toEqual([]);
    expect(life.unknown(HOUR).trim).toBe(false);
  });

  it('is made once of one that does nothing', () => {
    const life = new Life(120, 600);
    life.pass(24 * HOUR);
    expect(life.trims).toEqual([0]);
  });

  it.each([
    ['a sixth of', 120, 139, 1],
    ['a third of', 120, 160, 2],
    ['15 MiB of', 40, 55, 1],
    ['16 MiB of', 40, 56, 2],
  ])('is made again when %s what the last one left has come on top', (_what, before, after, trims) => {
    const life = new Life(before);
    life.pass(2 * MINUTE);
    life.used = after;
    life.needed = before;
    life.pass(2 * MINUTE);
    expect(life.trims).toHaveLength(trims);
  });

  it('is made once a minute at most, however fast it grows', () => {
    const life = new Life(40);
    for (let minutes = 0; minutes < 10; minutes++) {
      life.used *= 1.5;
      life.pass(MINUTE);
    }
    expect(life.trims.length).toBeGreaterThan(8);
    for (const [index, at] of life.trims.slice(1).entries())
      expect(at - (life.trims[index] ?? 0)).toBeGreaterThanOrEqual(MINUTE);
  });

  it('is tried again, ever less often, after one that helped little, since what a flood holds ends later', () => {
    const life = new Life(40);
    life.pass(2 * MINUTE);
    life.used = 400;
    life.pass(30 * MINUTE);
    const tries = life.trims.length;
    life.needed = 42;
    life.pass(HOUR);
    expect(life.used).toBe(42);
    const [a = 0, b = 0, c = 0, d = 0] = life.trims.slice(1, tries);
    expect([c - b, d - c]).toEqual([2 * (b - a), 4 * (b - a)].map(ms => expect.closeTo(ms, -4)));
  });

  it('is given up when it has not helped for hours: the PBX has grown', () => {
    const life = new Life(40);
    life.pass(2 * MINUTE);
    life.used = 100;
    life.pass(12 * HOUR);
    const { length } = life.trims;
    life.pass(24 * HOUR);
    expect(life.trims).toHaveLength(length);
    expect(length).toBeLessThan(12);
  });

  it('is made of another Asterisk as of the first', () => {
    const life = new Life(120);
    life.pass(HOUR);
    life.marks.forget();
    life.pass(HOUR);
    expect(life.trims).toHaveLength(2);
  });
});

describe('near the limit', () => {
  it.each([
    [74, false, false],
    [76, true, false],
    [84, true, false],
    [86, true, true],
  ])('of which %i in 100 parts are used after a trim, lamps are refused: %s, calls: %s', (used, refuseLamps, refuseCalls) => {
    const life = new Life(used * 4, 400);
    expect(life.pass(5_000)).toEqual({ trim: false, refuseLamps, refuseCalls });
    expect(life.trims).toEqual([0]);
  });

  it('nothing is refused when a trim helps', () => {
    const life = new Life(310, 400);
    life.needed = 100;
    expect(life.look()).toEqual({ trim: true, refuseLamps: false, refuseCalls: false });
    expect(life.pass(5_000)).toEqual({ trim: false, refuseLamps: false, refuseCalls: false });
  });

  it('what grows faster than a trim shows is refused at once', () => {
    const life = new Life(330, 400);
    expect(life.look()).toEqual({ trim: true, refuseLamps: true, refuseCalls: false });
    life.used = 372;
    life.now += 250;
    expect(life.look()).toMatchObject({ refuseCalls: true });
  });

  it('nothing is refused without a limit', () => {
    expect(new Life(4_000).pass(MINUTE)).toMatchObject({ refuseLamps: false, refuseCalls: false });
  });

  it('what was refused is let in again well below, and not before a minute', () => {
    const life = new Life(360, 400);
    expect(life.pass(5_000).refuseCalls).toBe(true);
    life.used = 290;
    expect(life.pass(30_000).refuseCalls).toBe(true);
    expect(life.pass(30_000)).toMatchObject({ refuseCalls: false, refuseLamps: true });
    life.used = 250;
    expect(life.pass(2_000).refuseLamps).toBe(false);
  });

  it('what goes up and down by the second is refused once a minute at most', () => {
    const life = new Life(100, 400);
    life.pass(2 * MINUTE);
    let [changes, was] = [0, false];
    for (let second = 0; second < 600; second++) {
      life.used = second % 2 === 0 ? 380 : 200;
      const { refuseCalls } = life.pass(1_000);
      if (refuseCalls !== was) changes++;
      was = refuseCalls;
    }
    expect(changes).toBeLessThanOrEqual(20);
  });

  it('nothing is refused any more once nothing has been known for half a minute', () => {
    const life = new Life(380, 400);
    life.pass(5_000);
    expect(life.unknown(20_000).refuseCalls).toBe(true);
    expect(life.unknown(11_000)).toEqual({ trim: false, refuseLamps: false, refuseCalls: false });
  });

  it('another Asterisk refuses nothing', () => {
    const life = new Life(380, 400);
    life.pass(5_000);
    life.used = 40;
    life.marks.forget();
    expect(life.look()).toMatchObject({ refuseLamps: false, refuseCalls: false });
  });
});

describe('what is told of it', () => {
  it('is the worse, for ten minutes after the last time', () => {
    const life = new Life(380, 400);
    expect(life.marks.pressure(life.now)).toBeUndefined();
    life.pass(5_000);
    expect(life.marks.pressure(life.now)).toBe('Calls');
    life.used = 50;
    life.pass(9 * MINUTE);
    expect(life.marks.pressure(life.now)).toBe('Calls');
    life.used = 310;
    life.pass(5 * MINUTE);
    expect(life.marks.pressure(life.now)).toBe('Lamps');
    life.used = 50;
    life.pass(20 * MINUTE);
    expect(life.marks.pressure(life.now)).toBeUndefined();
  });
});
