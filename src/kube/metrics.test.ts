import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { eventually, FakeClock } from '../../test/fake-clock.ts';
import { createLogger } from '../runtime/log.ts';
import { KubeMetrics } from './metrics.ts';
import { Reflector } from './reflector.ts';
import { RESOURCES } from './resource.ts';
import { Transport } from './transport.ts';

let clock: FakeClock;
let server: FakeApiServer;
let registry: Registry;
let metrics: KubeMetrics;
let transport: Transport;
let reflector: Reflector;

beforeEach(async () => {
  clock = new FakeClock();
  server = await FakeApiServer.started({ clock });
  registry = new Registry();
  metrics = new KubeMetrics(registry);
  transport = new Transport(server.access(), clock, metrics.onRequest);
  const log = createLogger('test', 'silent');
  reflector = new Reflector({ type: RESOURCES.SipUser, transport, clock, log, metrics, random: () => 1 });
  metrics.follow(reflector);
});
afterEach(async () => {
  await transport.close();
  await server.stop();
});

const shown = async (): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter(line => !line.startsWith('#'));

it('shows every series from the start', async () => {
  const lines = await shown();

  expect(lines).toContain('ringfleet_api_requests_total{verb="PATCH",code="429"} 0');
  expect(lines).toContain('ringfleet_api_watch_restarts_total{kind="SipUser",why="relist"} 0');
  expect(lines).toContain('ringfleet_api_watch_silence_seconds{kind="SipUser"} 0');
});

it('counts requests, lists, and what ended watches', async () => {
  const stop = new AbortController();
  const ended = reflector.run(stop.signal).catch(() => undefined);
  for (const how of ['gone', 'reset', 'end'] as const) {
    await clock.until('the watch is open', () => server.watches.count() === 1);
    await clock.advance(2_000);
    server.watches.bookmark();
    await clock.advance(1_000);
    server.watches.cut(how);
    await eventually('the watch is gone', () => server.watches.count() === 0);
  }
  await clock.until('the watch is open', () => server.watches.count() === 1);
  const lines = await shown();
  stop.abort();
  await ended;

  expect(lines).toContain('ringfleet_api_lists_total{kind="SipUser"} 2');
  expect(lines).toContain('ringfleet_api_requests_total{verb="WATCH",code="2xx"} 4');
  for (const why of ['end', 'error', 'relist'])
    expect(lines).toContain(`ringfleet_api_watch_restarts_total{kind="SipUser",why="${why}"} 1`);
});
