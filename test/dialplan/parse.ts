/** Asterisk's dialplan as a test reads it: contexts, extensions, priorities, and the text of each application. */

/** An application with its arguments, as they stand in the file. */
export interface Call {
  readonly name: string;
  readonly args: string;
}

export interface Step extends Call {
  readonly context: string;
  readonly extension: string;
  /** From 0, in its extension. */
  readonly place: number;
  readonly label: string | undefined;
  readonly line: number;
}

export interface Dialplan {
  readonly globals: ReadonlySet<string>;
  /** By context and extension. Hints are no steps. */
  readonly contexts: ReadonlyMap<string, ReadonlyMap<string, readonly Step[]>>;
  /** Contexts that are searched beside one, by its name. */
  readonly includes: ReadonlyMap<string, readonly string[]>;
  /** Which contexts the text of a target stands for that is known only when it runs. */
  readonly words: ReadonlyMap<string, readonly string[]>;
  /** Lines that were not understood, and numbers of priorities that are not in order. */
  readonly wrong: readonly string[];
}

/** Reads the files in turn: a context may go on in a later one, as `[name](+)` does. */
export function parse(...files: readonly string[]): Dialplan {
  const globals = new Set<string>();
  const contexts = new Map<string, Map<string, Step[]>>();
  const includes = new Map<string, string[]>();
  const wrong: string[] = [];
  for (const file of files) {
    let context = '';
    let extension = '';
    for (const [at, raw] of file.split('\n').entries()) {
      const line = withoutComment(raw);
      const section = /^\[([^\]]+)\](?:\(\+\))?$/.exec(line)?.[1];
      if (section !== undefined) {
        context = section;
        extension = '';
        if (!contexts.has(context)) contexts.set(context, new Map());
      } else if (context === 'globals' && line.includes('=')) globals.add(line.split('=')[0] ?? '');
      else if (context !== 'general' && context !== 'globals' && line !== '' && !line.startsWith('#')) {
        const step =
          /^(?:exten => (?<name>[^,]+),| same => )(?<priority>n|\d+|hint)(?:\((?<label>[\w-]+)\))?,(?<text>.*)$/;
        const { name, priority, label, text = '' } = step.exec(line)?.groups ?? {};
        const included = /^include => ([\w-]+)$/.exec(line)?.[1];
        if (included !== undefined) includes.set(context, [...(includes.get(context) ?? []), included]);
        if (included !== undefined || priority === 'hint') continue;
        extension = name ?? extension;
        const steps = contexts.get(context)?.get(extension) ?? [];
        const call = callOf(text);
        // a comment behind a step is mostly a `;` that should have had a backslash
        const cut = line !== raw.trimEnd().replaceAll('\\;', ';');
        if (!call || cut || extension === '' || (priority !== 'n' && priority !== String(steps.length + 1)))
          wrong.push(`line ${at + 1}: ${line}`);
        else steps.push({ ...call, context, extension, place: steps.length, label, line: at + 1 });
        contexts.get(context)?.set(extension, steps);
      }
    }
  }
  contexts.delete('general');
  contexts.delete('globals');
  return { globals, contexts, includes, words: new Map(), wrong };
}

/** A `;` begins a comment unless a backslash is before it, which Asterisk then takes away. */
function withoutComment(line: string): string {
  return line
    .replace(/(^|[^\\]);.*$/, '$1')
    .trimEnd()
    .replaceAll('\\;', ';');
}

/** `undefined`: this is no application with arguments in brackets. */
export function callOf(text: string): Call | undefined {
  const [, name, args] = /^(\w+)\((.*)\)$/.exec(text) ?? [];
  return name === undefined || args === undefined ? undefined : { name, args };
}

export function stepsOf({ contexts }: Dialplan): Step[] {
  return [...contexts.values()].flatMap(extensions => [...extensions.values()].flat());
}

export function nameOf({ context, extension, place, label }: Step): string {
  return `[${context}] ${extension},${place + 1}${label ? `(${label})` : ''}`;
}

/** Splits where no bracket is open: as an application does it, of text whose variables still have names. */
export function split(text: string, separator: string, most = Number.POSITIVE_INFINITY): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === '\\') at++;
    else if ('([{'.includes(sign)) depth++;
    else if (')]}'.includes(sign)) depth--;
    else if (depth === 0 && sign === separator && parts.length + 1 < most) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** `condition?yes:no`, as in GotoIf, ExecIf and IF; what is missing is empty. */
export function choice(args: string): { readonly condition: string; readonly yes: string; readonly no: string } {
  const [condition = '', branches = ''] = split(args, '?', 2);
  const [yes = '', no = ''] = split(branches, ':', 2);
  return { condition, yes, no };
}

/** Whether Asterisk finds this extension in a context that has `pattern` (pbx.c, `ext_cmp_pattern`). */
export function matches(pattern: string, extension: string): boolean {
  if (!pattern.startsWith('_')) return pattern === extension;
  const parts = pattern.slice(1).match(/\[[^\]]*\]|./g) ?? [];
  // a bang or a dot takes whatever comes, or at least one sign
  const kinds: Readonly<Record<string, string>> = { X: '[0-9]', Z: '[1-9]', N: '[2-9]', '.': '.+', '!': '.*' };
  const expression = parts.map(one => (one.length > 1 ? one : (kinds[one] ?? one.replace(/\W/, '\\$&')))).join('');
  return new RegExp(`^${expression.replaceAll('[^', '[\\^')}$`).test(extension);
}
