/**
 * Extensions as few dialplan patterns. Asterisk keeps one hint per line, literal or not, and looks at every one of them
 * again at each `dialplan reload`: 5,000 lines took over 10 s, a hundred are not felt (measured, 22.10). So what may be
 * subscribed to is said by patterns that cover the extensions that exist and, as long as there are few enough patterns,
 * no other one.
 */

/** More patterns than this are made coarser: a bound on what a reload costs, whatever numbers a tenant chooses. */
export const MAX_PATTERNS = 128;

/**
 * Patterns of Asterisk (`_100[0-4]` as `_100[01234]`, `X` for any digit), sorted, that match all of these digit strings.
 * At most `limit` of them, which must leave room for one per length: then the last digits become `X`, and what does not
 * exist is matched too.
 */
export function patternsOf(extensions: Iterable<string>, limit = MAX_PATTERNS): string[] {
  const all = [...new Set(extensions)];
  const longest = Math.max(0, ...all.map(({ length }) => length));
  for (let open = 0; open < longest; open++) {
    const patterns = covered(all, open);
    if (patterns.length <= limit) return patterns;
  }
  return covered(all, longest);
}

/** With that many digits at the end open; a number of fewer digits is open as a whole. */
function covered(extensions: readonly string[], open: number): string[] {
  const byShape = new Map<number, Set<string>>();
  for (const extension of extensions) {
    const heads = byShape.get(extension.length) ?? new Set();
    byShape.set(extension.length, heads.add(extension.slice(0, Math.max(0, extension.length - open))));
  }
  return [...byShape]
    .flatMap(([length, heads]) => merged([...heads]).map(head => `_${head}${'X'.repeat(Math.min(length, open))}`))
    .sort();
}

/** Of one length: digits after which the same can follow are written as one class. */
function merged(numbers: readonly string[]): string[] {
  if (numbers.every(number => number === '')) return [''];
  const tails = new Map<string, string[]>();
  for (const number of numbers) {
    const digit = number.slice(0, 1);
    const others = tails.get(digit);
    if (others) others.push(number.slice(1));
    else tails.set(digit, [number.slice(1)]);
  }
  const classes = new Map<string, { digits: string[]; rest: string[] }>();
  for (const [digit, all] of tails) {
    const rest = merged(all);
    const known = classes.get(rest.join());
    if (known) known.digits.push(digit);
    else classes.set(rest.join(), { digits: [digit], rest });
  }
  return [...classes.values()].flatMap(({ digits, rest }) => rest.map(tail => classOf(digits) + tail));
}

function classOf(digits: readonly string[]): string {
  if (digits.length === 1) return digits[0] ?? '';
  return digits.length === 10 ? 'X' : `[${[...digits].sort().join('')}]`;
}
