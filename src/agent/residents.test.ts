import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { AmiClient } from './ami/client.ts';
import { leavers, Residents, staying } from './residents.ts';
import { partsOfFragment } from './sections.ts';

const before = new Map([
  ['acme_1001', 'jane'],
  ['acme_1002', 'john'],
]);

describe('who has left', () => {
  it.each([
    ['nobody, when all are loaded', { acme_1001: 'jane', acme_1002: 'john' }, [], []],
    ['who is in no bundle any more', { acme_1001: 'jane' }, [], ['acme_1002']],
    ['nobody who is left out for a moment', { acme_1001: 'jane' }, ['john'], []],
    ['who has another extension: the old one', { acme_1001: 'jane', acme_1009: 'john' }, ['john'], ['acme_1002']],
    ['who is another now', { acme_1001: 'jane', acme_1002: 'new' }, [], ['acme_1002']],
    ['who is left out, but whose place another has', { acme_1001: 'jane', acme_1002: 'new' }, ['john'], ['acme_1002']],
  ])('%s', (_what, loaded, still, gone) => {
    const stay = staying(before, new Map(Object.entries(loaded)), new Set(still));

    expect(leavers(before, stay)).toEqual(gone);
  });

  it('is somebody who was kept, once she is not any more', () => {
    const loaded = new Map([['acme_1001', 'jane']]);
    const kept = staying(before, loaded, new Set(['john']));

    expect(leavers(kept, staying(kept, loaded, new Set()))).toEqual(['acme_1002']);
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

  /** Whose call of hers is listed as often as said after its end was asked for. */
  function asterisk(times: number): AmiClient {
    const call = ['PJSIP/acme_1002-0000002a', 'PJSIP/acme_10021-0000002b'].map(Channel => ({ Channel }));
    const action = async (name: string): Promise<void> => void done.push(name);
    const list = async (name: string): Promise<unknown[]> => {
      done.push(name);
      return times-- > 0 ? call : call.slice(1);
    };
    const command = async (): Promise<string> => '/registrar/contact/acme_1002;@0123: {}\n';
    return { action, list, command } as unknown as AmiClient;
  }

  async function seenOff(times: number): Promise<void> {
    const residents = new Residents(root, clock);
    await residents.recall(parts);
    residents.moveIn([], new Set());
    await residents.settle(asterisk(times));
  }

  it('forgets her phone before it ends her call, and waits for that end', async () => {
    await seenOff(3);

    expect(done).toEqual(['DBDel', 'Hangup', ...Array(4).fill('CoreShowChannels')]);
  });

  it('does not wait for ever for a channel that does not end', async () => {
    await seenOff(Number.POSITIVE_INFINITY);

    expect(now).toBe(2_000);
  });
});
