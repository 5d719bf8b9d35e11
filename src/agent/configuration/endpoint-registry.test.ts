import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { AmiClient } from '../ami/client.ts';
import { EndpointRegistry, remainingOwners, removedEndpoints } from './endpoint-registry.ts';
import { sectionsOfFragment } from './sections.ts';

const before = new Map([
  ['acme_1001', 'jane'],
  ['acme_1002', 'john'],
]);

interface Removed {
  readonly endpoints?: readonly string[];
  readonly users?: readonly string[];
}

describe('who has left', () => {
  it.each<[string, Record<string, string>, string[], Removed]>([
    ['nobody, when all are loaded', { acme_1001: 'jane', acme_1002: 'john' }, [], {}],
    ['who is in no bundle any more', { acme_1001: 'jane' }, [], { endpoints: ['acme_1002'], users: ['john'] }],
    ['nobody who is left out for a moment', { acme_1001: 'jane' }, ['john'], {}],
    [
      'of who has another extension: only the old one',
      { acme_1001: 'jane', acme_1009: 'john' },
      ['john'],
      { endpoints: ['acme_1002'] },
    ],
    [
      'of who has another extension, and another hers: only her phone',
      { acme_1001: 'jane', acme_1002: 'new', acme_1009: 'john' },
      [],
      { endpoints: ['acme_1002'] },
    ],
    [
      'of two who swapped: their phones',
      { acme_1001: 'john', acme_1002: 'jane' },
      [],
      { endpoints: ['acme_1001', 'acme_1002'] },
    ],
    [
      'of one renamed into the place of one who is gone: her phone, and the one who is gone',
      { acme_1002: 'jane' },
      [],
      { endpoints: ['acme_1001', 'acme_1002'], users: ['john'] },
    ],
    [
      'who is another now, by the same name',
      { acme_1001: 'jane', acme_1002: 'new' },
      [],
      { endpoints: ['acme_1002'], users: ['john'] },
    ],
    [
      'of who is left out, but whose place another has: only her phone',
      { acme_1001: 'jane', acme_1002: 'new' },
      ['john'],
      { endpoints: ['acme_1002'] },
    ],
  ])('%s', (_what, loaded, still, { endpoints = [], users = [] }) => {
    const stay = remainingOwners(before, new Map(Object.entries(loaded)), new Set(still));

    expect(removedEndpoints(before, stay)).toEqual({ endpoints, users });
  });

  it('is somebody who was kept, once she is not any more', () => {
    const loaded = new Map([['acme_1001', 'jane']]);
    const kept = remainingOwners(before, loaded, new Set(['john']));

    expect(removedEndpoints(kept, remainingOwners(kept, loaded, new Set()))).toEqual({
      endpoints: ['acme_1002'],
      users: ['john'],
    });
  });

  it('is somebody whose place another took while she was kept', () => {
    const loaded = new Map([['acme_1002', 'jane']]);
    const kept = remainingOwners(remainingOwners(before, loaded, new Set(['john'])), loaded, new Set(['john']));

    expect(removedEndpoints(kept, kept)).toEqual({ endpoints: [], users: [] });
    expect(removedEndpoints(kept, remainingOwners(kept, loaded, new Set()))).toEqual({
      endpoints: [],
      users: ['john'],
    });
  });

  it('is a trunk as an endpoint, and no person', () => {
    const trunks = new Map([['acme_t-1', 'carrier']]);

    expect(removedEndpoints(trunks, new Map())).toEqual({ endpoints: ['acme_t-1'], users: [] });
  });

  it('is nobody of whom an agent before us did not know who she is', () => {
    expect(removedEndpoints(new Map([['acme_1002', '']]), new Map()).users).toEqual([]);
  });
});

describe('seeing off', () => {
  const sections = sectionsOfFragment('pjsip_endpoint.conf.000', ';@ SipUser/john john\n[acme_1002]\n');
  let root: string;
  let done: string[];
  let now: number;
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
  };
  const clock: Clock = { ...systemClock, monotonic: () => now, sleep };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ringfleet-registry-'));
    [done, now] = [[], 0];
  });

  afterEach(() => rm(root, { recursive: true }));

  const JANES = 'PJSIP/acme_1002-0000002a';
  const JOHNS = 'PJSIP/acme_1002-0000002b';
  const THIRD = 'PJSIP/acme_10021-0000002c';

  /** With three channels, of which one says whose it is; hers are listed as often as said after their end was asked for. */
  function asterisk(times: number): AmiClient {
    const action = async (name: string, fields: Record<string, string> = {}): Promise<unknown> => {
      if (name === 'Getvar') return { Value: fields['Channel'] === JANES ? 'jane' : '' };
      done.push(name === 'Hangup' ? `Hangup ${fields['Channel']}` : name);
      return undefined;
    };
    const list = async (name: string): Promise<unknown[]> => {
      done.push(name);
      return (times-- > 0 ? [JANES, JOHNS, THIRD] : [JANES, THIRD]).map(Channel => ({ Channel }));
    };
    const command = async (): Promise<string> => '/registrar/contact/acme_1002;@0123: {}\n';
    return { action, list, command } as unknown as AmiClient;
  }

  async function seenOff(times: number): Promise<void> {
    const registry = new EndpointRegistry({ state: root, spool: join(root, 'spool') }, clock);
    await registry.loadState(sections);
    registry.setLoaded([], new Set());
    await registry.cleanupRemoved(asterisk(times));
  }

  it('forgets the phone first, then ends calls, but none of who was there under this name before, and waits', async () => {
    await seenOff(2);

    const look = 'CoreShowChannels';
    expect(done).toEqual(['DBDel', look, `Hangup ${JOHNS}`, look, `Hangup ${JOHNS}`, look]);
  });

  it('does not wait for ever for a channel that does not end', async () => {
    await seenOff(Number.POSITIVE_INFINITY);

    expect(now).toBe(2_000);
  });
});
