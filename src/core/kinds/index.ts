import type { ObjectOf, TenantKind } from '../../api/index.ts';
import { location } from './location/index.ts';
import type { Evaluated, KindModule } from './module.ts';
import { phoneNumber } from './phone-number/index.ts';
import { sipUser } from './sip-user/index.ts';
import { trunk } from './trunk/index.ts';

/** The modules of all kinds that a tenant can have, in the order of rendering and of statuses. A new kind is one line. */
export const KINDS = {
  SipUser: sipUser,
  Trunk: trunk,
  PhoneNumber: phoneNumber,
  Location: location,
} satisfies { readonly [K in TenantKind]: KindModule<K> };

/** Evaluated objects by kind; each list is sorted by name. */
export type EvaluatedObjects = { readonly [K in TenantKind]: readonly Evaluated<ObjectOf<K>, ResolvedOf<K>>[] };

type ResolvedOf<K extends TenantKind> =
  ReturnType<(typeof KINDS)[K]['evaluate']>[number] extends Evaluated<unknown, infer R> ? R : never;

/** The same table for code that treats all kinds alike. */
export type AnyKind = KindModule<TenantKind>;
export const everyKind = Object.entries(KINDS) as readonly (readonly [TenantKind, AnyKind])[];

/** Kinds of destination words that the engine must know: those of all objects, and those that lead out or nowhere. */
export const WORDS: readonly string[] = ['hangup', 'number', ...everyKind.flatMap(([, { words = [] }]) => words)];
