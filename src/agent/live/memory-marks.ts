/**
 * Decides what is done about Asterisk's memory. Pure; in bytes, and milliseconds of any clock that never goes back.
 *
 * Memory that Asterisk has freed stays with its allocator (glibc) until that is asked to return it to the system ("trim"), so
 * the usage is often much higher than the need. A trim is due when the usage is well above what earlier trims left. Near the
 * limit, first new subscriptions to extensions ("lamps" of phones) are refused, because a phone can make any number of
 * them, each for 75 kB; then new calls. Above the limit the kernel would kill Asterisk, and end all calls.
 */
export interface MemoryFigure {
  readonly used: number;
  /** Absent: there is no limit. */
  readonly limit?: number;
}

interface Mark {
  /** Share of the limit from which requests are refused if a trim does not help. */
  readonly close: number;
  /** Share of the limit from which requests are refused at once. */
  readonly closeAtOnce: number;
  /** Share of the limit below which requests are accepted again. */
  readonly open: number;
}

const LAMPS: Mark = { close: 0.75, closeAtOnce: 0.8, open: 0.65 };
const CALLS: Mark = { close: 0.85, closeAtOnce: 0.92, open: 0.75 };
/** Share of the limit from which a trim is due whenever more is used than at the lowest. */
const NEAR = 0.6;

export interface MemoryTimes {
  /** Requests are refused for at least so long: to switch every second would help nobody. */
  readonly holdMs: number;
  /** Least time between two trims. */
  readonly trimEveryMs: number;
}

const TIMES: MemoryTimes = { holdMs: 60_000, trimEveryMs: 60_000 };

const MIB = 1024 * 1024;
/** An idle Asterisk uses about so much; below it there is no trim. */
const SMALL = 32 * MIB;
/** A trim is worth it when the usage has grown by a quarter, and by at least so much. */
const MORE = 16 * MIB;
const MORE_SHARE = 0.25;
/** A trim that freed hardly anything doubles the pause, up to this one. If it fails then, the usage is taken for the need. */
const TRIM_SELDOM_MS = 3_600_000;
const HARDLY = 0.05;
/** So long after a trim the figure shows its effect. */
const SETTLE_MS = 2_000;
/** After so long without a figure nothing is refused any more. */
const UNKNOWN_MS = 30_000;
/** So long after the last refusal it is still reported, so that the condition does not flap. */
const REPORTED_MS = 600_000;

export interface Wanted {
  readonly trim: boolean;
  readonly refuseLamps: boolean;
  readonly refuseCalls: boolean;
}

/** The worse of what was refused lately. */
export type Pressure = 'Lamps' | 'Calls';

export class MemoryMarks {
  readonly #times: MemoryTimes;
  readonly #lamps: Gate;
  readonly #calls: Gate;
  #knownMs: number | undefined;
  /** The usage after the last trim, and the lowest usage after any trim. */
  #left: number | undefined;
  #rest: number | undefined;
  #trimmedMs: number | undefined;
  #pauseMs: number;
  /** The usage before a trim whose effect is not known yet. */
  #before: number | undefined;

  constructor(times: Partial<MemoryTimes> = {}) {
    this.#times = { ...TIMES, ...times };
    this.#lamps = new Gate(LAMPS, this.#times.holdMs);
    this.#calls = new Gate(CALLS, this.#times.holdMs);
    this.#pauseMs = this.#times.trimEveryMs;
  }

  /** Decides what to do; undefined: no figure is known. */
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

  /** To be called when a trim was requested, whether it succeeded or not. */
  trimmed({ used }: MemoryFigure, nowMs: number): void {
    this.#before = used;
    this.#trimmedMs = nowMs;
  }

  /** What to report; undefined: nothing was refused lately. */
  pressure(nowMs: number): Pressure | undefined {
    if (this.#calls.isTold(nowMs)) return 'Calls';
    return this.#lamps.isTold(nowMs) ? 'Lamps' : undefined;
  }

  /** To be called when another Asterisk has started. */
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

  /** Takes in the effect of the last trim. */
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

/** Refuses from a share of the limit on, until the usage is well below it. */
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

  /** `mayHelp`: a trim is due, or its effect is not known yet. */
  look(share: number, mayHelp: boolean, nowMs: number): void {
    const { close, closeAtOnce, open } = this.#mark;
    if (this.#closedMs === undefined) {
      if (share >= (mayHelp ? closeAtOnce : close)) this.#closedMs = nowMs;
    } else if (share < open && nowMs - this.#closedMs >= this.#holdMs) this.#closedMs = undefined;
    if (this.closed) this.#lastMs = nowMs;
  }

  isTold(nowMs: number): boolean {
    return this.#lastMs !== undefined && nowMs - this.#lastMs < REPORTED_MS;
  }
}
