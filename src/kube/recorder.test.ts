import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { FakeClock } from '../../test/fake-clock.ts';
import { KubeClient } from './client.ts';
import { type Note, recordEvent } from './events.ts';
import { EventRecorder } from './recorder.ts';
import { Transport } from './transport.ts';

let clock: FakeClock;
let server: FakeApiServer;
let transport: Transport;
let client: KubeClient;
let recorder: EventRecorder;

beforeEach(async () => {
  clock = new FakeClock();
  server = await FakeApiServer.started({ clock, namespaces: ['acme'] });
  transport = new Transport(server.access(), clock);
  client = new KubeClient(transport);
  recorder = new EventRecorder({ client, clock, instance: 'operator-0' });
});
afterEach(async () => {
  await transport.close();
  await server.stop();
});

const note = (
  message: string,
  { name = 'ann', uid = 'uid-ann', namespace = 'acme' as string | undefined } = {},
): Note => ({
  regarding: {
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'SipUser',
    metadata: { name, namespace, uid, generation: 1 },
  },
  type: 'Warning',
  reason: 'Conflict',
  message,
});

const events = (namespace = 'acme') => server.list('Event', namespace);

it('says one thing once, whoever says it', async () => {
  await recorder.record(note('The extension is taken'));
  await recorder.record(note('The extension is taken'));
  await new EventRecorder({ client, clock, instance: 'operator-1' }).record(note('The extension is taken'));
  await recordEvent(client, note('The extension is taken'), 'operator-2', clock, new AbortController().signal);

  expect(events()).toHaveLength(1);
  expect(events()[0]).toMatchObject({ note: 'The extension is taken', reportingInstance: 'operator-0' });
});

it('makes a series of what is said again and again', async () => {
  for (let i = 0; i < 40; i++) {
    await recorder.record(note('It flaps'));
    await clock.advance(60_000);
  }

  expect(events()).toHaveLength(1);
  expect((events()[0]?.['series'] as { count: number }).count).toBeGreaterThan(30);
  expect(server.writes().length).toBeLessThan(10);
});

it('begins anew when the server has forgotten the first of a series', async () => {
  await recorder.record(note('It flaps'));
  server.delete('Event', 'acme', events()[0]?.metadata.name ?? '');
  await clock.advance(3_600_000);
  await recorder.record(note('It flaps'));

  expect(events()).toHaveLength(1);
});

it('lets one object not say too much, and others have their say', async () => {
  for (let i = 0; i < 100; i++) await recorder.record(note(`Message ${i}`));
  await recorder.record(note('Hello', { name: 'bob', uid: 'uid-bob' }));
  const at = events().length;
  await clock.advance(10 * 60_000);
  for (let i = 0; i < 100; i++) await recorder.record(note(`Later ${i}`));

  expect([at, events().length, recorder.suppressed]).toEqual([26, 28, 173]);
});

it.each<[string, Note, string]>([
  ['a message of many bytes', note('ü'.repeat(2_000)), 'acme'],
  ['a message of emoji', note('📞'.repeat(700)), 'acme'],
  ['a name of 253 letters', note('Long', { name: 'a'.repeat(253) }), 'acme'],
  ['a name that would be cut at a dot', note('Long', { name: `${'a'.repeat(235)}.${'b'.repeat(17)}` }), 'acme'],
  [
    'an object without a namespace',
    { ...note('Cluster'), regarding: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } },
    'default',
  ],
])('the server takes %s', async (_, said, namespace) => {
  await recorder.record(said);

  expect(events(namespace)).toHaveLength(1);
  expect(String(events(namespace)[0]?.['note'])).not.toContain('\uFFFD');
});
