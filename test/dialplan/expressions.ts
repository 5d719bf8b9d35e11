import { choice, split } from './parse.ts';

/** What a text of the dialplan reads: variables and functions, and how a condition tells that one has a value. */

interface Read {
  /** `SHARED(NAME)` for what belongs to a channel's shared ones. */
  readonly name: string;
  /** In quotes, behind a 0, or asked for its length: without a value it does what an empty one does. */
  readonly safe: boolean;
  /** It is of another channel, or of all of them. */
  readonly elsewhere: boolean;
  /** What has a value wherever this is read, by the condition around it. */
  readonly given: ReadonlySet<string>;
}

interface Used {
  readonly name: string;
  readonly args: string;
}

/** Functions that take the name of a variable, or of another function, as their first argument. */
const BY_NAME = new Set(['CUT', 'STRREPLACE', 'PJSIP_PARSE_URI_FROM', 'FIELDQTY', 'LISTFILTER', 'PASSTHRU']);

export interface Found {
  readonly reads: readonly Read[];
  readonly functions: readonly Used[];
}

/** All that is read in a text, `${…}` and `$[…]` however they are nested. */
export function readsOf(text: string): Found {
  const reads: Read[] = [];
  const functions: Used[] = [];
  scan(text, { given: new Set(), expression: false }, { reads, functions });
  return { reads, functions };
}

/** What a function, or the left side of Set, makes use of: `NAME(args)`. */
export function usesOf(text: string): Found {
  const reads: Read[] = [];
  const functions: Used[] = [];
  body(text, { given: new Set(), expression: false }, { safe: false }, { reads, functions });
  return { reads: reads.filter(({ name }) => !name.startsWith('SHARED(')), functions };
}

interface Around {
  readonly given: ReadonlySet<string>;
  readonly expression: boolean;
  readonly safe?: boolean;
}

interface Out {
  readonly reads: Read[];
  readonly functions: Used[];
}

function scan(text: string, around: Around, out: Out): void {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') quoted = !quoted;
    else if (text[at] === '$' && (text[at + 1] === '{' || text[at + 1] === '[')) {
      const end = closing(text, at + 1);
      const inner = text.slice(at + 2, end);
      if (text[at + 1] === '[') scan(inner, { ...around, expression: true }, out);
      else {
        const zero = text[at - 1] === '0' && !/[\w}]/.test(text[at - 2] ?? '');
        body(inner, around, { safe: around.safe || (around.expression && (quoted || zero)) }, out);
      }
      at = end;
    }
  }
}

/** Asterisk counts brackets of the one kind, and knows no quotes (pbx_variables.c). */
function closing(text: string, open: number): number {
  const [opens, closes] = text[open] === '{' ? ['{', '}'] : ['[', ']'];
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === opens) depth++;
    if (text[at] === closes && --depth === 0) return at;
  }
  throw new Error(`Nothing closes the bracket: ${text}`);
}

/** What stands in `${…}`. */
function body(text: string, { given, expression }: Around, { safe }: { readonly safe: boolean }, out: Out): void {
  const around: Around = { given, expression };
  const [, name = '', args] = /^(\w+)(?:\((.*)\))?(?::[^()]*|:.*\$\{.*)?$/.exec(text) ?? [];
  const plain = { safe, elsewhere: false, given: around.given };
  if (args === undefined) {
    const [variable = '', ...places] = split(text, ':');
    if (!/^\w+$/.test(variable)) throw new Error(`This is no name of a variable: ${text}`);
    out.reads.push({ ...plain, name: variable });
    for (const place of places) scan(place, around, out);
    return;
  }
  out.functions.push({ name, args });
  const [first = '', ...others] = split(args, ',');
  if (name === 'SHARED') {
    out.reads.push({ ...plain, name: `SHARED(${first})`, elsewhere: others.length > 0 });
    for (const other of others) scan(other, around, out);
  } else if (name === 'IF') {
    const { condition, yes, no } = choice(args);
    scan(condition, around, out);
    scan(yes, { ...around, given: union(around.given, haveValues(condition, true)) }, out);
    scan(no, { ...around, given: union(around.given, haveValues(condition, false)) }, out);
  } else if (name === 'IMPORT') {
    scan(first, around, out);
    const there: Out = { reads: [], functions: out.functions };
    for (const other of others) body(other, around, { safe }, there);
    out.reads.push(...there.reads.map(read => ({ ...read, elsewhere: true })));
  } else if (BY_NAME.has(name) && !first.startsWith('$')) {
    body(first, around, { safe }, out);
    for (const other of others) scan(other, around, out);
  } else if (name === 'FILTER') {
    scan(first, around, out);
    scan(others.join(','), { ...around, safe }, out); // of nothing it leaves nothing
  } else if (name === 'LEN' && /^\$\{\w+\}$/.test(args))
    out.reads.push({ ...plain, name: args.slice(2, -1), safe: true });
  else scan(args, around, out);
}

/** Variables that are not empty when the condition came out like this. What it does not understand tells nothing. */
export function haveValues(condition: string, truth: boolean): ReadonlySet<string> {
  const expression = /^\$\[(.*)\]$/.exec(condition)?.[1];
  if (expression === undefined) return new Set();
  const ways = split(expression, '|').map(way => split(way, '&').map(atom => told(atom.trim(), truth)));
  if (truth) return ways.map(atoms => atoms.reduce(union)).reduce(intersection);
  return ways.map(atoms => atoms.reduce(intersection)).reduce(union);
}

/** Of one comparison. */
function told(atom: string, truth: boolean): ReadonlySet<string> {
  const [, quoted, how, text] = /^"\$\{(\w+)\}" (=|!=) "([^"]*)"$/.exec(atom) ?? [];
  if (quoted !== undefined && !text?.includes('$')) {
    const same = (how === '=') === truth;
    return new Set((text === '') === same ? [] : same || text === '' ? [quoted] : []);
  }
  const [, long, compared] = /^0?\$\{LEN\(\$\{(\w+)\}\)\} (= 0|!= 0|> 0)$/.exec(atom) ?? [];
  if (long !== undefined) return new Set((compared === '= 0') === truth ? [] : [long]);
  return new Set();
}

export function union(one: ReadonlySet<string>, other: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...one, ...other]);
}

export function intersection(one: ReadonlySet<string>, other: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...one].filter(name => other.has(name)));
}
