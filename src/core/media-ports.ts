import type { Tenant } from './tenant.ts';
import type { World } from './world.ts';

/** RTP ports of a pod: it has an address of its own, so every tenant may use the same ones. */
export const RTP_START = 10000;

/** What a small tenant needs, and how many steps of doubling lead to what the largest one needs. */
const SMALLEST = 160;
const LARGEST = SMALLEST * 64;

/**
 * How many: `media.ports`, or four per concurrent call and some spare (two legs, RTP and RTCP) in steps, so that a small
 * edit of the limit changes nothing. While a pod lives they do not become fewer: a call may be on any of them.
 */
export function mediaPorts(tenant: Tenant, world?: Pick<World, 'children' | 'pod'>): number {
  const wanted = tenant.pbx.exposure.media?.ports || steps(4 * tenant.limits.concurrentCalls + 40);
  return world?.pod ? Math.max(wanted, openPorts(world.children)) : wanted;
}

function steps(needed: number): number {
  let ports = SMALLEST;
  while (ports < needed && ports < LARGEST) ports *= 2;
  return ports;
}

interface PolicyParts {
  readonly spec?: { readonly ingress?: readonly { readonly ports?: readonly { port?: number; endPort?: number }[] }[] };
}

/** As many as the live NetworkPolicy lets through; not what somebody else may have put there beyond all measure. */
function openPorts(children: World['children']): number {
  const policy = children.find(({ kind }) => kind === 'NetworkPolicy') as PolicyParts | undefined;
  const ports = policy?.spec?.ingress?.flatMap(rule => rule.ports ?? []) ?? [];
  const open = (ports.find(({ port }) => port === RTP_START)?.endPort ?? 0) + 1 - RTP_START;
  return open > 0 && open <= LARGEST ? open : 0;
}
