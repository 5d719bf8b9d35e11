import type { ObjectOf, TenantKind } from '../../api/index.ts';
import type { ObjectWriter } from '../asterisk/written.ts';
import type { Generate } from '../plan.ts';
import type { More, StatusFacts } from '../status/facts.ts';
import type { Tenant } from '../tenant.ts';
import type { Destinations, TenantIndex, Word } from '../tenant-index/tenant-index.ts';
import type { Problem } from '../verdict.ts';

/**
 * What a kind is to the compiler: everything that loops over kinds asks for it here. `R`: what the renderer needs of one.
 */
export interface KindModule<K extends TenantKind, R = unknown> {
  /** Judges all of them, in the order of the list, which is by name. */
  judge(objects: readonly ObjectOf<K>[], index: TenantIndex): readonly Judged<ObjectOf<K>, R>[];

  /** Why one is not in service, as one word for people; undefined: it is. It may not ask where its calls lead. */
  unserved?(object: ObjectOf<K>, index: TenantIndex): string | undefined;

  /** Its number inside, and the word by which the engine calls who has it. */
  readonly extension?: {
    of(object: ObjectOf<K>): string | undefined;
    word(extension: string, name: string): Word;
  };

  /** How calls reach one of them, by the member of a destination that names it. */
  readonly destinations?: Destinations;

  /** Its text in Asterisk's files. Without this the kind has none. */
  render?(out: ObjectWriter, resolved: R, tenant: Tenant): void;

  /** What the status of one says beside what those of all kinds say. */
  status?(judged: Judged<ObjectOf<K>, R>, facts: StatusFacts): More;
}

/** What was found of one object. */
export interface Judged<T, R = unknown> {
  readonly object: T;
  /** Why it is not in service. */
  readonly problem?: Problem;
  /** Mistakes that leave it working. */
  readonly faults: readonly Problem[];
  /** What is no mistake, and deserves a look. */
  readonly notes: readonly Problem[];
  /** As the renderer needs it: all that is inherited is filled in, all that is referred to is found. Absent: not rendered. */
  readonly resolved?: R;
  /** What must be made at random for it. */
  readonly needs?: readonly Generate[];
}
