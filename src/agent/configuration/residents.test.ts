import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { AmiClient } from '../ami/client.ts';
import { leavers, Residents, staying } from './residents.ts';
import { partsOfFragment } from './sections.ts';

const before = new Map([
  ['acme_1001', 'jane'],
  ['acme_1002', 'john'],
]);

interface Left {
  readonly endpoints?: readonly string[];
  readonly people?: readonly string[];
}

describe('who has left', () => {
  it.each<[string, Record<string, string>, string[], Left]>([
    ['nobody, when all are loaded', { acme_1001: 'jane', acme_1002: 'john' }, [], {}],
    ['who is in no bundle any more', { acme_1001: 'jane' }, [], { endpoints: ['acme_1002'], people: ['john'] }],
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
      { endpoints: ['acme_1001', 'acme_1002'], people: ['john'] },
    ],
    [
      'who is another now, by the same name',
      { acme_1001: 'jane', acme_1002: 'new' },
      [],
      { endpoints: ['acme_1002'], people: ['john'] },
    ],
    [
      'of who is left out, but whose place another has: only her phone',
      { acme_1001: 'jane', acme_1002: 'new' },
      ['john'],
      { endpoints: ['acme_1002'] },
    ],
  ])('%s', (_what, loaded, still, { endpoints = [], people = [] }) => {
    const stay = staying(before, new Map(Object.entries(loaded)), new Set(still));

    expect(leavers(before, stay)).toEqual({ endpoints, people });
  });

  it('is somebody who was kept, once she is not any more', () => {
    const loaded = new Map([['acme_1001', 'jane']]);
    const kept = staying(before, loaded, new Set(['john']));

    expect(leavers(kept, staying(kept, loaded, new Set()))).toEqual({ endpoints: ['acme_1002'], people: ['john'] });
  });

  it('is somebody whose place another took while she was kept', () => {
    const loaded = new Map([['acme_1002', 'jane']]);
    const kept = staying(staying(before, loaded, new Set(['john'])), loaded, new Set(['john']));

    expect(leavers(kept, kept)).toEqual({ endpoints: [], people: [] });
    expect(leavers(kept, staying(kept, loaded, new Set()))).toEqual({ endpoints: [], people: ['john'] });
  });

  it('is a trunk as an endpoint, and no person', () => {
    const trunks = new Map([['acme_t-1', 'carrier']]);

    expect(leavers(trunks, new Map())).toEqual({ endpoints: ['acme_t-1'], people: [] });
  });

  it('is nobody of whom an agent before us did not know who she is', () => {
    expect(leavers(new Map([['acme_1002', '']]), new Map()).people).toEqual([]);
  });
});

describe('seeing off', () => {
  const parts = partsOfFragment('pjsip_endpoint.conf.000', ';@ SipUser/john john\n[acme_1002]\n');
  let root: string;
  let done: string[];
  let now: number;
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
  };
  const clock: Clock = { ...systemClock, monotonic: () => now, sleep };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ringfleet-residents-'));
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
    const residents = new Residents({ state: root, spool: join(root, 'spool') }, clock);
    await residents.recall(parts);
    residents.moveIn([], new Set());
    await residents.settle(asterisk(times));
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
