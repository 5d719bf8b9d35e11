import { createHash } from 'node:crypto';
import { type AsteriskObject, objectsIn } from '../../api/asterisk-files.ts';
import { fileOf, MARKER, SHARED, textForDigest } from '../../api/bundle.ts';

/**
 * Text of a bundle, split by who owns it. Pure. The operator knew that when it wrote the bundle; the agent reads it out of
 * the text all the same, here and once for each fragment, because the text is what Asterisk will read: an operator of
 * another release, or one that went wrong, may have written something else than it meant.
 */

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

/** An object that a file defines, and whose text it is. */
export interface Definition extends AsteriskObject {
  readonly owner: string;
}

export function definitions(parts: readonly Part[]): Definition[] {
  return parts.flatMap(part => {
    const known = KNOWN.get(part) ?? objectsIn(part.file, part.text).map(one => ({ ...one, owner: part.owner }));
    KNOWN.set(part, known);
    return known;
  });
}

/** Most parts are the same ones in the next bundle. */
const KNOWN = new WeakMap<Part, readonly Definition[]>();

/** The identity of what was refused of an owner; the operator makes the same of what it wrote. */
export function ownerDigest(owner: string, parts: readonly Part[]): string {
  return createHash('sha256')
    .update(textForDigest(parts.filter(part => part.owner === owner)))
    .digest('hex');
}
