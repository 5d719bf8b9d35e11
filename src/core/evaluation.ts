import { type ObjectOf, type Organization, ofEachKind, type TenantKind } from '../api/index.ts';
import type { InForce } from '../api/record.ts';
import { byAge, byName, type Finding } from './finding.ts';
import { type AnyKind, type EvaluatedObjects, everyKind, KINDS } from './kinds/index.ts';
import type { Evaluated } from './kinds/module.ts';
import { type EvaluatedOrganization, evaluateOrganization } from './kinds/organization/resolve.ts';
import { unservedMailbox } from './kinds/sip-user/evaluation.ts';
import { cutLoops } from './loops.ts';
import { invalidOf, type TenantSnapshot } from './snapshot.ts';
import { tcpPhones } from './tcp-phones.ts';
import type { Tenant } from './tenant.ts';
import { inOrder, type Offers, type TenantIndex, tenantIndexOf } from './tenant-index/tenant-index.ts';

/** The findings about all objects of a tenant; each list is sorted by name. */
export interface Evaluation {
  /** Undefined: no Organization in the namespace may have a PBX. */
  readonly tenant?: Tenant;
  readonly index?: TenantIndex;
  /** The accepted values of the Organization, to be recorded. */
  readonly inForce?: InForce;
  readonly organizations: readonly (EvaluatedOrganization & { readonly organization: Organization })[];
  readonly objects: EvaluatedObjects;
}

const NO_ORGANIZATION: Finding = {
  reason: 'OrganizationMissing',
  message:
    'There is no Organization in service in this namespace; create one with the name of the namespace, or see its status',
};

/** There is an Organization, but it never was valid or cannot be read. What runs goes on. */
const ORGANIZATION_REFUSED: Finding = {
  reason: 'OrganizationRefused',
  message:
    'The Organization of this namespace is refused, so nothing of it changes in the PBX; fix what its status says',
};

/** What the kinds offer to each other through the tenant's index. */
const OFFERS: Offers = {
  extensions: offered(({ extension }) => extension?.of),
  extensionWords: offered(({ extension }) => extension?.word),
  destinations: Object.assign({}, ...everyKind.map(([, { destinations }]) => destinations)),
  unserved: offered(({ unserved }) => unserved),
  unservedMailbox,
};

/** One member of each kind's module, by kind; kinds that do not have it are absent. */
function offered<T>(what: (module: AnyKind) => T | undefined): Partial<Record<TenantKind, T>> {
  const all = everyKind.flatMap(([kind, module]) => {
    const value = what(module);
    return value === undefined ? [] : [[kind, value] as const];
  });
  return Object.fromEntries(all) as Partial<Record<TenantKind, T>>;
}

/** Evaluates all objects of a tenant: which are in service, and what is wrong with each. */
export function evaluate(snapshot: TenantSnapshot): Evaluation {
  const organizations = [...snapshot.organizations].sort(byAge).map(organization => {
    return { organization, ...evaluateOrganization(organization, snapshot) };
  });
  const { tenant, inForce } = organizations.find(one => one.tenant) ?? {};
  if (!tenant || !inForce) return withoutOrganization(snapshot, organizations);
  const index = tenantIndexOf(snapshot, tenant, OFFERS);
  const evaluated = ofEachKind(kind => {
    const module: AnyKind = KINDS[kind];
    return module.evaluate(inOrder(kind, index), index);
  });
  const objects = cutLoops(evaluated as EvaluatedObjects);
  const crowd = tcpPhones(tenant, objects.SipUser);
  return {
    tenant,
    inForce,
    index,
    organizations: organizations.map(one =>
      one.tenant === tenant ? { ...one, notices: [...one.notices, ...crowd] } : one,
    ),
    objects,
  };
}

function withoutOrganization(snapshot: TenantSnapshot, organizations: Evaluation['organizations']): Evaluation {
  const [exists] = [...snapshot.organizations, ...invalidOf('Organization', snapshot)].filter(
    ({ metadata }) => metadata.name === snapshot.namespace,
  );
  const violation = exists ? ORGANIZATION_REFUSED : NO_ORGANIZATION;
  const refused = (kind: TenantKind): Evaluated<ObjectOf<TenantKind>>[] =>
    [...snapshot.objects[kind]].sort(byName).map(object => ({ object, violation, degradations: [], notices: [] }));
  return { organizations, objects: ofEachKind(refused) as EvaluatedObjects };
}
