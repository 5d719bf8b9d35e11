/**
 * What is done about Asterisk's memory, and when. Pure; bytes, and milliseconds of any clock that never goes back.
 *
 * What Asterisk has freed stays with it: the allocator (glibc) keeps it until it is asked to give it back ("trim"), so what
 * is used says little of what is needed. A trim is asked for when more is used than needs to be, by what the last ones
 * left. Near the limit first new lamps are refused (a phone may watch as often as it likes, and each time costs 75 kB),
 * then new calls: who is over the limit is killed, with all calls.
 */
export interface MemoryFigure {
  readonly used: number;
  /** Absent: there is none. */
  readonly limit?: number;
}

interface Mark {
  /** Of the limit: from here on it is refused if a trim does not help. */
  readonly close: number;
  /** From here on it is refused at once. */
  readonly closeAtOnce: number;
  /** Below, it is not refused any more. */
  readonly open: number;
}

const LAMPS: Mark = { close: 0.75, closeAtOnce: 0.8, open: 0.65 };
const CALLS: Mark = { close: 0.85, closeAtOnce: 0.92, open: 0.75 };
/** From here on it is near enough to trim. */
const NEAR = 0.6;

export interface MemoryTimes {
  /** Refused once, it is for so long: who is let in and out by the second is not served either. */
  readonly holdMs: number;
  /** Between two trims, at least. */
  readonly trimEveryMs: number;
}

const TIMES: MemoryTimes = { holdMs: 60_000, trimEveryMs: 60_000 };

const MIB = 1024 * 1024;
/** Less is what an Asterisk takes that does nothing. */
const SMALL = 32 * MIB;
/** So much more than before is worth a trim: a quarter of it, and this at least. */
const MORE = 16 * MIB;
const MORE_SHARE = 0.25;
/** A trim after which hardly less is used has the next one wait twice as long; after this one nothing more is expected. */
const TRIM_SELDOM_MS = 3_600_000;
const HARDLY = 0.05;
/** After that the figure is one from after the trim. */
const SETTLE_MS = 2_000;
/** Without a figure for so long, nothing is refused. */
const UNKNOWN_MS = 30_000;
/** What was refused is told for so long after it: who looks at a condition is not to see it come and go. */
const TOLD_MS = 600_000;

export interface Wanted {
  readonly trim: boolean;
  readonly refuseLamps: boolean;
  readonly refuseCalls: boolean;
}

/** What was refused lately, the worse of it. */
export type Pressure = 'Lamps' | 'Calls';

export class MemoryMarks {
  readonly #times: MemoryTimes;
  readonly #lamps: Gate;
  readonly #calls: Gate;
  #knownMs: number | undefined;
  /** What the last trim left, and the least that one of them left. */
  #left: number | undefined;
  #rest: number | undefined;
  #trimmedMs: number | undefined;
  #pauseMs: number;
  /** Used before the trim whose effect is not known yet. */
  #before: number | undefined;

  constructor(times: Partial<MemoryTimes> = {}) {
    this.#times = { ...TIMES, ...times };
    this.#lamps = new Gate(LAMPS, this.#times.holdMs);
    this.#calls = new Gate(CALLS, this.#times.holdMs);
    this.#pauseMs = this.#times.trimEveryMs;
  }

  /** What to do by what is known now; undefined: nothing is. */
  look(figure: MemoryFigure | undefined, nowMs: number): Wanted {
    if (!figure) return this.#unknown(nowMs);
    this.#knownMs = nowMs;
    if (this.#sinceTrim(nowMs) >= SETTLE_MS) this.#settle(figure.used);
    const trim = this.#isTrimDue(figure, nowMs);
    const share = figure.limit === undefined ? 0 : figure.used / figure.limit;
    const mayHelp = trim || this.#before !== undefined;
    this.#lamps.look(share, mayHelp, nowMs);
    this.#calls.look(share, mayHelp, nowMs);
    return { trim, ...this.#refused() };
  }

  /** A trim was asked for, whatever came of it. */
  trimmed({ used }: MemoryFigure, nowMs: number): void {
    this.#before = used;
    this.#trimmedMs = nowMs;
  }

  /** Undefined: nothing was refused lately. */
  pressure(nowMs: number): Pressure | undefined {
    if (this.#calls.isTold(nowMs)) return 'Calls';
    return this.#lamps.isTold(nowMs) ? 'Lamps' : undefined;
  }

  /** Another Asterisk has nothing of this one. */
  forget(): void {
    this.#lamps.open();
    this.#calls.open();
    this.#left = undefined;
    this.#rest = undefined;
    this.#trimmedMs = undefined;
    this.#pauseMs = this.#times.trimEveryMs;
    this.#before = undefined;
  }

  #unknown(nowMs: number): Wanted {
    if (nowMs - (this.#knownMs ?? nowMs) >= UNKNOWN_MS) {
      this.#lamps.open();
      this.#calls.open();
    }
    return { trim: false, ...this.#refused() };
  }

  #refused(): Omit<Wanted, 'trim'> {
    return { refuseLamps: this.#lamps.closed, refuseCalls: this.#calls.closed };
  }

  #sinceTrim(nowMs: number): number {
    return nowMs - (this.#trimmedMs ?? Number.NEGATIVE_INFINITY);
  }

  /** What the last trim did. */
  #settle(used: number): void {
    if (this.#before === undefined) return;
    const helped = this.#before - used >= HARDLY * this.#before;
    const isLast = !helped && this.#pauseMs >= TRIM_SELDOM_MS;
    this.#pauseMs = helped ? this.#times.trimEveryMs : Math.min(2 * this.#pauseMs, TRIM_SELDOM_MS);
    this.#before = undefined;
    this.#left = used;
    this.#rest = isLast ? used : Math.min(this.#rest ?? used, used);
  }

  #isTrimDue({ used, limit }: MemoryFigure, nowMs: number): boolean {
    if (used < SMALL || this.#sinceTrim(nowMs) < this.#times.trimEveryMs) return false;
    if (this.#left === undefined || this.#rest === undefined) return true;
    if (isMore(used, this.#left) || this.#lamps.closed || this.#calls.closed) return true;
    const isNear = limit !== undefined && used >= NEAR * limit && used > this.#rest;
    return (isNear || isMore(used, this.#rest)) && this.#sinceTrim(nowMs) >= this.#pauseMs;
  }
}

function isMore(used: number, than: number): boolean {
  return used >= than + Math.max(MORE, MORE_SHARE * than);
}

/** Open until a share of the limit is passed, then closed until it is well below. */
class Gate {
  readonly #mark: Mark;
  readonly #holdMs: number;
  #closedMs: number | undefined;
  #lastMs: number | undefined;

  constructor(mark: Mark, holdMs: number) {
    this.#mark = mark;
    this.#holdMs = holdMs;
  }

  get closed(): boolean {
    return this.#closedMs !== undefined;
  }

  open(): void {
    this.#closedMs = undefined;
  }

  /** `mayHelp`: a trim is about to be made, or to show what it did. */
  look(share: number, mayHelp: boolean, nowMs: number): void {
    const { close, closeAtOnce, open } = this.#mark;
    if (this.#closedMs === undefined) {
      if (share >= (mayHelp ? closeAtOnce : close)) this.#closedMs = nowMs;
    } else if (share < open && nowMs - this.#closedMs >= this.#holdMs) this.#closedMs = undefined;
    if (this.closed) this.#lastMs = nowMs;
  }

  isTold(nowMs: number): boolean {
    return this.#lastMs !== undefined && nowMs - this.#lastMs < TOLD_MS;
  }
}
