import { objectKey } from '../object-key.ts';
import { shardOf, type Written } from './written.ts';

/** What one object has in one file, without the line that says whose it is. */
interface ObjectText {
  readonly file: string;
  readonly text: string;
}

/**
 * What each object wrote into a bundle. It holds the lists that the fragments were made of, and finds an object's when
 * somebody asks: what the agent refused is looked up, and no fragment is read for it.
 */
export class ObjectTexts {
  readonly #shards: readonly (readonly Written[])[];

  constructor(shards: readonly (readonly Written[])[]) {
    this.#shards = shards;
  }

  /** Of `<Kind>/<name>`, as it was written; none when it is not in the bundle. */
  of(object: string): readonly ObjectText[] {
    const name = object.slice(object.indexOf('/') + 1);
    const shard = this.#shards[shardOf(name, this.#shards.length)] ?? [];
    const own = shard.find(({ owner }) => objectKey(owner.kind, owner.name) === object);
    return own?.parts.map(({ file, body }) => ({ file, text: body })) ?? [];
  }
}
