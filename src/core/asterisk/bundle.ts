import { createHash } from 'node:crypto';
import { type BundleManifest, MARKER, SHARED } from '../../api/bundle.ts';
import { Memo } from '../memo.ts';
import type { Bundle } from '../plan.ts';
import { UnsafeWordError } from './escape.ts';

/**
 * Collects text by file, shard and object and seals it into a bundle. Objects are spread over shards by a hash of their
 * name, so that one edit rewrites one fragment; the shard count is fixed by the tenant's size, never by its content.
 */
export class BundleWriter {
  readonly #shards: number;
  readonly #sealed: Map<string, Sealed>;
  readonly #parts = new Map<string, { secret: boolean; text: string[] }>();
  readonly #expects = new Map<string, number>();
  readonly #restartFiles = new Set<string>();
  readonly #refused = new Set<string>();

  /** `sealed`: the fragments of the bundle before; those whose parts are the same ones are not hashed again. */
  constructor(shards: number, sealed = new Map<string, Sealed>()) {
    this.#shards = shards;
    this.#sealed = sealed;
  }

  /** Text that belongs to no single object; it stands before all objects' text of the file. */
  shared(file: string, text: string, options: { secret?: boolean; restart?: boolean } = {}): void {
    if (options.restart) this.#restartFiles.add(file);
    this.#append(`${file}.000`, `${MARKER}${SHARED}\n${text.trimEnd()}\n`, options.secret ?? false);
  }

  /** One object's sections in one file. `owner` is `<Kind>/<name>`. */
  object(
    file: string,
    owner: { kind: string; name: string; uid?: string | undefined },
    text: string,
    secret = false,
  ): void {
    const shard = 1 + shardOf(owner.name, this.#shards);
    const uid = owner.uid ? ` ${owner.uid}` : '';
    const key = `${file}.${String(shard).padStart(3, '0')}`;
    this.#append(key, `${MARKER}${owner.kind}/${owner.name}${uid}\n${text.trimEnd()}\n`, secret);
  }

  /**
   * Writes what one object needs, all or nothing: a value that the escape refuses (an object stored under an older
   * schema) leaves this object out and no other.
   */
  attempt(
    owner: { kind: string; name: string },
    write: (writer: BundleWriter) => void,
    of?: { key: object; inputs: readonly unknown[] },
  ): void {
    const make = (): Written | undefined => this.#try(write);
    const result = of ? written.of(of.key, [this.#shards, ...of.inputs], make) : make();
    if (!result) {
      this.#refused.add(`${owner.kind}/${owner.name}`);
      return;
    }
    for (const { key, text, secret } of result.parts) this.#append(key, text, secret);
    for (const [type, count] of result.expects) this.#expects.set(type, (this.#expects.get(type) ?? 0) + count);
  }

  #try(write: (writer: BundleWriter) => void): Written | undefined {
    const trial = new BundleWriter(this.#shards);
    try {
      write(trial);
    } catch (error) {
      if (error instanceof UnsafeWordError) return undefined;
      throw error;
    }
    const parts = [...trial.#parts].map(([key, { text, secret }]) => ({ key, secret, text: text.join('') }));
    return { parts, expects: [...trial.#expects] };
  }

  /** Counts an object that Asterisk must have loaded afterwards. */
  expect(type: string): void {
    this.#expects.set(type, (this.#expects.get(type) ?? 0) + 1);
  }

  /** Objects that `attempt` left out, `<Kind>/<name>`. */
  get refused(): ReadonlySet<string> {
    return this.#refused;
  }

  seal({ organization, sipPort, rtp, kept }: Sealing): Bundle {
    const keys = [...this.#parts.keys()].sort();
    const sealed = keys.map(key => [key, this.#seal(key)] as const);
    const texts = new Map(sealed.map(([key, { text }]) => [key, text]));
    const fragments = sealed.map(([key, one]) => ({
      key,
      digest: one.digest,
      secret: this.#parts.get(key)?.secret ?? false,
    }));
    const body = {
      version: 1 as const,
      organization,
      restartFiles: [...this.#restartFiles].sort(),
      fragments,
      expects: Object.fromEntries([...this.#expects].sort(([a], [b]) => (a < b ? -1 : 1))),
      sipPort,
      rtp,
      kept: [...kept].sort(),
    };
    const manifest: BundleManifest = { ...body, generation: generationOf(body) };
    return { manifest, texts, refused: this.#refused };
  }

  #seal(key: string): Sealed {
    const parts = this.#parts.get(key)?.text ?? [];
    const before = this.#sealed.get(key);
    if (before && before.parts.length === parts.length && parts.every((part, at) => part === before.parts[at]))
      return before;
    const text = parts.join('');
    const sealed = { parts, text, digest: digest(text) };
    this.#sealed.set(key, sealed);
    return sealed;
  }

  #append(key: string, text: string, secret: boolean): void {
    const part = this.#parts.get(key) ?? { secret, text: [] };
    part.secret ||= secret;
    part.text.push(text);
    this.#parts.set(key, part);
  }
}

interface Sealing extends Pick<BundleManifest, 'organization' | 'sipPort' | 'rtp'> {
  readonly kept: readonly string[];
}

/** What one object wrote. */
interface Written {
  readonly parts: readonly { readonly key: string; readonly text: string; readonly secret: boolean }[];
  readonly expects: readonly (readonly [string, number])[];
}

const written = new Memo<object, Written | undefined>();

/** A finished fragment and the parts that it was made of. */
export interface Sealed {
  readonly parts: readonly string[];
  readonly text: string;
  readonly digest: string;
}

/** Hex SHA-256 of UTF-8 text. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The generation of a manifest: 16 hex digits over all of it but itself, members in the order of the type. */
export function generationOf(manifest: Omit<BundleManifest, 'generation'>): string {
  const { version, organization, restartFiles, fragments, expects, sipPort, rtp, kept } = manifest;
  const ordered = [
    version,
    organization,
    restartFiles,
    fragments.map(({ key, digest, secret }) => [key, digest, secret]),
    Object.entries(expects).sort(([a], [b]) => (a < b ? -1 : 1)),
    sipPort,
    [rtp.start, rtp.end],
    ...(kept.length > 0 ? [kept] : []), // without any, the generation is what it was before there was this member
  ];
  return digest(JSON.stringify(ordered)).slice(0, 16);
}

export const MAX_SHARDS = 32;

/** How many shards a tenant's fragments are spread over: by its limit of users, so that it hardly ever changes. */
export function shardCount(userLimit: number): number {
  if (userLimit <= 500) return 4;
  return userLimit <= 2000 ? 16 : MAX_SHARDS;
}

function shardOf(name: string, shards: number): number {
  return createHash('md5').update(name).digest().readUInt32BE(0) % shards;
}
