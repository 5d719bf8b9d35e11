import { hash } from 'node:crypto';
import type { BundleFile, SectionFile } from '../../api/asterisk-files.ts';
import { MARKER } from '../../api/bundle.ts';
import { sameOnes } from '../memo.ts';
import { UnsafeWordError, word } from './escape.ts';

/** Whose text it is: `<Kind>/<name>` says it in the files. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string | undefined;
  readonly spec?: unknown;
}

/** Why an object is left out: a value that Asterisk's files cannot take. */
export interface Unsafe {
  /** Where it stands in the object, if it does. */
  readonly unsafe: string | undefined;
}

/** What one object wrote, to be put into the fragments of one shard. */
export interface Written {
  readonly owner: Owner;
  readonly shard: number;
  readonly parts: readonly Part[];
}

/** What an object has to say in one file. */
export class Part {
  readonly file: BundleFile;
  /** How many objects of the type that the file defines it has, of those that a manifest counts. */
  readonly counted: number;
  #text: string;

  constructor(file: BundleFile, text: string, counted: number) {
    this.file = file;
    this.counted = counted;
    this.#text = text;
  }

  /** With the line that says whose it is. */
  get text(): string {
    return this.#text;
  }

  /** Without that line. */
  get body(): string {
    return this.#text.slice(this.#text.indexOf('\n') + 1);
  }

  /** Holds the same text as a piece of the fragment it went into, which is kept anyway: in memory once, not twice. */
  holdIn(fragment: string, at: number): void {
    this.#text = fragment.slice(at, at + this.#text.length);
  }
}

/** An object of Asterisk: an endpoint, a login. Its type is that of the file. */
export interface Section {
  readonly id: string;
  /** Of the same file. */
  readonly template?: string;
  readonly lines: readonly string[];
}

/** Throws UnsafeWordError when the id is none. */
export function sectionText({ id, template, lines }: Section): string {
  const head = template === undefined ? `[${word(id)}]` : `[${word(id)}](${template})`;
  return [head, ...lines].join('\n');
}

/** Takes what one object has to say. */
export class ObjectWriter {
  readonly #marker: string;
  readonly parts: Part[] = [];

  constructor({ kind, name, uid }: Owner) {
    this.#marker = `${MARKER}${kind}/${name}${uid ? ` ${uid}` : ''}\n`;
  }

  /** What Asterisk must have loaded afterwards: the manifest counts each of them. */
  sections(file: SectionFile, ...all: readonly Section[]): void {
    if (all.length > 0) this.#put(file, all.map(sectionText).join('\n'), all.length);
  }

  /** Text of a file whose objects no manifest counts. */
  text(file: Exclude<BundleFile, SectionFile>, text: string): void {
    this.#put(file, text, 0);
  }

  #put(file: BundleFile, text: string, counted: number): void {
    this.parts.push(new Part(file, `${this.#marker}${text.trimEnd()}\n`, counted));
  }
}

/**
 * What one object needs, all or nothing: `Unsafe` when the escape refuses a value of it (an object stored under an older
 * schema), which leaves out this object and no other.
 */
export function written(owner: Owner, shards: number, write: (writer: ObjectWriter) => void): Written | Unsafe {
  const writer = new ObjectWriter(owner);
  try {
    write(writer);
  } catch (error) {
    if (error instanceof UnsafeWordError) return { unsafe: error.pathIn(owner.spec, 'spec') };
    throw error;
  }
  return { owner, shard: 1 + shardOf(owner.name, shards), parts: writer.parts };
}

/** By a hash of the name, so that it never depends on others. From 0 on. */
export function shardOf(name: string, shards: number): number {
  return Number.parseInt(hash('md5', name).slice(0, 8), 16) % shards;
}

export function saysTheSame(one: Written, other: Written): boolean {
  return sameOnes(one.parts, other.parts, isSamePart);
}

function isSamePart(one: Part, other: Part): boolean {
  return one.file === other.file && one.text === other.text;
}
