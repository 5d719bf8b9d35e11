import type { Choice, Documentation, Documented, Parameter } from './documentation.ts';
import { made, said } from './flow.ts';
import { choice, type Dialplan, split, stepsOf } from './parse.ts';
import { callsOf } from './targets.ts';

/** Whether Asterisk knows what a dialplan uses: each application, each function, each option and each word of a choice. */
export function isKnown(dialplan: Dialplan, documentation: Documentation, modules: ReadonlySet<string>): string[] {
  const values = valuesOf(dialplan);
  return stepsOf(dialplan).flatMap(step => {
    const applications = callsOf(step).flatMap(({ name, args }) =>
      wrongIn(name, args, documentation.applications.get(name), modules, values),
    );
    const functions = made(step).functions.flatMap(({ name, args }) =>
      wrongIn(name, args, documentation.functions.get(name), modules, values),
    );
    return [...applications, ...functions].map(problem => said(step, problem));
  });
}

type Values = ReadonlyMap<string, readonly string[]>;

function wrongIn(
  name: string,
  args: string,
  known: Documented | undefined,
  modules: ReadonlySet<string>,
  values: Values,
): string[] {
  if (!known) return [`Asterisk has no ${name}`];
  if (!known.modules.some(module => module === 'builtin' || modules.has(module)))
    return [`${name} is of ${known.modules.join(', ')}, which is not loaded`];
  const texts = split(args, ',');
  return texts.flatMap((text, at) => {
    const choices = known.parameters[at]?.choices ?? further(known, at, texts);
    if (!choices || text === '') return [];
    const all = possible(text, values);
    if (!all) return [`what ${text} of ${name} may be is not known`];
    return all.flatMap(one => optionsIn(one, choices).map(problem => `${name} has ${problem}`));
  });
}

/** What may stand behind the last parameter, by what that one is. */
function further({ parameters }: Documented, at: number, texts: readonly string[]): Parameter['choices'] {
  const word = parameters.at(-1)?.choices?.get(texts[parameters.length - 1] ?? '');
  if (at < parameters.length || !word) return undefined;
  return new Map([...word.inner].map(name => [name, { argument: false, inner: word.inner }]));
}

/** What is wrong in `abc(…)d`, or in one word. */
function optionsIn(text: string, choices: ReadonlyMap<string, Choice>): string[] {
  if (choices.has(text)) return [];
  const names = [...choices.keys()].sort((one, other) => other.length - one.length);
  for (let at = 0; at < text.length; ) {
    const name = names.find(one => text.startsWith(one, at));
    if (name === undefined || name === '') return [`no option or word ${text.slice(at)} (in ${text})`];
    at += name.length;
    if (text[at] !== '(') continue;
    if (!choices.get(name)?.argument) return [`an option ${name} that takes no argument (in ${text})`];
    let depth = 0;
    do {
      if (text[at] === '(') depth++;
      if (text[at] === ')') depth--;
      at++;
    } while (depth > 0 && at < text.length);
  }
  return [];
}

/** All texts that are given to a variable anywhere. */
function valuesOf(dialplan: Dialplan): Values {
  const found = new Map<string, string[]>();
  for (const { name, args } of stepsOf(dialplan).flatMap(callsOf)) {
    const [target = '', value = ''] = name === 'Set' ? split(args, '=', 2) : [];
    if (/^\w+$/.test(target))
      found.set(target.replace(/^_+/, ''), [...(found.get(target.replace(/^_+/, '')) ?? []), value]);
  }
  return found;
}

/** The texts that may come of one with variables and IF in it. `undefined`: it is put together in another way. */
function possible(text: string, values: Values, depth = 0): string[] | undefined {
  if (depth > 4) return undefined;
  const open = text.indexOf('${');
  // what stands in the brackets of an option is no option
  const bracket = text.indexOf('(');
  if (open < 0 || (bracket >= 0 && bracket < open)) return withoutArguments(text, values, depth);
  const end = closingBrace(text, open + 1);
  const inner = text.slice(open + 2, end);
  const rest = possible(text.slice(end + 1), values, depth);
  const [, conditional] = /^IF\((.*)\)$/.exec(inner) ?? [];
  const { yes, no } = choice(conditional ?? '');
  const own = conditional === undefined ? values.get(inner) : [yes, no];
  const each = own?.map(one => possible(one, values, depth + 1));
  if (!rest || !each || each.includes(undefined)) return undefined;
  return [...new Set(each.flatMap(one => one ?? []))].flatMap(one =>
    rest.map(other => text.slice(0, open) + one + other),
  );
}

/** `i(${X})j` to `i()j`. */
function withoutArguments(text: string, values: Values, depth: number): string[] | undefined {
  const open = text.indexOf('(');
  if (open < 0) return [text];
  let end = open;
  for (let nested = 0; end < text.length; end++) {
    if (text[end] === '(') nested++;
    if (text[end] === ')' && --nested === 0) break;
  }
  return possible(text.slice(end + 1), values, depth)?.map(rest => `${text.slice(0, open)}()${rest}`);
}

function closingBrace(text: string, open: number): number {
  for (let at = open, depth = 0; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
  return text.length;
}
