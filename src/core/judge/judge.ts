import type { Organization } from '../../api/index.ts';
import { emergencyNumbers } from '../countries.ts';
import { type Tenant, tenantOf } from '../tenant.ts';
import { byAge, byName, type Problem } from '../verdict.ts';
import { invalidOf, type World } from '../world.ts';
import { type Directory, directoryOf, usersByName } from './directory.ts';
import { type JudgedLocation, judgeLocation } from './locations.ts';
import { cutLoops } from './loops.ts';
import { type JudgedNumber, judgeNumber } from './numbers.ts';
import { judgeOrganization } from './organization.ts';
import { type JudgedTrunk, judgeTrunk } from './trunks.ts';
import { type JudgedUser, judgeUsers } from './users.ts';

/** What the judge found of a whole tenant, each list by name. */
export interface Judgement {
  /** Undefined when no Organization here may have a PBX. */
  readonly tenant?: Tenant;
  readonly directory?: Directory;
  readonly organizations: readonly { organization: Organization; problem?: Problem; notes: readonly Problem[] }[];
  readonly users: readonly JudgedUser[];
  readonly trunks: readonly JudgedTrunk[];
  readonly numbers: readonly JudgedNumber[];
  readonly locations: readonly JudgedLocation[];
  readonly emergency: readonly string[];
}

const NO_ORGANIZATION: Problem = {
  reason: 'OrganizationMissing',
  message: 'This namespace has no working Organization; create one with the name of the namespace, or see its status',
};

/** It is there, and what ran goes on. */
const ORGANIZATION_REFUSED: Problem = {
  reason: 'OrganizationRefused',
  message: 'The Organization of this namespace is refused, and all of it stays as it was; see its status',
};

export function judge(world: World): Judgement {
  const organizations = [...world.organizations].sort(byAge).map(organization => {
    const orgClass = world.classes.find(one => one.metadata.name === (organization.spec.className ?? 'general'));
    const tenant = tenantOf(organization, orgClass, world.locations);
    return {
      organization,
      tenant,
      ...judgeOrganization(organization, { world, tenant, ...(orgClass && { orgClass }) }),
    };
  });
  const winner = organizations.find(one => !one.problem);
  if (!winner) return withoutOrganization(world, organizations);
  const { tenant } = winner;
  const emergency = emergencyOf(world, tenant);
  const directory = directoryOf(world, tenant, emergency);
  return {
    tenant,
    directory,
    organizations,
    emergency,
    users: cutLoops(judgeUsers(usersByName(directory), directory)),
    trunks: [...world.trunks].sort(byName).map(trunk => judgeTrunk(trunk, directory)),
    numbers: [...world.numbers].sort(byName).map(number => judgeNumber(number, directory)),
    locations: [...world.locations].sort(byName).map(location => judgeLocation(location, directory)),
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
    users: [...world.users].sort(byName).map(user => ({ user, ...refused, needs: [] })),
    trunks: [...world.trunks].sort(byName).map(trunk => ({ trunk, ...refused })),
    numbers: [...world.numbers].sort(byName).map(number => ({ number, ...refused })),
    locations: [...world.locations].sort(byName).map(location => ({ location, faults: [problem], notes: [] })),
  };
}

/** Those of the organization's country and of every Location in it. */
function emergencyOf(world: World, tenant: Tenant): readonly string[] {
  const numbers = new Set(emergencyNumbers(tenant.country));
  for (const location of world.locations) {
    const own = location.spec.emergency?.numbers ?? emergencyNumbers(location.spec.country);
    for (const number of own) numbers.add(number);
  }
  return [...numbers].sort();
}
