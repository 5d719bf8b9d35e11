import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endState } from './end-state.ts';
import { Rig } from './operator-rig.ts';

/** Any edit that the schema lets through, and then the first spec again: every object of ours is what it was, to the byte. */
const A = { extension: '1001', fullName: 'Ann', email: 'ann@acme.example' };

const userEdit = fc.record(
  {
    extension: fc.stringMatching(/^[0-9]{2,8}$/),
    fullName: fc.stringMatching(/^[A-Za-z][A-Za-z0-9 ,.'-]{0,40}$/),
    email: fc.constantFrom('ann@acme.example', 'bob@acme.example', 'x@y.example'),
    ring: fc.record({ seconds: fc.integer({ min: 5, max: 120 }) }),
    voicemail: fc.record({ enabled: fc.boolean() }),
    enabled: fc.boolean(),
    sip: fc.record({
      maxContacts: fc.integer({ min: 1, max: 10 }),
      transport: fc.constantFrom('UDP', 'TCP', 'Any'),
      codecs: fc.shuffledSubarray(['g722', 'alaw', 'ulaw'], { minLength: 1 }),
    }),
  },
  { requiredKeys: ['extension', 'fullName'] },
);

const organizationEdit = fc.record(
  {
    sipDomain: fc.constantFrom('acme.example', 'other.example'),
    state: fc.constantFrom('Active', 'Suspended'),
    className: fc.constantFrom('general', 'hotel', 'nothing'),
    limits: fc.record({ users: fc.integer({ min: 1, max: 50 }), concurrentCalls: fc.integer({ min: 1, max: 30 }) }),
  },
  { requiredKeys: ['sipDomain'] },
);

const edit = fc.oneof(
  fc.record({ kind: fc.constant('SipUser' as const), spec: userEdit }),
  fc.record({ kind: fc.constant('Organization' as const), spec: organizationEdit }),
);

it('leaves no trace of an edit that was taken back', { timeout: 600_000 }, async () => {
  const rig = await Rig.started();
  const FIRST = { SipUser: A, Organization: { sipDomain: 'acme.example' } } as const;
  const NAMES = { SipUser: 'ann', Organization: 'acme' } as const;
  rig.namespace('acme');
  rig.put('Organization', 'acme', 'acme', FIRST.Organization);
  rig.user('acme', 'bob', '1002');
  rig.put('SipUser', 'acme', 'ann', A);
  rig.start();
  await rig.settle();
  const before = children(rig);

  await fc.assert(
    fc.asyncProperty(edit, async ({ kind, spec }) => {
      rig.put(kind, 'acme', NAMES[kind], spec);
      await rig.rest();
      rig.put(kind, 'acme', NAMES[kind], FIRST[kind]);
      await rig.settle();

      expect(children(rig)).toEqual(before);
    }),
    { numRuns: 40, endOnFailure: true },
  );
  await rig.end();
});

/**
 * To the byte where nothing is made at random, which nothing is by an edit and its taking back. The number of the bundle
 * alone tells of them: it says which of two that say the same is the later one.
 */
function children(rig: Rig): unknown {
  const data = ['ConfigMap', 'Secret'].flatMap(kind =>
    rig.server.list(kind, 'acme').map(object => [kind, object.metadata.name, unnumbered(object['data'])]),
  );
  const { 'Pod acme/acme-pbx-0': _pod, ...state } = endState(rig.server);
  return { data, state };
}

function unnumbered(data: unknown): Record<string, string> {
  const entries = Object.entries((data ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([key, text]) => [key, text.replace(/,"sequence":\d+/, '')]));
}
