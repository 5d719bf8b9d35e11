/**
 * Asterisk's own documentation (core-en_US.xml of the package, whole): which applications and functions there are, and
 * what their arguments may be where that is a choice: options, and words.
 */

export interface Choice {
  /** An option that takes an argument, in brackets. */
  readonly argument: boolean;
  /** Words that may follow as further parameters: `CHANNEL(rtp,src)`. */
  readonly inner: ReadonlySet<string>;
}

export interface Parameter {
  /** Options or words; `undefined`: anything may stand here. */
  readonly choices: ReadonlyMap<string, Choice> | undefined;
}

export interface Documented {
  readonly parameters: readonly Parameter[];
  /** Modules that have it; `builtin`: the core. */
  readonly modules: readonly string[];
  /** Variables that it leaves. */
  readonly variables: readonly string[];
}

export interface Documentation {
  readonly applications: ReadonlyMap<string, Documented>;
  readonly functions: ReadonlyMap<string, Documented>;
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

export function readDocumentation(xml: string): Documentation {
  const root = elements(xml);
  const named = (kind: string): Map<string, Documented> => {
    const byName = Map.groupBy(within(root, kind), one => one.attributes['name'] ?? '');
    return new Map([...byName].map(([name, variants]) => [name, documented(root, variants)]));
  };
  return { applications: named('application'), functions: named('function') };
}

/** The same name in several modules, of which one is loaded, has all arguments of all. */
function documented(root: Element, variants: readonly Element[]): Documented {
  const syntaxes = variants.map(one => one.children.find(({ name }) => name === 'syntax')?.children ?? []);
  const lists = syntaxes.map(list => list.filter(({ name }) => name === 'parameter'));
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return {
    parameters: Array.from({ length: longest }, (_, at) => {
      const all = lists.flatMap(list => list[at] ?? []).flatMap(one => choicesOf(root, one));
      return { choices: all.length > 0 ? new Map(all) : undefined };
    }),
    modules: variants.flatMap(({ attributes }) => attributes['module'] ?? []),
    variables: variants.flatMap(one => within(one, 'variable')).flatMap(({ attributes }) => attributes['name'] ?? []),
  };
}

function choicesOf(root: Element, parameter: Element): [string, Choice][] {
  const own = outermost(parameter, CHOICES).map((one): [string, Choice] => [
    one.attributes['name'] ?? '',
    {
      argument: one.children.some(({ name }) => name === 'argument'),
      inner: new Set(CHOICES.flatMap(kind => within(one, kind)).flatMap(({ attributes }) => attributes['name'] ?? [])),
    },
  ]);
  const included = outermost(parameter, ['include'])
    .flatMap(({ attributes }) => reached(root, attributes['xpointer'] ?? ''))
    .filter(({ attributes }) => (attributes['tech'] ?? 'PJSIP') === 'PJSIP')
    .flatMap(one => choicesOf(root, CHOICES.includes(one.name) ? { ...one, children: [one] } : one));
  return [...own, ...included];
}

const CHOICES = ['option', 'enum', 'configOption'];

/** What an XPointer names, of the one form that the documentation uses: `xpointer(/docs/info[@name='CHANNEL'])`. */
function reached(root: Element, pointer: string): Element[] {
  const path = /^xpointer\(\/docs\/(.*)\)$/.exec(pointer)?.[1]?.match(/[^/[]+(\[@name='[^']*'\])?/g) ?? [];
  return path.reduce<Element[]>(
    (from, part) => {
      const [, name, wanted] = /^(\w+)(?:\[@name='([^']*)'\])?$/.exec(part) ?? [];
      return from
        .flatMap(({ children }) => children)
        .filter(one => one.name === name && (wanted === undefined || one.attributes['name'] === wanted));
    },
    root.children.filter(({ name }) => name === 'docs'),
  );
}

/** Those that are in no other one of them. */
function outermost(element: Element, names: readonly string[]): Element[] {
  return element.children.flatMap(child => (names.includes(child.name) ? [child] : outermost(child, names)));
}

function within(element: Element, name: string): Element[] {
  return element.children.flatMap(child => [...(child.name === name ? [child] : []), ...within(child, name)]);
}

/** Elements and attributes of well-formed XML. Texts are left out. */
function elements(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [] };
  const open = [root];
  const tags =
    /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[!?][^>]*>|<(?<end>\/)?(?:\w+:)?(?<name>\w+)(?<rest>(?:"[^"]*"|'[^']*'|[^"'>])*)>/g;
  for (const { groups } of xml.matchAll(tags)) {
    const { name, end, rest = '' } = groups ?? {};
    if (name === undefined) continue;
    if (end) {
      if (open.pop()?.name !== name || open.length === 0) throw new Error(`The documentation closes ${name} wrongly`);
      continue;
    }
    const attributes = Object.fromEntries(
      [...rest.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, key = '', one, other]) => [
        key,
        one ?? other ?? '',
      ]),
    );
    const element = { name, attributes, children: [] };
    open.at(-1)?.children.push(element);
    if (!rest.endsWith('/')) open.push(element);
  }
  return root;
}
