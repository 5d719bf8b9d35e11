import { createHash } from 'node:crypto';
import { fileOf, MARKER, SHARED } from '../../api/bundle.ts';

/** Text of a bundle, split by who owns it. Pure. */

export interface Part {
  readonly file: string;
  /** `<Kind>/<name>`, or `-`. */
  readonly owner: string;
  readonly uid: string;
  readonly text: string;
}

/** The parts of a bundle's fragment, as written. */
export function partsOfFragment(key: string, text: string): Part[] {
  const file = fileOf(key);
  const parts: Part[] = [];
  let current: { owner: string; uid: string; lines: string[] } = { owner: SHARED, uid: '', lines: [] };
  const flush = (): void => {
    if (current.lines.length > 0)
      parts.push({ file, owner: current.owner, uid: current.uid, text: `${current.lines.join('\n')}\n` });
  };
  for (const line of text.replace(/\n$/, '').split('\n')) {
    if (!line.startsWith(MARKER)) {
      current.lines.push(line);
      continue;
    }
    flush();
    const [owner = SHARED, uid = ''] = line.slice(MARKER.length).split(' ');
    current = { owner, uid, lines: [] };
  }
  flush();
  return parts;
}

export interface AssembledFile {
  readonly text: string;
  /** Who has a line, counted from 1; undefined beyond the end. */
  ownerOf(line: number): string | undefined;
}

type Piece = Pick<Part, 'owner' | 'text'>;

/** A file from the texts of owners, each of whole lines. Whose a line is is found out only when somebody asks. */
export function assembledFile(pieces: readonly Piece[]): AssembledFile {
  let owners: readonly string[] | undefined;
  return {
    text: pieces.map(({ text }) => text).join(''),
    ownerOf: line => {
      owners ??= pieces.flatMap(({ owner, text }) => text.match(/\n/g)?.map(() => owner) ?? []);
      return owners[line - 1];
    },
  };
}

/** What each of Asterisk's files is made of. A file that some part belonged to exists even when all of it was left out. */
export function pieces(parts: readonly Part[], files: Iterable<string>): Map<string, Piece[]> {
  const all = new Map<string, Piece[]>();
  const of = (file: string): Piece[] => {
    const known = all.get(file) ?? [{ owner: SHARED, text: `; ${file}\n` }];
    all.set(file, known);
    return known;
  };
  for (const file of files) of(file);
  for (const part of parts) of(part.file).push(part);
  return all;
}

/**
 * An object that a file defines: `[id](template)` in a pjsip file, `mailbox => …` of voicemail, an extension of one of the
 * contexts to which a tenant's objects add one each; its type is the context then.
 */
export interface Definition {
  readonly type: string;
  readonly id: string;
  readonly owner: string;
}

const PJSIP_FILE = /^pjsip_(endpoint|auth|aor|identify|registration|transport|global|system)\.conf$/;

export function definitions(parts: readonly Part[]): Definition[] {
  return parts.flatMap(part => {
    const known = KNOWN.get(part) ?? definitionsOf(part);
    KNOWN.set(part, known);
    return known;
  });
}

/** Most parts are the same ones in the next bundle. */
const KNOWN = new WeakMap<Part, readonly Definition[]>();

function definitionsOf(part: Part): readonly Definition[] {
  const type = PJSIP_FILE.exec(part.file)?.[1];
  if (type) return ids(part.text, /^\[([^\]\s]+)\](?:\(([^)]*)\))?\s*$/gm).map(id => ({ type, id, owner: part.owner }));
  if (/^voicemail(_users)?\.conf$/.test(part.file))
    return ids(part.text, /^([0-9a-z]+)\s*=>/gm).map(id => ({ type: 'mailbox', id, owner: part.owner }));
  if (part.file === 'extensions_tenant.conf') return extensions(part);
  return [];
}

export const CONTEXTS = ['users', 'names', 'numbers', 'trunks'] as const;

export function isContext(type: string): boolean {
  return CONTEXTS.some(one => one === type);
}

function extensions({ text, owner }: Part): Definition[] {
  const found: Definition[] = [];
  let type = '';
  for (const [, context, id] of text.matchAll(/^(?:\[([a-z-]+)\].*|exten => ([^,\s]+),1,.*)$/gm)) {
    if (context !== undefined) type = context;
    else if (id !== undefined && isContext(type)) found.push({ type, id, owner });
  }
  return found;
}

/** Without templates: `[name](!)`. */
function ids(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].filter(match => !match[2]?.includes('!')).map(match => match[1] ?? '');
}

/** Hex SHA-256 of all that an owner has, in the order of file names: the identity of what was refused. */
export function ownerDigest(owner: string, parts: readonly Part[]): string {
  const hash = createHash('sha256');
  const own = parts.filter(part => part.owner === owner).map((part, place) => ({ part, place }));
  own.sort((a, b) => (a.part.file === b.part.file ? a.place - b.place : a.part.file < b.part.file ? -1 : 1));
  for (const { part } of own) hash.update(part.text);
  return hash.digest('hex');
}
