import { canonicalResources } from '../quantity.ts';
import type { Tenant } from '../tenant.ts';

/** Resources of Asterisk's container: those of the class, or what the limits of the tenant need. */
export function asteriskResources(tenant: Tenant): unknown {
  const { resources } = tenant.pbx;
  return canonicalResources(resources && Object.keys(resources).length > 0 ? resources : defaultResources(tenant));
}

const USER_STEPS = [100, 500, 1000, 2000, 5000];
const CALL_STEPS = [10, 20, 30, 60, 120, 250, 500, 1000];

/**
 * Resources of the agent. Requests are what it needs at rest: 0.5 % of a core, and 89 MB in the median of 20 tenants. The
 * limit has room for the restart check, which boots a second Asterisk in the agent's container (60 MB and 24 kB for each
 * user), and for the configuration, which the agent holds three times: wanted, loaded and last known good
 * (asterisk-limits.md §3).
 */
export function agentResources(tenant: Tenant): Record<string, unknown> {
  const users = atLeast(USER_STEPS, tenant.limits.users);
  const limit = 256 + Math.ceil(users * 0.08);
  return { requests: { cpu: '5m', memory: '96Mi' }, limits: { memory: `${limit}Mi` } };
}

/** Rounded up to a step, so that a small edit of a limit does not change the pod template. */
function atLeast(steps: readonly number[], wanted: number): number {
  return steps.find(step => step >= wanted) ?? wanted;
}

/**
 * Requests of Asterisk: what it needs while as many calls are up as the limit allows, so that a node gets no more PBXs than
 * it can serve at once. There is no CPU limit, so an idle PBX leaves its share to others. The memory limit is twice the
 * size at rest, and room for a burst of registrations (asterisk-limits.md §7).
 */
function defaultResources(tenant: Tenant): Record<string, unknown> {
  const users = atLeast(USER_STEPS, tenant.limits.users);
  const calls = atLeast(CALL_STEPS, tenant.limits.concurrentCalls);
  const resting = 80 + Math.ceil(users * 0.023) + calls;
  const storm = Math.ceil(Math.min(users, 1500) * 0.3);
  return {
    requests: { cpu: `${cpuOf(calls)}m`, memory: `${memoryOf(users, calls)}Mi` },
    limits: { memory: `${2 * resting + storm + 256}Mi` },
  };
}

/**
 * Millicores for so many calls with G.711 through Asterisk. Each of the first hundred costs 1.2, each further one 2.05: measured 6 % of a core for 50, 12 % for 100, 32 % for 200, 74 % for 400 (asterisk-limits.md §7). At rest it
 * takes 3.5.
 */
function cpuOf(calls: number): number {
  return Math.max(5, Math.ceil(1.2 * Math.min(calls, 100) + 2.05 * Math.max(0, calls - 100)));
}

/**
 * MiB: 38 MB at rest, 20 kB for a user, 200 to 300 kB for a call (asterisk-limits.md §7), and 3 kB for the user's context for
 * transfers (measured with 5,000 users, whose dialplan is read in the same 140 ms).
 */
function memoryOf(users: number, calls: number): number {
  return Math.ceil(40 + users * 0.023 + calls * 0.3);
}
