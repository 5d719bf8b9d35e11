import type { TenantSnapshot } from './snapshot.ts';
import { effectiveDefaults, type Tenant } from './tenant.ts';

/** The first RTP port. A pod has an address of its own, so all tenants use the same ports. */
export const RTP_START = 10000;

/** Ports of a small tenant; each further step doubles them, up to those of the largest. */
const SMALLEST = 160;
const LARGEST = SMALLEST * 64;

/** Each leg of a call has two ports, RTP and RTCP. Asterisk takes them with the SDP offer, before anybody answers. */
const PER_LEG = 2;
/** Pairs that are kept for emergency calls: when only they are left, no other call is admitted. */
const FOR_EMERGENCY = 20;
/** One call in so many is ringing at any time: 20 to 40 seconds of some minutes. If more ring at once, fewer phones ring. */
const RINGING = 4;

/**
 * Number of RTP ports of a tenant: `media.ports`, or enough for two legs of each concurrent call, for the other phones of the users who are being
 * rung (`userDefaults.sip.maxContacts`), and for emergency calls, in steps, so that a small edit of the limit changes
 * nothing. 30 calls with 5 phones a user make 320 ports. While a pod lives they do not become fewer: a call may be on any.
 */
export function mediaPorts(tenant: Tenant, snapshot?: Pick<TenantSnapshot, 'children' | 'pod'>): number {
  const wanted = tenant.pbx.exposure.media?.ports || steps(PER_LEG * legsOf(tenant));
  return snapshot?.pod ? Math.max(wanted, openPorts(snapshot.children)) : wanted;
}

function legsOf(tenant: Tenant): number {
  const { concurrentCalls } = tenant.limits;
  const contacts = effectiveDefaults(tenant).sip.maxContacts;
  return 2 * concurrentCalls + Math.ceil(concurrentCalls / RINGING) * (contacts - 1) + FOR_EMERGENCY;
}

/** Legs that all calls but emergency calls may have together. The rest, at most a quarter, is kept for emergencies. */
export function legsFor(ports: number): number {
  const pairs = Math.floor(ports / PER_LEG);
  return pairs - Math.min(FOR_EMERGENCY, Math.floor(pairs / 4));
}

function steps(needed: number): number {
  let ports = SMALLEST;
  while (ports < needed && ports < LARGEST) ports *= 2;
  return ports;
}

interface PolicyParts {
  readonly spec?: { readonly ingress?: readonly { readonly ports?: readonly { port?: number; endPort?: number }[] }[] };
}

/** The number of RTP ports that the live NetworkPolicy opens; 0 when somebody set it to more than we ever ask for. */
function openPorts(children: TenantSnapshot['children']): number {
  const policy = children.find(({ kind }) => kind === 'NetworkPolicy') as PolicyParts | undefined;
  const ports = policy?.spec?.ingress?.flatMap(rule => rule.ports ?? []) ?? [];
  const open = (ports.find(({ port }) => port === RTP_START)?.endPort ?? 0) + 1 - RTP_START;
  return open > 0 && open <= LARGEST ? open : 0;
}
