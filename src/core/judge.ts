import { type ObjectOf, type Organization, ofEachKind, type TenantKind } from '../api/index.ts';
import type { InForce } from '../api/record.ts';
import { type AnyKind, everyKind, type JudgedObjects, KINDS } from './kinds/index.ts';
import type { Judged } from './kinds/module.ts';
import { type JudgedOrganization, judgeOrganization } from './kinds/organization/resolve.ts';
import { unservedMailbox } from './kinds/sip-user/judge.ts';
import { cutLoops } from './loops.ts';
import { tcpPhones } from './tcp-phones.ts';
import type { Tenant } from './tenant.ts';
import { inOrder, type Offers, type TenantIndex, tenantIndexOf } from './tenant-index/tenant-index.ts';
import { byAge, byName, type Problem } from './verdict.ts';
import { invalidOf, type World } from './world.ts';

/** What the judge found of a whole tenant, each list by name. */
export interface Judgement {
  /** Undefined when no Organization here may have a PBX. */
  readonly tenant?: Tenant;
  readonly index?: TenantIndex;
  /** What is to be remembered of it. */
  readonly inForce?: InForce;
  readonly organizations: readonly (JudgedOrganization & { readonly organization: Organization })[];
  readonly objects: JudgedObjects;
}

const NO_ORGANIZATION: Problem = {
  reason: 'OrganizationMissing',
  message: 'This namespace has no working Organization; create one with the name of the namespace, or see its status',
};

/** It is there and never was good, or cannot be read: what ran goes on. */
const ORGANIZATION_REFUSED: Problem = {
  reason: 'OrganizationRefused',
  message: 'The Organization of this namespace is refused, and all of it stays as it was; see its status',
};

/** What the kinds say of themselves to each other. */
const OFFERS: Offers = {
  extensions: said(({ extension }) => extension?.of),
  extensionWords: said(({ extension }) => extension?.word),
  destinations: Object.assign({}, ...everyKind.map(([, { destinations }]) => destinations)),
  unserved: said(({ unserved }) => unserved),
  unservedMailbox,
};

/** By kind, for those kinds that say it. */
function said<T>(what: (module: AnyKind) => T | undefined): Partial<Record<TenantKind, T>> {
  const all = everyKind.flatMap(([kind, module]) => {
    const value = what(module);
    return value === undefined ? [] : [[kind, value] as const];
  });
  return Object.fromEntries(all) as Partial<Record<TenantKind, T>>;
}

export function judge(world: World): Judgement {
  const organizations = [...world.organizations].sort(byAge).map(organization => {
    return { organization, ...judgeOrganization(organization, world) };
  });
  const { tenant, inForce } = organizations.find(one => one.tenant) ?? {};
  if (!tenant || !inForce) return withoutOrganization(world, organizations);
  const index = tenantIndexOf(world, tenant, OFFERS);
  const judged = ofEachKind(kind => {
    const module: AnyKind = KINDS[kind];
    return module.judge(inOrder(kind, index), index);
  });
  const objects = cutLoops(judged as JudgedObjects);
  const crowd = tcpPhones(tenant, objects.SipUser);
  return {
    tenant,
    inForce,
    index,
    organizations: organizations.map(one =>
      one.tenant === tenant ? { ...one, notes: [...one.notes, ...crowd] } : one,
    ),
    objects,
  };
}

function withoutOrganization(world: World, organizations: Judgement['organizations']): Judgement {
  const [exists] = [...world.organizations, ...invalidOf('Organization', world)].filter(
    ({ metadata }) => metadata.name === world.namespace,
  );
  const problem = exists ? ORGANIZATION_REFUSED : NO_ORGANIZATION;
  const refused = (kind: TenantKind): Judged<ObjectOf<TenantKind>>[] =>
    [...world.objects[kind]].sort(byName).map(object => ({ object, problem, faults: [], notes: [] }));
  return { organizations, objects: ofEachKind(refused) as JudgedObjects };
}
