import type { ObjectOf, TenantKind } from '../../api/index.ts';
import type { ObjectWriter } from '../asterisk/object-writer.ts';
import type { Finding } from '../finding.ts';
import type { SecretRequest } from '../plan.ts';
import type { Claims } from '../snapshot.ts';
import type { Loaded } from '../status/conditions.ts';
import type { More, StatusFacts } from '../status/facts.ts';
import type { Tenant } from '../tenant.ts';
import type { Destinations, TenantIndex, Word } from '../tenant-index/tenant-index.ts';

/**
 * What the compiler needs to know about a kind. Optional members are absent for kinds that have no such thing. `R` is the
 * resolved form of an object, which the renderer needs. Kinds know each other only by the index of their tenant.
 */
export interface KindModule<K extends TenantKind, R = unknown> {
  /** Evaluates all objects of the kind; the result has the order of the list, which is sorted by name. */
  evaluate(objects: readonly ObjectOf<K>[], index: TenantIndex): readonly Evaluated<ObjectOf<K>, R>[];

  /** Why an object is not in service, as a short reason; undefined: it is. It must not resolve destinations. */
  unserved?(object: ObjectOf<K>, index: TenantIndex): string | undefined;

  /** Kinds of destination words that lead to such objects: `user` of `user:1001`, for which the engine has `to-user`. */
  readonly words?: readonly string[];

  /** The extension of an object, and the destination word that leads to whoever has an extension. */
  readonly extension?: {
    of(object: ObjectOf<K>): string | undefined;
    word(extension: string, name: string): Word;
    /** The name of who is reached, for people. */
    label(object: ObjectOf<K>): string;
  };

  /** How to resolve destinations that name such an object, by the member of the destination. */
  readonly destinations?: Destinations;

  /** Where objects forward calls to, to find cycles. */
  readonly onward?: Onward<R>;

  /** What only one object on the platform may have. `keyOf` reads it from a spec that may have any form. */
  readonly claim?: {
    readonly claimKind: keyof Claims;
    keyOf(spec: Readonly<Record<string, unknown>>): string | undefined;
  };

  /** Writes an object into Asterisk's files; absent: the kind has no text there. */
  render?(out: ObjectWriter, resolved: R, tenant: Tenant): void;

  /** Calls belong to objects of this kind: they end when the object is deleted, but not while it is invalid. */
  readonly hasCalls?: true;

  /** What the status of an object has besides the standard conditions. */
  status?(evaluated: Evaluated<ObjectOf<K>, R>, facts: StatusFacts): More;

  /** Makes all statuses at once, instead of `status`: for a kind with thousands of objects, of which few change. */
  statuses?(
    all: readonly Evaluated<ObjectOf<K>, R>[],
    live: LiveFacts,
    facts: StatusFacts,
  ): readonly StatusUpdate<ObjectOf<K>>[];
}

/** Destination words (`user:1001`) that lead to an object, and those to which it forwards calls. */
export interface Onward<R> {
  /** The parts before the `:` of words that lead to an object. */
  readonly prefixes: readonly string[];
  /** The part after it. */
  key(resolved: R): string;
  /** The words to which it forwards. */
  words(resolved: R): readonly string[];
  /** A copy that forwards to other words. */
  with(resolved: R, change: (word: string) => string): R;
  /** The field of the object that has them, for messages. */
  readonly field: string;
}

/** Whether the PBX has loaded the bundle, and what it refused of it, by object key. */
export interface LiveFacts {
  readonly loaded: Loaded;
  readonly rejected: ReadonlyMap<string, Finding>;
}

/** An object and the status to write; undefined: the live one is right. */
export interface StatusUpdate<T> {
  readonly object: T;
  readonly due: Record<string, unknown> | undefined;
}

/** The result of evaluating one object. */
export interface Evaluated<T, R = unknown> {
  readonly object: T;
  /** What keeps it out of service. */
  readonly violation?: Finding;
  /** Mistakes with which it works in part. */
  readonly degradations: readonly Finding[];
  /** Remarks that are worth a look, such as fields without effect. */
  readonly notices: readonly Finding[];
  /** What the renderer needs, with inherited settings and references resolved. Absent: it is not rendered. */
  readonly resolved?: R;
  /** Random values that must be generated for it. */
  readonly secretRequests?: readonly SecretRequest[];
}
