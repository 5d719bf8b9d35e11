import type { ObjectOf, TenantKind } from '../../api/index.ts';
import type { ObjectWriter } from '../asterisk/written.ts';
import type { Finding } from '../finding.ts';
import type { SecretRequest } from '../plan.ts';
import type { Claims } from '../snapshot.ts';
import type { Loaded } from '../status/conditions.ts';
import type { More, StatusFacts } from '../status/facts.ts';
import type { Tenant } from '../tenant.ts';
import type { Destinations, TenantIndex, Word } from '../tenant-index/tenant-index.ts';

/**
 * What a kind is to the compiler: everything that goes over all kinds asks for it here. What is optional is not there for
 * a kind that has none of it. `R`: what the renderer needs of one. Kinds know each other through the index of their tenant
 * alone.
 */
export interface KindModule<K extends TenantKind, R = unknown> {
  /** Judges all of them, in the order of the list, which is by name. */
  evaluate(objects: readonly ObjectOf<K>[], index: TenantIndex): readonly Evaluated<ObjectOf<K>, R>[];

  /** Why one is not in service, as one word for people; undefined: it is. It may not ask where its calls lead. */
  unserved?(object: ObjectOf<K>, index: TenantIndex): string | undefined;

  /** Kinds of words by which the engine calls one of them: `user` of `user:1001`, which leads to the context `to-user`. */
  readonly words?: readonly string[];

  /** Its number inside, and the word by which the engine calls who has it. */
  readonly extension?: {
    of(object: ObjectOf<K>): string | undefined;
    word(extension: string, name: string): Word;
    /** Who is reached, for people. */
    label(object: ObjectOf<K>): string;
  };

  /** How calls reach one of them, by the member of a destination that names it. */
  readonly destinations?: Destinations;

  /** Where its calls go on, for who looks for circles. */
  readonly onward?: Onward<R>;

  /** What only one on the whole platform may have. Of a spec that may be of any form. */
  readonly claim?: {
    readonly claimKind: keyof Claims;
    keyOf(spec: Readonly<Record<string, unknown>>): string | undefined;
  };

  /** Its text in Asterisk's files. Without this the kind has none. */
  render?(out: ObjectWriter, resolved: R, tenant: Tenant): void;

  /** Calls are of one, and end when it is deleted; they do not when somebody makes a mistake in it. */
  readonly hasCalls?: true;

  /** What the status of one says beside what those of all kinds say. */
  status?(evaluated: Evaluated<ObjectOf<K>, R>, facts: StatusFacts): More;

  /** All statuses at once, instead: of thousands, most are what they were. */
  statuses?(
    all: readonly Evaluated<ObjectOf<K>, R>[],
    live: LiveFacts,
    facts: StatusFacts,
  ): readonly StatusUpdate<ObjectOf<K>>[];
}

/** Words of the engine (`user:1001`) by which calls come to an object, and by which they leave it. */
export interface Onward<R> {
  /** What stands before the `:` of words that reach one. */
  readonly prefixes: readonly string[];
  /** What stands behind it. */
  key(resolved: R): string;
  /** Where its calls go. */
  words(resolved: R): readonly string[];
  /** The same object with other words. */
  with(resolved: R, change: (word: string) => string): R;
  /** Where they stand in the object. */
  readonly field: string;
}

/** Whether the PBX has the configuration, and what it refused of it, by `<Kind>/<name>`. */
export interface LiveFacts {
  readonly loaded: Loaded;
  readonly rejected: ReadonlyMap<string, Finding>;
}

/** An object, and the status that it should have; undefined when it has it. */
export interface StatusUpdate<T> {
  readonly object: T;
  readonly due: Record<string, unknown> | undefined;
}

/** What was found of one object. */
export interface Evaluated<T, R = unknown> {
  readonly object: T;
  /** Why it is not in service. */
  readonly violation?: Finding;
  /** Mistakes that leave it working. */
  readonly degradations: readonly Finding[];
  /** What is no mistake, and deserves a look. */
  readonly notices: readonly Finding[];
  /** As the renderer needs it: all that is inherited is filled in, all that is referred to is found. Absent: not rendered. */
  readonly resolved?: R;
  /** What must be made at random for it. */
  readonly secretRequests?: readonly SecretRequest[];
}
