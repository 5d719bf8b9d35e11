import { hash } from 'node:crypto';
import type { BundleFile, SectionFile } from '../../api/asterisk-files.ts';
import { MARKER } from '../../api/bundle.ts';
import { sameOnes } from '../memo.ts';
import { UnsafeWordError, word } from './escape.ts';

/** The object that a text in Asterisk's files belongs to. A marker line above the text names it: `<Kind>/<name>`. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string | undefined;
  readonly spec?: unknown;
}

/** An object that is left out because of a value that cannot be written to Asterisk's files. */
export interface Unsafe {
  /** The field with that value; undefined: it is in none. */
  readonly unsafe: string | undefined;
}

/** All texts of one object, which go into the fragments of one shard. */
export interface ObjectText {
  readonly owner: Owner;
  readonly shard: number;
  readonly parts: readonly FileText[];
}

/** The text of an object in one file. */
export class FileText {
  readonly file: BundleFile;
  /** Number of Asterisk's objects in it that the manifest counts. */
  readonly counted: number;
  #text: string;

  constructor(file: BundleFile, text: string, counted: number) {
    this.file = file;
    this.counted = counted;
    this.#text = text;
  }

  /** The text with its marker line. */
  get text(): string {
    return this.#text;
  }

  /** The text without its marker line. */
  get body(): string {
    return this.#text.slice(this.#text.indexOf('\n') + 1);
  }

  /** Replaces the text by an equal slice of its fragment, which is kept anyway, so that it is in memory only once. */
  holdIn(fragment: string, at: number): void {
    this.#text = fragment.slice(at, at + this.#text.length);
  }
}

/** A section that defines an object of Asterisk, such as an endpoint. The file has the type. */
export interface Section {
  readonly id: string;
  /** Name of a template in the same file. */
  readonly template?: string;
  readonly lines: readonly string[];
}

/** The text of a section. Throws UnsafeWordError when the id has characters that are not allowed. */
export function sectionText({ id, template, lines }: Section): string {
  const head = template === undefined ? `[${word(id)}]` : `[${word(id)}](${template})`;
  return [head, ...lines].join('\n');
}

/** Collects the texts of one object. */
export class ObjectWriter {
  readonly #marker: string;
  readonly parts: FileText[] = [];

  constructor({ kind, name, uid }: Owner) {
    this.#marker = `${MARKER}${kind}/${name}${uid ? ` ${uid}` : ''}\n`;
  }

  /** Writes sections that Asterisk must have loaded afterwards: the manifest counts them. */
  sections(file: SectionFile, ...all: readonly Section[]): void {
    if (all.length > 0) this.#put(file, all.map(sectionText).join('\n'), all.length);
  }

  /** Writes text into a file whose objects the manifest does not count. */
  text(file: Exclude<BundleFile, SectionFile>, text: string): void {
    this.#put(file, text, 0);
  }

  #put(file: BundleFile, text: string, counted: number): void {
    this.parts.push(new FileText(file, `${this.#marker}${text.trimEnd()}\n`, counted));
  }
}

/**
 * The texts of one object, all or none: `Unsafe` when a value cannot be escaped, as of an object that was stored under an
 * older schema. Only that object is left out.
 */
export function objectText(owner: Owner, shards: number, write: (writer: ObjectWriter) => void): ObjectText | Unsafe {
  const writer = new ObjectWriter(owner);
  try {
    write(writer);
  } catch (error) {
    if (error instanceof UnsafeWordError) return { unsafe: error.pathIn(owner.spec, 'spec') };
    throw error;
  }
  return { owner, shard: 1 + shardOf(owner.name, shards), parts: writer.parts };
}

/** The shard of an object, from 0 on: a hash of its name, so that it does not depend on other objects. */
export function shardOf(name: string, shards: number): number {
  return Number.parseInt(hash('md5', name).slice(0, 8), 16) % shards;
}

export function isSameText(one: ObjectText, other: ObjectText): boolean {
  return sameOnes(one.parts, other.parts, isSameFileText);
}

function isSameFileText(one: FileText, other: FileText): boolean {
  return one.file === other.file && one.text === other.text;
}
