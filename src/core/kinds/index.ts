import type { ObjectOf, TenantKind } from '../../api/index.ts';
import { location } from './location/index.ts';
import type { Evaluated, KindModule } from './module.ts';
import { phoneNumber } from './phone-number/index.ts';
import { sipUser } from './sip-user/index.ts';
import { trunk } from './trunk/index.ts';

/** All that a tenant has, by kind, in the order in which it is rendered and told. A new kind is one line. */
export const KINDS = {
  SipUser: sipUser,
  Trunk: trunk,
  PhoneNumber: phoneNumber,
  Location: location,
} satisfies { readonly [K in TenantKind]: KindModule<K> };

/** Judged objects, by kind, each list by name. */
export type EvaluatedObjects = { readonly [K in TenantKind]: readonly Evaluated<ObjectOf<K>, ResolvedOf<K>>[] };

type ResolvedOf<K extends TenantKind> =
  ReturnType<(typeof KINDS)[K]['evaluate']>[number] extends Evaluated<unknown, infer R> ? R : never;

/** The same table for what goes over all kinds alike. */
export type AnyKind = KindModule<TenantKind>;
export const everyKind = Object.entries(KINDS) as readonly (readonly [TenantKind, AnyKind])[];

/** Kinds of words that the engine must know: those that lead out or nowhere, and those that lead to objects. */
export const WORDS: readonly string[] = ['hangup', 'number', ...everyKind.flatMap(([, { words = [] }]) => words)];
