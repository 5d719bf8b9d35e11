import { type ObjectOf, type Organization, ofEachKind, type TenantKind } from '../../api/index.ts';
import type { InForce } from '../../api/record.ts';
import { location } from '../kinds/location/index.ts';
import type { Judged } from '../kinds/module.ts';
import { type JudgedOrganization, judgeOrganization } from '../kinds/organization/resolve.ts';
import { phoneNumber } from '../kinds/phone-number/index.ts';
import type { ResolvedNumber } from '../kinds/phone-number/resolve.ts';
import { sipUser } from '../kinds/sip-user/index.ts';
import { unservedMailbox } from '../kinds/sip-user/judge.ts';
import type { JudgedUser } from '../kinds/sip-user/resolve.ts';
import { trunk } from '../kinds/trunk/index.ts';
import type { JudgedTrunk } from '../kinds/trunk/resolve.ts';
import type { Tenant } from '../tenant.ts';
import { inOrder, type Offers, type TenantIndex, tenantIndexOf } from '../tenant-index/tenant-index.ts';
import { byAge, byName, type Problem } from '../verdict.ts';
import { invalidOf, type World } from '../world.ts';
import { cutLoops } from './loops.ts';
import { tcpPhones } from './tcp-phones.ts';

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

interface JudgedObjects {
  readonly SipUser: readonly JudgedUser[];
  readonly Trunk: readonly JudgedTrunk[];
  readonly PhoneNumber: readonly Judged<ObjectOf<'PhoneNumber'>, ResolvedNumber>[];
  readonly Location: readonly Judged<ObjectOf<'Location'>>[];
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

const OFFERS: Offers = {
  extensions: { SipUser: sipUser.extension.of },
  extensionWords: { SipUser: sipUser.extension.word },
  destinations: sipUser.destinations,
  unserved: { SipUser: sipUser.unserved, Trunk: trunk.unserved, PhoneNumber: phoneNumber.unserved },
  unservedMailbox,
};

export function judge(world: World): Judgement {
  const organizations = [...world.organizations].sort(byAge).map(organization => {
    return { organization, ...judgeOrganization(organization, world) };
  });
  const { tenant, inForce } = organizations.find(one => one.tenant) ?? {};
  if (!tenant || !inForce) return withoutOrganization(world, organizations);
  const index = tenantIndexOf(world, tenant, OFFERS);
  const users = cutLoops(sipUser.judge(inOrder('SipUser', index), index));
  const crowd = tcpPhones(tenant, users);
  return {
    tenant,
    inForce,
    index,
    organizations: organizations.map(one =>
      one.tenant === tenant ? { ...one, notes: [...one.notes, ...crowd] } : one,
    ),
    objects: {
      SipUser: users,
      Trunk: trunk.judge(inOrder('Trunk', index), index),
      PhoneNumber: phoneNumber.judge(inOrder('PhoneNumber', index), index),
      Location: location.judge(inOrder('Location', index), index),
    },
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
