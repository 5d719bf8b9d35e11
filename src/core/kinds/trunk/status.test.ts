import { expect, it } from 'vitest';
import { IDLE_REPORT, indexOf, NOW, snapshot, trunk } from '../../../../test/snapshots.ts';
import type { TrunkReport } from '../../../api/report.ts';
import { evaluateTrunks } from './resolve.ts';
import { status } from './status.ts';

const REGISTERING = { register: { enabled: true }, identity: { fromUser: 'acme' } };
const UP: TrunkReport = { registration: 'Registered', reachable: 'Reachable' };
const DOWN: TrunkReport = { registration: 'Rejected', reachable: 'Unreachable', lastCode: 403, lastText: 'Forbidden' };

function statusOf(spec: Record<string, unknown>, live: TrunkReport | undefined, before?: unknown) {
  const one = { ...trunk('tata', spec), ...(before === undefined ? {} : { status: before }) } as ReturnType<
    typeof trunk
  >;
  const index = indexOf({ trunks: [one] });
  const [evaluated] = evaluateTrunks([one], index);
  if (!evaluated) throw new Error('no trunk');
  const report = { ...IDLE_REPORT, trunks: live ? { 'acme_t-tata': live } : {} };
  return status(evaluated, { snapshot: snapshot(), tenant: index.tenant, report, now: NOW });
}

it.each<[string, Record<string, unknown>, TrunkReport | undefined, string[]]>([
  ['of which nothing is reported', REGISTERING, undefined, []],
  ['that is up', REGISTERING, UP, ['Registered True Registered', 'Reachable True Reachable']],
  ['that does not register', {}, UP, ['Reachable True Reachable']],
  ['that is down', REGISTERING, DOWN, ['Registered False Rejected', 'Reachable False Unreachable']],
  ['that was not asked yet', {}, { ...UP, reachable: 'Unknown' }, ['Reachable Unknown NotAskedYet']],
  [
    'whose registration is not known',
    REGISTERING,
    { ...UP, registration: 'Unknown' },
    ['Registered False Unknown', 'Reachable True Reachable'],
  ],
  ['that is not in service', { ...REGISTERING, enabled: false }, UP, []],
])('the conditions of a trunk %s', (_what, spec, live, expected) => {
  const { conditions = [] } = statusOf(spec, live);

  expect(conditions.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`)).toEqual(expected);
  for (const { status: is, message } of conditions) expect(message !== '').toBe(is === 'False');
});

const EARLIER = '2025-12-31T00:00:00Z';
const failure = (code: number, text: string, at: string) => ({ code, text, at });
const failedBefore = (code: number, text: string) => ({ lastFailure: failure(code, text, EARLIER) });

it.each<[string, TrunkReport, unknown, unknown]>([
  ['none, while it is registered', { ...UP, lastCode: 403 }, undefined, undefined],
  ['none, without an answer', { ...DOWN, lastCode: undefined }, undefined, undefined],
  ['none, by an answer below 300', { ...DOWN, lastCode: 299 }, undefined, undefined],
  ['one from 300', { ...DOWN, lastCode: 300 }, undefined, failure(300, 'Forbidden', NOW)],
  ['a new one', DOWN, undefined, failure(403, 'Forbidden', NOW)],
  ['the same as before', DOWN, failedBefore(403, 'Forbidden'), failure(403, 'Forbidden', EARLIER)],
  ['one with another code', DOWN, failedBefore(503, 'Forbidden'), failure(403, 'Forbidden', NOW)],
  ['one with another text', DOWN, failedBefore(403, 'No'), failure(403, 'Forbidden', NOW)],
  ['one without a text', { ...DOWN, lastText: undefined }, undefined, failure(403, '', NOW)],
])('the last failure: %s', (_what, live, earlier, expected) => {
  expect(statusOf(REGISTERING, live, earlier).members?.['lastFailure']).toEqual(expected);
});

it('keeps the time of a failure whose text is cut', () => {
  const live = { ...DOWN, lastText: 'x'.repeat(1000) };
  const first = statusOf(REGISTERING, live).members as { lastFailure: { text: string } };
  const again = statusOf(REGISTERING, live, { lastFailure: { ...first.lastFailure, at: EARLIER } });

  expect(first.lastFailure.text.length).toBeLessThanOrEqual(128);
  expect(again.members?.['lastFailure']).toMatchObject({ at: EARLIER });
});

it.each([
  ['registers', REGISTERING, DOWN, { state: 'Rejected', lastCode: 403 }],
  ['registers, without an answer', REGISTERING, UP, { state: 'Registered' }],
  ['does not register', {}, DOWN, undefined],
])('the registration of a trunk that %s', (_what, spec, live, expected) => {
  expect(statusOf(spec, live).members?.['registration']).toEqual(expected);
});
