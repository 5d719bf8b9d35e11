import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** Two operators and one lease: never do both write, and who takes over finds nothing to do. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
  rig.tenant('acme', { ann: '1001', bob: '1002' });
});
afterEach(() => rig.end());

interface Write {
  readonly client: string;
  readonly path: string;
  readonly code: number;
}

function writes(client?: string): Write[] {
  return rig.server.writes(client === undefined ? {} : { client }).filter(({ plural }) => plural !== 'leases');
}

async function hasTakenOver(client: string, limitMs: number): Promise<number> {
  const from = rig.clock.monotonic();
  await rig.clock.until(`${client} leads`, () => rig.leader === client, { stepMs: 50, limitMs });
  return rig.clock.monotonic() - from;
}

describe('two operators', () => {
  it('have one writer', async () => {
    rig.start('one');
    rig.start('two');
    await rig.settle();
    for (let i = 0; i < 5; i++) {
      rig.user('acme', `user-${i}`, String(1100 + i));
      await rig.rest();
    }

    const idle = rig.leader === 'one' ? 'two' : 'one';
    expect(writes(rig.leader).length).toBeGreaterThan(30);
    expect(writes(idle)).toEqual([]);
    expect(rig.condition('SipUser', 'acme', 'user-4')).toMatchObject({ status: 'True' });
  });

  it.each([
    ['asked to stop', (client: string) => rig.terminate(client), 3_000],
    ['killed', (client: string) => rig.kill(client), 20_000],
  ])('hand over in time when the leader is %s, without a write', async (_how, end, limitMs) => {
    rig.start('one');
    await rig.settle();
    rig.start('two');
    await rig.clock.advance(7_000);

    end('one');
    const took = await hasTakenOver('two', limitMs);
    await rig.settle();

    expect(took).toBeLessThan(limitMs);
    expect(writes('two')).toEqual([]);
    rig.user('acme', 'cat', '1003');
    await rig.rest();
    expect(rig.condition('SipUser', 'acme', 'cat')).toMatchObject({ status: 'True' });
  });

  it('hand over in the midst of work: nothing is written by the old one after the new one began', async () => {
    for (let i = 0; i < 40; i++) rig.user('acme', `user-${i}`, String(1100 + i));
    rig.start('one');
    await rig.clock.until('work to begin', () => writes('one').length > 10, { stepMs: 1 });
    rig.start('two');
    rig.terminate('one');
    await hasTakenOver('two', 30_000);
    await rig.rest();

    const order = writes().map(({ client }) => client);
    expect(order.lastIndexOf('one')).toBeLessThan(order.indexOf('two'));
    expect(rig.condition('SipUser', 'acme', 'user-39')).toMatchObject({ status: 'True' });
  });

  it('cut off from the server the leader stops well before another one begins', async () => {
    const one = rig.start('one');
    await rig.settle();
    rig.start('two');
    await rig.clock.advance(3_000);

    rig.server.kill('one'); // of its network, not of its process
    const from = rig.clock.monotonic();
    await rig.clock.until('the leader gives up', () => one.outcome, { stepMs: 100, limitMs: 12_000 });
    const stopped = rig.clock.monotonic() - from;
    await hasTakenOver('two', 20_000);

    expect(stopped).toBeLessThanOrEqual(10_500);
    expect(one.outcome).toBe('lost');
  });

  it('one whose lease was stolen ends, and writes nothing more', async () => {
    const one = rig.start('one');
    await rig.settle();
    rig.server.patch(
      'Lease',
      { namespace: 'ringfleet', name: 'ringfleet-operator' },
      { spec: { holderIdentity: 'thief' } },
    );
    const end = await rig.clock.until('the end of the first', () => one.outcome, { limitMs: 20_000 });
    const before = writes('one').length;
    rig.user('acme', 'cat', '1003');
    await rig.clock.advance(5_000);

    expect(end).toBe('lost');
    expect(writes('one').length).toBe(before);
  });
});
