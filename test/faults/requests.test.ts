import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROTATE_PASSWORD } from '../../src/core/names.ts';
import { Rig, type Running } from './operator-rig.ts';

/** What one edit costs the API server, retries of the nudge apart. Counts are the same on every machine. */
let rig: Rig;
let operator: Running['operator'];

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('acme', Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`user-${i}`, String(1100 + i)])));
  operator = rig.start().operator;
  await rig.settle();
});
afterEach(() => rig.end());

async function costOf(edit: () => void): Promise<string[]> {
  const before = rig.server.log.length;
  edit();
  await rig.rest();
  return rig.server.log
    .slice(before)
    .filter(({ plural, verb }) => plural !== 'leases' && verb !== 'watch')
    .map(({ verb, plural, name, subresource }) => `${verb} ${plural} ${name} ${subresource}`.trim());
}

it.each<[string, number, () => void]>([
  ['a changed user', 5, () => rig.user('acme', 'user-7', '1107', { ring: { seconds: 30 } })],
  ['a changed extension', 7, () => rig.user('acme', 'user-7', '1207')],
  ['a new user', 8, () => rig.user('acme', 'new', '1200')],
  [
    'a rotated password',
    8,
    () =>
      void rig.server.patch(
        'SipUser',
        { namespace: 'acme', name: 'user-7' },
        { metadata: { annotations: { [ROTATE_PASSWORD]: '1' } } },
      ),
  ],
  ['a phone that registers', 1, () => rig.agents.of('acme').set({ contacts: { acme_1107: [contact] } })],
  ['a call that begins', 1, () => rig.agents.of('acme').set({ calls: 1 })],
  ['a label of somebody on a user', 0, () => void patchLabels('SipUser', 'acme', 'user-7')],
  ['a label of somebody on an object of ours', 0, () => void patchLabels('ConfigMap', 'acme', 'acme-pbx-1')],
])('%s costs at most %i requests', async (_what, most, edit) => {
  const cost = await costOf(edit);

  expect(cost.length, cost.join('\n')).toBeLessThanOrEqual(most);
});

it('undoes what somebody did to the data of an object of ours, and then leaves it alone', async () => {
  const data = (): unknown => rig.server.get('ConfigMap', 'acme', 'acme-pbx-1')?.['data'];
  const before = data();
  const cost = await costOf(
    () =>
      void rig.server.patch(
        'ConfigMap',
        { namespace: 'acme', name: 'acme-pbx-1' },
        { data: { 'pjsip_aor.conf.001': 'x', 'more.conf.001': 'y' } },
      ),
  );

  expect(data()).toEqual(before);
  expect(cost.length, cost.join('\n')).toBeLessThanOrEqual(2);
});

it('makes few passes for an edit: none for what it wrote itself', async () => {
  const passes = async (): Promise<number> => {
    const metric = await operator.registry.getSingleMetric('ringfleet_reconciles_total')?.get();
    return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
  };
  const before = await passes();
  await costOf(() => rig.user('acme', 'new', '1200'));

  expect((await passes()) - before).toBeLessThanOrEqual(4);
});

it('sees an edit that comes while the status of the one before is written', async () => {
  rig.user('acme', 'user-7', '1107', { ring: { seconds: 30 } });
  let edited = false;
  rig.server.onWrite(({ object }) => {
    if (edited || object.kind !== 'Pod') return;
    edited = true; // the nudge: the status comes next, from a cache that does not know of this
    rig.server.watches.dropEvents(1, { plural: 'sipusers' });
    rig.user('acme', 'user-7', '1107', { ring: { seconds: 40 } });
  });
  await rig.rest();

  const texts = rig.server.list('ConfigMap', 'acme').map(({ data }) => JSON.stringify(data));
  expect([edited, texts.some(text => text.includes('acme_1107,40,'))]).toEqual([true, true]);
});

function patchLabels(kind: string, namespace: string, name: string): void {
  rig.server.patch(kind, { namespace, name }, { metadata: { labels: { somebody: 'here' } } });
}

const contact = {
  uri: 'sip:1107@192.0.2.7:5060',
  userAgent: 'phone',
  source: '192.0.2.7:5060',
  transport: 'UDP',
  since: '2026-01-01T00:00:00Z',
  state: 'Reachable',
} as const;
