/**
 * Regular expressions over digits, as phone number metadata has them, expanded into plain sequences: one set of
 * digits per place. Asterisk's patterns are just that, so a sequence is a pattern of its dialplan.
 */

/** Ten bits: which digits may stand at a place. */
type Digits = number;
const ANY: Digits = 0b11_1111_1111;

export interface Sequence {
  readonly digits: readonly Digits[];
  /** First place and length of what the capturing groups hold, by their number; those that took no part are absent. */
  readonly groups: ReadonlyMap<number, readonly [start: number, length: number]>;
  /** Whether the expression ends there (`$`). */
  readonly ends: boolean;
}

const NOTHING: Sequence = { digits: [], groups: new Map(), ends: false };

/** All sequences that an expression stands for. Throws a TypeError on syntax that metadata has not had so far. */
export function sequences(expression: string): readonly Sequence[] {
  const reader = new Reader(expression);
  const all = reader.alternatives();
  if (!reader.atEnd) throw new TypeError(`Cannot read ${expression}`);
  return unique(all);
}

class Reader {
  readonly #text: string;
  #at = 0;
  #groups = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  alternatives(): Sequence[] {
    const all = this.#row();
    while (this.#take('|')) all.push(...this.#row());
    return all;
  }

  #row(): Sequence[] {
    let all: Sequence[] = [NOTHING];
    while (!this.atEnd && !'|)'.includes(this.#text[this.#at] ?? '')) {
      if (this.#take('$')) {
        all = all.map(one => ({ ...one, ends: true }));
        continue;
      }
      const piece = this.#piece();
      const [least, most] = this.#times();
      const repeated = Array.from({ length: most - least + 1 }, (_, more) => power(piece, least + more)).flat();
      all = product(all, repeated);
    }
    return all;
  }

  #piece(): Sequence[] {
    if (this.#take('(?:')) return this.#inside();
    if (this.#take('(')) {
      const number = ++this.#groups;
      return this.#inside().map(one => ({
        ...one,
        groups: new Map([...one.groups, [number, [0, one.digits.length] as const]]),
      }));
    }
    if (this.#take('\\d')) return [place(ANY)];
    if (this.#take('[')) return [place(this.#set())];
    const digit = this.#text[this.#at++] ?? '';
    if (!/^[0-9]$/.test(digit)) throw new TypeError(`Cannot read ${digit} in ${this.#text}`);
    return [place(1 << Number(digit))];
  }

  #inside(): Sequence[] {
    const all = this.alternatives();
    if (!this.#take(')')) throw new TypeError(`A bracket is open in ${this.#text}`);
    return all;
  }

  #set(): Digits {
    const end = this.#text.indexOf(']', this.#at);
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    let set = 0;
    for (const [, from = '', to = from] of text.matchAll(/(\d)(?:-(\d))?/g))
      for (let digit = Number(from); digit <= Number(to); digit++) set |= 1 << digit;
    return set;
  }

  #times(): [number, number] {
    if (this.#take('?')) return [0, 1];
    const [all, from, to] = /^\{(\d+)(?:,(\d+))?\}/.exec(this.#text.slice(this.#at)) ?? [];
    if (all === undefined) return [1, 1];
    this.#at += all.length;
    return [Number(from), Number(to ?? from)];
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

function place(digits: Digits): Sequence {
  return { ...NOTHING, digits: [digits] };
}

function product(first: readonly Sequence[], second: readonly Sequence[]): Sequence[] {
  return first.flatMap(a => second.map(b => joined(a, b)));
}

function power(piece: readonly Sequence[], times: number): readonly Sequence[] {
  let all: readonly Sequence[] = [NOTHING];
  for (let at = 0; at < times; at++) all = product(all, piece);
  return all;
}

function joined(a: Sequence, b: Sequence): Sequence {
  const moved = [...b.groups].map(([number, [start, length]]) => [number, [start + a.digits.length, length]] as const);
  return { digits: [...a.digits, ...b.digits], groups: new Map([...a.groups, ...moved]), ends: b.ends };
}

function unique(all: readonly Sequence[]): Sequence[] {
  return [...new Map(all.map(one => [JSON.stringify([one.digits, [...one.groups], one.ends]), one])).values()];
}

/** The text of a sequence in Asterisk's patterns, without the underscore. */
export function patternOf(digits: readonly Digits[]): string {
  return digits.map(signOf).join('');
}

function signOf(set: Digits): string {
  if (set === ANY) return 'X';
  if (set === 0b11_1111_1110) return 'Z';
  if (set === 0b11_1111_1100) return 'N';
  const members = [...'0123456789'].filter((_, digit) => set & (1 << digit));
  if (members.length === 1) return members.join('');
  const runs: string[][] = [];
  for (const digit of members) {
    const last = runs.at(-1);
    if (last && Number(last.at(-1)) === Number(digit) - 1) last.push(digit);
    else runs.push([digit]);
  }
  return `[${runs.map(run => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(''))).join('')}]`;
}

/** A beginning of numbers: what follows the last place that says anything is cut off. */
export function beginning(digits: readonly Digits[]): readonly Digits[] {
  return digits.slice(0, digits.findLastIndex(set => set !== ANY) + 1);
}

/** Whether a sequence may start with these digits, as far as it goes. */
export function mayStart(digits: readonly Digits[], text: string): boolean {
  return [...text].every((digit, at) => at >= digits.length || ((digits[at] ?? 0) & (1 << Number(digit))) !== 0);
}

interface Leaf {
  readonly digits: readonly Digits[];
  readonly label: string;
}

/** Leaves below one beginning, and a text that is the same for the same leaves. */
interface Below {
  readonly leaves: readonly Leaf[];
  readonly key: string;
}

/**
 * Divides all numbers by a label: as few disjoint patterns as a walk digit by digit finds. `labelOf` is asked for a
 * beginning once no sequence of `all` says more about it.
 */
export function divide(all: readonly (readonly Digits[])[], labelOf: (text: string) => string): readonly Leaf[] {
  const walk = (text: string, open: readonly (readonly Digits[])[]): Below => {
    const depth = text.length;
    if (open.every(({ length }) => length <= depth)) {
      const label = labelOf(text);
      return { leaves: [{ digits: [], label }], key: label };
    }
    const alike = new Map<string, { set: Digits; below: Below }>();
    for (let digit = 0; digit < 10; digit++) {
      const bit = 1 << digit;
      const below = walk(
        `${text}${digit}`,
        open.filter(one => one.length <= depth || ((one[depth] ?? 0) & bit) !== 0),
      );
      alike.set(below.key, { set: (alike.get(below.key)?.set ?? 0) | bit, below });
    }
    const [first, ...others] = alike.values();
    if (first && others.length === 0 && first.below.leaves[0]?.digits.length === 0) return first.below;
    const leaves = [...alike.values()].flatMap(({ set, below }) =>
      below.leaves.map(({ digits, label }) => ({ digits: [set, ...digits], label })),
    );
    return { leaves, key: [...alike.values()].map(({ set, below }) => `${set}(${below.key})`).join('') };
  };
  return walk('', all).leaves;
}

/** The same numbers in fewer patterns: those that differ at one place become one, those that others cover go. */
export function merged(all: readonly (readonly Digits[])[]): readonly (readonly Digits[])[] {
  let rest: readonly (readonly Digits[])[] = all;
  for (;;) {
    const next = withoutCovered(mergedAtOnePlace(rest));
    if (next.length === rest.length) return next;
    rest = next;
  }
}

function mergedAtOnePlace(all: readonly (readonly Digits[])[]): (readonly Digits[])[] {
  let rest = [...all];
  const longest = Math.max(0, ...all.map(({ length }) => length));
  for (let place = 0; place < longest; place++) {
    const byOthers = new Map<string, readonly Digits[]>();
    for (const digits of rest) {
      const key = digits.length > place ? `${digits.with(place, 0)}` : `${digits}.`;
      const same = byOthers.get(key);
      byOthers.set(
        key,
        same && digits.length > place ? same.with(place, (same[place] ?? 0) | (digits[place] ?? 0)) : digits,
      );
    }
    rest = [...byOthers.values()];
  }
  return rest;
}

function withoutCovered(all: readonly (readonly Digits[])[]): (readonly Digits[])[] {
  const covers = (a: readonly Digits[], b: readonly Digits[]): boolean =>
    a.length === b.length && b.every((set, at) => (set & ~(a[at] ?? 0)) === 0);
  return all.filter(
    (one, at) => !all.some((other, place) => place !== at && covers(other, one) && (!covers(one, other) || place < at)),
  );
}
