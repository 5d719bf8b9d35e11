import { trunkId } from '../../names.ts';
import type { Wanted } from '../../status/conditions.ts';
import type { More, StatusFacts } from '../../status/facts.ts';
import { cut } from '../../status/text-limit.ts';
import type { EvaluatedTrunk } from './resolve.ts';

/** Status of the carrier: whether we are registered, whether it answers OPTIONS, and its last failure response. */
export function status({ object: trunk, resolved }: EvaluatedTrunk, facts: StatusFacts): More {
  const live = facts.tenant ? facts.report?.trunks[trunkId(facts.tenant.name, trunk.metadata.name)] : undefined;
  if (!live) return {};
  const registers = trunk.spec.register?.enabled === true;
  const conditions: Wanted[] = [];
  if (resolved && registers) {
    const status = live.registration === 'Registered' ? 'True' : 'False';
    const message = status === 'True' ? '' : NOT_REGISTERED;
    conditions.push({ type: 'Registered', status, reason: live.registration, message });
  }
  if (resolved) {
    const status = live.reachable === 'Reachable' ? 'True' : live.reachable === 'Unknown' ? 'Unknown' : 'False';
    const reason = live.reachable === 'Unknown' ? 'NotAskedYet' : live.reachable;
    conditions.push({ type: 'Reachable', status, reason, message: status === 'False' ? NOT_REACHABLE : '' });
  }
  const failed = live.lastCode !== undefined && live.lastCode >= 300 && live.registration !== 'Registered';
  const code = live.lastCode === undefined ? {} : { lastCode: live.lastCode };
  return {
    conditions,
    members: {
      ...(registers ? { registration: { state: live.registration, ...code } } : {}),
      ...(failed ? { lastFailure: lastFailure(trunk.status, live, facts.now) } : {}),
    },
  };
}

const NOT_REGISTERED =
  'The carrier has not accepted the registration; see status.lastFailure, and check spec.credentialsSecretRef and spec.servers';
const NOT_REACHABLE =
  'The carrier does not answer OPTIONS; check spec.servers and the network. If it never answers OPTIONS, set spec.health.optionsSeconds to 0';

function lastFailure(
  before: unknown,
  live: { lastCode?: number | undefined; lastText?: string | undefined },
  now: string,
): Record<string, unknown> {
  const previous = (before as { lastFailure?: { code?: number; text?: string; at?: string } } | undefined)?.lastFailure;
  const text = cut(live.lastText ?? '', 128);
  const same = previous?.code === live.lastCode && previous?.text === text;
  return { code: live.lastCode, text, at: same ? (previous?.at ?? now) : now };
}
