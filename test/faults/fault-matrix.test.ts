import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endState, passwordHistory } from './end-state.ts';
import { Rig } from './operator-rig.ts';

/** Whatever goes wrong between the operator and its server: in the end all is as if nothing had, and no password is new. */
let rig: Rig;
let passwords: Map<string, string[]>;

beforeEach(async () => {
  rig = await Rig.started();
  passwords = passwordHistory(rig.server);
});
afterEach(() => rig.end());

type Act = (rig: Rig) => void | Promise<void>;

interface Fault {
  /** Before the operator starts, in the presence of its first tenant. */
  readonly before?: Act;
  readonly during?: Act;
  readonly after?: Act;
}

/** A tenant comes, the fault happens, things change meanwhile, the fault ends. */
async function livedThrough({ before, during, after }: Fault) {
  rig.tenant('acme', { ann: '1001', bob: '1002' });
  await before?.(rig);
  rig.start();
  await rig.rest();
  await during?.(rig);
  rig.user('acme', 'cat', '1003');
  rig.user('acme', 'bob', '1012');
  rig.server.delete('SipUser', 'acme', 'ann');
  await rig.clock.advance(5_000);
  await after?.(rig);
  await rig.settle();
  const counts = Object.fromEntries([...passwords].map(([key, values]) => [key, values.length]));
  return { end: endState(rig.server), counts };
}

const USERS = { plural: 'sipusers' };

const FAULTS: Readonly<Record<string, Fault>> = {
  'lists that break in the middle': {
    before: ({ server }) => server.faults.inject({ verb: 'list' }, { how: 'cut-mid-body' }, 12),
  },
  'watches that are reset': { during: ({ server }) => server.watches.cut('reset') },
  'watches that break in the middle of a line': { during: ({ server }) => server.watches.cut('mid-line') },
  'a watch that says garbage': { during: ({ server }) => server.watches.cut('garbage') },
  '410 in the watch': {
    during: ({ server }) => {
      server.compact();
      server.watches.cut('gone');
    },
  },
  '410 as the answer': {
    during: ({ server }) => {
      server.faults.goneHttp({ verb: 'watch' }, 5);
      server.watches.cut('end');
    },
  },
  'watches that fall silent': {
    during: ({ server }) => server.watches.stall(),
    after: ({ clock }) => clock.advance(120_000),
  },
  'an event that is lost': {
    during: ({ server }) => server.watches.dropEvents(1, USERS),
    after: ({ clock }) => clock.advance(2 * 3_600_000),
  },
  'conflicts on statuses': { during: ({ server }) => server.faults.conflictOnStatus(10) },
  'a server that is busy': { during: ({ server }) => server.faults.throttle({}, 2, 30) },
  'a server that is very busy': { during: ({ server }) => server.faults.throttle({ verb: 'apply' }, 60, 3) },
  'a burst of 500': { during: ({ server }) => server.faults.burst500(100) },
  'a burst of 500 at the start': { before: ({ server }) => server.faults.burst500(60) },
  'answers that are lost': { during: ({ server }) => server.faults.inject({}, { how: 'cut-after' }, 30) },
  'requests that are lost': { during: ({ server }) => server.faults.inject({}, { how: 'cut-before' }, 30) },
  'answers that never come': {
    during: ({ server }) => server.faults.inject({ verb: 'apply' }, { how: 'stall' }, 6),
    after: ({ clock }) => clock.advance(60_000),
  },
  'lists and watches of an older moment': {
    during: ({ server }) => server.freeze({ gets: false }),
    after: ({ server }) => server.thaw(),
  },
  'a new operator that lists a moment before any password was made': {
    before: async ({ server, clock }) => {
      server.freeze({ gets: false });
      rig.start('first');
      await clock.advance(5_000);
      rig.kill('first');
      clock.sleep(40_000).then(
        () => server.thaw(),
        () => undefined, // never: nothing cuts it short
      );
    },
  },
  'a token that is replaced': {
    before: ({ server }) => server.accept('operator'),
    during: ({ server, tokens }) => {
      tokens.set('operator', 'renewed');
      server.accept('renewed');
      server.watches.cut('end');
    },
  },
  'a clock that jumps ahead': { during: ({ clock }) => clock.jump(3_600_000) },
  'a clock that jumps back': { during: ({ clock }) => clock.jump(-3_600_000) },
  'a server that restarts': {
    during: async ({ server }) => server.stop(),
    after: ({ server }) => server.listen(),
  },
  'pokes that lose their race': {
    during: ({ agents }) => {
      agents.lostPokes = 3;
    },
  },
};

describe('all is as it should be after', () => {
  let right: Awaited<ReturnType<typeof livedThrough>> | undefined;

  it.each(Object.entries(FAULTS))('%s', async (_what, fault) => {
    if (!right) {
      right = await livedThrough({});
      await rig.end();
      rig = await Rig.started();
      passwords = passwordHistory(rig.server);
    }
    const { end, counts } = await livedThrough(fault);

    expect(counts).toEqual({ 'acme/ann-sip': 1, 'acme/bob-sip': 1, 'acme/cat-sip': 1 });
    expect(end).toEqual(right.end);
  });
});
