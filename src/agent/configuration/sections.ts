import { createHash } from 'node:crypto';
import { type AsteriskObject, objectsIn } from '../../api/asterisk-files.ts';
import { fileOf, MARKER, SHARED, textForDigest } from '../../api/bundle.ts';

/**
 * Text of a bundle, split by who owns it. Pure. The operator knew that when it wrote the bundle; the agent reads it out of
 * the text all the same, here and once for each fragment, because the text is what Asterisk will read: an operator of
 * another release, or one that went wrong, may have written something else than it meant.
 */

export interface Section {
  readonly file: string;
  /** `<Kind>/<name>`, or `-`. */
  readonly owner: string;
  readonly uid: string;
  readonly text: string;
}

/** The sections of a bundle's fragment, as written. */
export function sectionsOfFragment(key: string, text: string): Section[] {
  const file = fileOf(key);
  const sections: Section[] = [];
  let current: { owner: string; uid: string; lines: string[] } = { owner: SHARED, uid: '', lines: [] };
  const flush = (): void => {
    if (current.lines.length > 0)
      sections.push({ file, owner: current.owner, uid: current.uid, text: `${current.lines.join('\n')}\n` });
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
  return sections;
}

export interface AssembledFile {
  readonly text: string;
  /** Who has a line, counted from 1; undefined beyond the end. */
  ownerOf(line: number): string | undefined;
}

type Owned = Pick<Section, 'owner' | 'text'>;

/** A file from the texts of owners, each of whole lines. Whose a line is is found out only when somebody asks. */
export function assembledFile(sections: readonly Owned[]): AssembledFile {
  let owners: readonly string[] | undefined;
  return {
    text: sections.map(({ text }) => text).join(''),
    ownerOf: line => {
      owners ??= sections.flatMap(({ owner, text }) => text.match(/\n/g)?.map(() => owner) ?? []);
      return owners[line - 1];
    },
  };
}

/** What each of Asterisk's files is made of. A file that some section belonged to exists even when all of it was left out. */
export function sectionsByFile(sections: readonly Section[], files: Iterable<string>): Map<string, Owned[]> {
  const all = new Map<string, Owned[]>();
  const of = (file: string): Owned[] => {
    const known = all.get(file) ?? [{ owner: SHARED, text: `; ${file}\n` }];
    all.set(file, known);
    return known;
  };
  for (const file of files) of(file);
  for (const section of sections) of(section.file).push(section);
  return all;
}

/** An object that a file defines, and whose text it is. */
export interface Definition extends AsteriskObject {
  readonly owner: string;
}

export function definitions(sections: readonly Section[]): Definition[] {
  return sections.flatMap(section => {
    const known =
      KNOWN.get(section) ?? objectsIn(section.file, section.text).map(one => ({ ...one, owner: section.owner }));
    KNOWN.set(section, known);
    return known;
  });
}

/** Most sections are the same ones in the next bundle. */
const KNOWN = new WeakMap<Section, readonly Definition[]>();

/** The identity of what was refused of an owner; the operator makes the same of what it wrote. */
export function ownerDigest(owner: string, sections: readonly Section[]): string {
  return createHash('sha256')
    .update(textForDigest(sections.filter(section => section.owner === owner)))
    .digest('hex');
}
