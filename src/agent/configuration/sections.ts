import { createHash } from 'node:crypto';
import { type AsteriskObject, objectsIn } from '../../api/asterisk-files.ts';
import { fileOf, MARKER, SHARED, textForDigest } from '../../api/bundle.ts';

/**
 * The text of a bundle, split by owner. Pure. What a text defines is parsed here, and not taken from the operator: Asterisk
 * reads the text, and an operator of another release, or with a bug, may have written something else than it intended.
 */

export interface Section {
  readonly file: string;
  /** `<Kind>/<name>`, or `-`. */
  readonly owner: string;
  readonly uid: string;
  readonly text: string;
}

/** The sections of a fragment in their order. */
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
  /** The owner of a line, counted from 1; undefined beyond the end. */
  ownerOf(line: number): string | undefined;
}

type Owned = Pick<Section, 'owner' | 'text'>;

/** Joins texts, each of whole lines, to a file. The owners of lines are computed only when they are asked for. */
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

/** The sections of each file. All of `files` are in the result, even those without a section. */
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

/** An object of Asterisk that a file defines, and the owner of its text. */
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

/** Results by section: most sections are identical objects in the next bundle. */
const KNOWN = new WeakMap<Section, readonly Definition[]>();

/** Hex SHA-256 of all text of an owner, by which the operator knows which version of an object was refused. */
export function ownerDigest(owner: string, sections: readonly Section[]): string {
  return createHash('sha256')
    .update(textForDigest(sections.filter(section => section.owner === owner)))
    .digest('hex');
}
