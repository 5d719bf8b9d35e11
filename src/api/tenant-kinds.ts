import type { z } from 'zod';
import { integer } from './common.ts';
import type { KindLimit } from './kind-info.ts';
import { locationKind } from './location.ts';
import { phoneNumberKind } from './phone-number.ts';
import { sipUserKind } from './sip-user.ts';
import { trunkKind } from './trunk.ts';

/** The kinds of objects that a tenant has besides its Organization. A new kind is one more line. */
export const tenantKinds = [sipUserKind, phoneNumberKind, trunkKind, locationKind] as const;

type Info = (typeof tenantKinds)[number];
export type TenantKind = Info['kind'];

/** An object of a kind, as its schema reads it. */
export type ObjectOf<K extends TenantKind> = z.infer<Extract<Info, { readonly kind: K }>['schema']>;

/** A list for each kind. */
export type ObjectLists = { readonly [K in TenantKind]: readonly ObjectOf<K>[] };

/** One value for each kind, made from its name. */
export function ofEachKind<T>(make: (kind: TenantKind) => T): Record<TenantKind, T> {
  return Object.fromEntries(tenantKinds.map(({ kind }) => [kind, make(kind)])) as Record<TenantKind, T>;
}

type LimitedInfo = Extract<Info, { readonly limit: KindLimit }>;
export type LimitedKind = LimitedInfo['kind'];
export type LimitName = LimitedInfo['limit']['name'];

/** The kinds of which the number of objects is limited. */
export const limitedKinds = tenantKinds.filter((info): info is LimitedInfo => 'limit' in info);

/** The members of `spec.limits` that bound kinds. `unset`: what holds where one is not set, for its description. */
export function limitShape(unset: (builtIn: number) => string): Record<LimitName, z.ZodOptional<z.ZodNumber>> {
  const members = limitedKinds.map(({ kind, limit }) => {
    const description = `Maximum number of ${kind} objects; the newest above it are refused. ${unset(limit.builtIn)}`;
    return [limit.name, integer(0, limit.most, description).optional()];
  });
  return Object.fromEntries(members) as Record<LimitName, z.ZodOptional<z.ZodNumber>>;
}

/** The built-in limits, which apply where neither the Organization nor its class has one. */
export const builtInLimits = Object.fromEntries(
  limitedKinds.map(({ limit }) => [limit.name, limit.builtIn]),
) as Readonly<Record<LimitName, number>>;
