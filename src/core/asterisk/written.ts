import { hash } from 'node:crypto';
import { MARKER } from '../../api/bundle.ts';
import { sameOnes } from '../memo.ts';
import { UnsafeWordError } from './escape.ts';

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
  readonly shard: number;
  readonly parts: readonly Part[];
  /** Types of the objects that Asterisk must have loaded afterwards, each as often as there is one. */
  readonly expects: readonly string[];
}

/** What an object has to say in one file. */
export class Part {
  readonly file: string;
  readonly secret: boolean;
  #text: string;

  constructor(file: string, text: string, secret: boolean) {
    this.file = file;
    this.secret = secret;
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  /** Holds the same text as a piece of the fragment it went into, which is kept anyway: in memory once, not twice. */
  holdIn(fragment: string, at: number): void {
    this.#text = fragment.slice(at, at + this.#text.length);
  }
}

/** Takes what one object has to say. */
export class ObjectWriter {
  readonly #marker: string;
  readonly parts: Part[] = [];
  readonly expects: string[] = [];

  constructor({ kind, name, uid }: Owner) {
    this.#marker = `${MARKER}${kind}/${name}${uid ? ` ${uid}` : ''}\n`;
  }

  /** Sections of one file. */
  section(file: string, text: string, secret = false): void {
    this.parts.push(new Part(file, `${this.#marker}${text.trimEnd()}\n`, secret));
  }

  /** Counts an object that Asterisk must have loaded afterwards. */
  expect(type: string): void {
    this.expects.push(type);
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
  return { shard: 1 + shardOf(owner.name, shards), parts: writer.parts, expects: writer.expects };
}

/** By a hash of the name, so that it never depends on others. */
function shardOf(name: string, shards: number): number {
  return Number.parseInt(hash('md5', name).slice(0, 8), 16) % shards;
}

export function saysTheSame(one: Written, other: Written): boolean {
  return sameOnes(one.expects, other.expects) && sameOnes(one.parts, other.parts, isSamePart);
}

function isSamePart(one: Part, other: Part): boolean {
  return one.file === other.file && one.text === other.text && one.secret === other.secret;
}
