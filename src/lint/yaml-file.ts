import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml';

/** A file of manifests, with where each thing stands. Lines and columns begin at 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

interface YamlProblem extends Position {
  readonly message: string;
}

export interface YamlObject {
  readonly value: unknown;
  /** Where a field stands, or else what is around it. `spec.servers[0].host`. */
  at(field: string): Position;
}

export interface YamlFile {
  readonly objects: readonly YamlObject[];
  readonly problems: readonly YamlProblem[];
}

/**
 * Read as an API server reads it: YAML 1.1, in which `Yes` is a boolean and 0101 is 65, but without its sexagesimal numbers
 * and times. Nothing of the text is in the problems: it may be a password.
 */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const documents = [
    ...parseAllDocuments(text, {
      version: '1.1',
      lineCounter: lines,
      logLevel: 'error', // what the library warns of it prints, with the text
      customTags: tags =>
        tags.filter(
          tag =>
            typeof tag === 'string' || (!('format' in tag && tag.format === 'TIME') && !/timestamp$/.test(tag.tag)),
        ),
    }),
  ];
  const objects: YamlObject[] = [];
  const problems: YamlProblem[] = [];
  for (const document of documents) {
    const read = contentOf(document, position);
    if ('message' in read) problems.push(read);
    else objects.push(...objectsOf(document, read.value, position));
  }
  return { objects, problems };
}

function contentOf(
  document: Document.Parsed,
  position: (offset: number) => Position,
): { readonly value: unknown } | YamlProblem {
  const [error] = document.errors;
  if (error) return { ...position(error.pos[0]), message: error.code.toLowerCase().replaceAll('_', ' ') };
  try {
    return { value: document.toJS() };
  } catch {
    const message = 'something in it begins with * and is an alias of nothing, or of too much; put it in quotes';
    return { ...position(document.range[0]), message };
  }
}

/** What `kubectl get -o yaml` prints of several objects is one list. */
function objectsOf(document: Document.Parsed, value: unknown, position: (offset: number) => Position): YamlObject[] {
  if (value === null || value === undefined) return [];
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  const isList = typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items);
  const within = (prefix: readonly (string | number)[], one: unknown): YamlObject => ({
    value: one,
    at: field => position(offsetOf(document, [...prefix, ...pathOf(field)])),
  });
  return isList ? (items as unknown[]).map((one, place) => within(['items', place], one)) : [within([], value)];
}

/** `spec.servers[0].host` → spec, servers, 0, host. */
function pathOf(field: string): (string | number)[] {
  return [...field.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, place, name]) =>
    place === undefined ? (name ?? '') : Number(place),
  );
}

/** Of the deepest part of the path that is there; of a member, its key. A key may have dots in it. */
function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? document.range[0];
  for (let at = 0; at < path.length; at++) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node)) node = node.items[Number(path[at])];
    else if (isMap(node)) {
      let length = 1;
      let pair = pairOf(node.items, path.slice(at, at + 1).join('.'));
      while (!pair && at + length < path.length) pair = pairOf(node.items, path.slice(at, at + ++length).join('.'));
      if (!pair) return offset;
      at += length - 1;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
      continue;
    }
    const start = startOf(node);
    if (start === undefined) return offset;
    offset = start;
  }
  return offset;
}

function pairOf(items: readonly unknown[], name: string): { key: unknown; value: unknown } | undefined {
  return items.filter(isPair).find(({ key }) => isScalar(key) && String(key.source ?? key.value) === name);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | undefined)?.range?.[0];
}
