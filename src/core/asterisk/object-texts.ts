import { objectKey } from '../object-key.ts';
import { type ObjectText, shardOf } from './object-writer.ts';

/** The text of an object in one file, without its marker line. */
interface FileBody {
  readonly file: string;
  readonly text: string;
}

/**
 * The texts of each object in a bundle, to compare them with what the agent refused. It keeps the lists that the fragments
 * were made of, so that no fragment has to be parsed.
 */
export class ObjectTexts {
  readonly #shards: readonly (readonly ObjectText[])[];

  constructor(shards: readonly (readonly ObjectText[])[]) {
    this.#shards = shards;
  }

  /** The texts of an object (`<Kind>/<name>`); none when it is not in the bundle. */
  of(object: string): readonly FileBody[] {
    const name = object.slice(object.indexOf('/') + 1);
    const shard = this.#shards[shardOf(name, this.#shards.length)] ?? [];
    const own = shard.find(({ owner }) => objectKey(owner.kind, owner.name) === object);
    return own?.parts.map(({ file, body }) => ({ file, text: body })) ?? [];
  }
}
