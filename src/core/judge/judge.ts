import type { Organization } from '../../api/index.ts';
import type { InForce } from '../../api/record.ts';
import type { Tenant } from '../tenant.ts';
import { byAge, byName, type Problem } from '../verdict.ts';
import { invalidOf, type World } from '../world.ts';
import { type Directory, directoryOf, type Serving, usersByName } from './directory.ts';
import type { EmergencyNumbers } from './emergency.ts';
import { type JudgedLocation, judgeLocation } from './locations.ts';
import { cutLoops } from './loops.ts';
import { type JudgedNumber, judgeNumber, unservedNumber } from './numbers.ts';
import { type JudgedOrganization, judgeOrganization } from './organization.ts';
import { tcpPhones } from './tcp-phones.ts';
import { type JudgedTrunk, judgeTrunks, unservedTrunk } from './trunks.ts';
import { type JudgedUser, judgeUsers, unservedMailbox, unservedUser } from './users.ts';

/** What the judge found of a whole tenant, each list by name. */
export interface Judgement {
  /** Undefined when no Organization here may have a PBX. */
  readonly tenant?: Tenant;
  readonly directory?: Directory;
  /** What is to be remembered of it. */
  readonly inForce?: InForce;
  readonly organizations: readonly (JudgedOrganization & { readonly organization: Organization })[];
  readonly users: readonly JudgedUser[];
  readonly trunks: readonly JudgedTrunk[];
  readonly numbers: readonly JudgedNumber[];
  readonly locations: readonly JudgedLocation[];
  readonly emergency: readonly EmergencyNumbers[];
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

const SERVING: Serving = {
  user: unservedUser,
  mailbox: unservedMailbox,
  trunk: unservedTrunk,
  number: unservedNumber,
};

export function judge(world: World): Judgement {
  const organizations = [...world.organizations].sort(byAge).map(organization => {
    return { organization, ...judgeOrganization(organization, world) };
  });
  const { tenant, inForce } = organizations.find(one => one.tenant) ?? {};
  if (!tenant || !inForce) return withoutOrganization(world, organizations);
  const first = directoryOf(world, tenant, SERVING);
  const trunks = judgeTrunks([...world.objects.Trunk].sort(byName), first);
  const directory = { ...first, workingTrunks: workingTrunks(trunks) };
  const users = cutLoops(judgeUsers(usersByName(directory), directory));
  const crowd = tcpPhones(tenant, users);
  return {
    tenant,
    inForce,
    directory,
    organizations: organizations.map(one =>
      one.tenant === tenant ? { ...one, notes: [...one.notes, ...crowd] } : one,
    ),
    emergency: directory.emergencyPlans,
    users,
    trunks,
    numbers: [...world.objects.PhoneNumber].sort(byName).map(number => judgeNumber(number, directory)),
    locations: [...world.objects.Location].sort(byName).map(location => judgeLocation(location, directory)),
  };
}

function withoutOrganization(world: World, organizations: Judgement['organizations']): Judgement {
  const [exists] = [...world.organizations, ...invalidOf('Organization', world)].filter(
    ({ metadata }) => metadata.name === world.namespace,
  );
  const problem = exists ? ORGANIZATION_REFUSED : NO_ORGANIZATION;
  const refused = { problem, faults: [], notes: [] };
  return {
    organizations,
    emergency: [],
    users: [...world.objects.SipUser].sort(byName).map(user => ({ user, ...refused, needs: [] })),
    trunks: [...world.objects.Trunk].sort(byName).map(trunk => ({ trunk, ...refused })),
    numbers: [...world.objects.PhoneNumber].sort(byName).map(number => ({ number, ...refused })),
    locations: [...world.objects.Location].sort(byName).map(location => ({ location, faults: [problem], notes: [] })),
  };
}

function workingTrunks(trunks: readonly JudgedTrunk[]): ReadonlyMap<string, true> {
  return new Map(trunks.flatMap(({ trunk, rendered }) => (rendered ? [[trunk.metadata.name, true] as const] : [])));
}
