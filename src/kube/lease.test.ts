import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { FakeClock } from '../../test/fake-clock.ts';
import { Elector, type Outcome } from '../runtime/elector.ts';
import { createLogger } from '../runtime/log.ts';
import { KubeClient } from './client.ts';
import { KubeLease } from './lease.ts';
import { Transport } from './transport.ts';

const log = createLogger('test', 'silent');

let clock: FakeClock;
let server: FakeApiServer;
let transports: Transport[];

beforeEach(async () => {
  clock = new FakeClock();
  server = await FakeApiServer.started({ clock, namespaces: ['system'] });
  transports = [];
});
afterEach(async () => {
  for (const transport of transports) await transport.close();
  await server.stop();
});

function lease(client: string): KubeLease {
  const transport = new Transport(server.access(client), clock);
  transports.push(transport);
  return new KubeLease(new KubeClient(transport), 'system', 'ringfleet', clock);
}

const spec = () => server.get('Lease', 'system', 'ringfleet')?.['spec'] as Record<string, unknown> | undefined;

const released = (): boolean => spec()?.['holderIdentity'] === undefined;

interface Process {
  leading: boolean;
  readonly stop: AbortController;
  readonly ended: Promise<Outcome | undefined>;
}

function process(name: string): Process {
  const stop = new AbortController();
  const lead = async (signal: AbortSignal): Promise<void> => {
    self.leading = true;
    await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
    self.leading = false;
  };
  const ended = new Elector(lease(name), name, clock, log).run(lead, stop.signal).catch(() => undefined);
  const self: Process = { leading: false, stop, ended };
  return self;
}

it('takes, keeps and releases a lease, and counts who had it', async () => {
  const first = process('first');
  await clock.until('the first leads', () => first.leading);
  const taken = spec();
  await clock.advance(10_000);
  const kept = spec();
  first.stop.abort();
  await clock.until('it has released', released);
  const second = process('second');
  await clock.until('the second leads', () => second.leading);

  expect(taken).toMatchObject({ holderIdentity: 'first', leaseTransitions: 0, leaseDurationSeconds: 15 });
  expect(kept).toMatchObject({ acquireTime: taken?.['acquireTime'] });
  expect(kept?.['renewTime']).not.toBe(taken?.['renewTime']);
  expect(spec()).toMatchObject({ holderIdentity: 'second' });
  expect(await first.ended).toBe('ended');
  second.stop.abort();
  await clock.until('it has ended', released);
});

it.each<[string, () => void]>([
  ['its server is mute', () => server.faults.inject({ client: 'first' }, { how: 'stall' }, 1_000)],
  ['its server is gone', () => server.faults.inject({ client: 'first' }, { how: 'cut-before' }, 10_000)],
  ['its server has only errors', () => server.faults.burst500(10_000, { client: 'first' })],
  [
    'its renewals are cut',
    () => server.faults.inject({ client: 'first', verb: 'update' }, { how: 'cut-before' }, 10_000),
  ],
])('stops leading before another begins, when %s', async (_, fault) => {
  const first = process('first');
  await clock.until('the first leads', () => first.leading);
  const second = process('second');
  await clock.advance(5_000);
  fault();
  let both = false;
  await clock.until('the second leads', () => {
    both ||= first.leading && second.leading;
    return second.leading;
  });

  expect(both).toBe(false);
  expect(first.leading).toBe(false);
  expect(await first.ended).toBe('lost');
  server.faults.clear();
  second.stop.abort();
  await clock.until('it has ended', released);
});
