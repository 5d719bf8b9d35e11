import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { FakeClock } from '../../test/fake-clock.ts';
import { builtInClasses } from '../api/built-in-classes.ts';
import { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { Transport } from '../kube/transport.ts';
import { createLogger } from '../runtime/log.ts';
import { applyClasses } from './apply-classes.ts';

let clock: FakeClock;
let server: FakeApiServer;
let transport: Transport;
let client: KubeClient;
const { signal } = new AbortController();
const log = createLogger('test', 'silent');

beforeEach(async () => {
  clock = new FakeClock();
  server = await FakeApiServer.started({ clock });
  transport = new Transport(server.access(), clock);
  client = new KubeClient(transport);
});
afterEach(async () => {
  await transport.close();
  await server.stop();
});

const apply = (classes = builtInClasses) => applyClasses({ client, clock, log, classes }, signal);
const names = builtInClasses.map(({ metadata }) => metadata.name);

/** The same classes of a later release. */
const later = builtInClasses.map(one => ({ ...one, spec: { ...one.spec, sipDomainSuffix: 'later.internal' } }));

it('applies them, and writes nothing once they are as they should be', async () => {
  expect(await apply()).toEqual([]);
  await apply(); // the first write after a creation stores the default of the status
  const before = server.list('OrganizationClass');
  expect(before.map(({ metadata }) => metadata.name).sort()).toEqual([...names].sort());

  expect(await apply()).toEqual([]);
  expect(server.list('OrganizationClass')).toEqual(before);
});

it('updates them', async () => {
  await apply();

  expect(await apply(later)).toEqual([]);
  expect(server.list('OrganizationClass')[0]).toMatchObject({ spec: { sipDomainSuffix: 'later.internal' } });
});

it('leaves one as it is that somebody changed, and the others not', async () => {
  await apply();
  const [first] = builtInClasses;
  await client.apply({ ...first!, spec: { sipDomainSuffix: 'ours.example' } } as never, 'somebody');

  expect(await apply(later)).toEqual([first?.metadata.name]);
  const suffixes = server
    .list('OrganizationClass')
    .map(one => (one['spec'] as { sipDomainSuffix: string }).sipDomainSuffix);
  expect(suffixes.sort()).toEqual(['later.internal', 'later.internal', 'ours.example']);
});

it('waits while the kind is not served yet, and not for ever', async () => {
  let asked = 0;
  const late = {
    applyUnforced: async () => {
      if (++asked < 5) throw new KubeError(404, 'NotFound', 'the server could not find the requested resource');
    },
  } as unknown as KubeClient;
  const some = applyClasses({ client: late, clock, log, classes: builtInClasses.slice(0, 1) }, signal);
  await clock.advance(5_000);
  expect(await some).toEqual([]);
  expect(asked).toBe(5);

  const never = {
    applyUnforced: async () => {
      throw new KubeError(404, 'NotFound', 'the server could not find the requested resource');
    },
  } as unknown as KubeClient;
  const vain = expect(applyClasses({ client: never, clock, log }, signal)).rejects.toThrow('to be taken');
  await clock.advance(300_000);
  await vain;
});

it('does not try again what it may not do', async () => {
  const forbidden = {
    applyUnforced: async () => {
      throw new KubeError(403, 'Forbidden', 'no');
    },
  } as unknown as KubeClient;

  await expect(applyClasses({ client: forbidden, clock, log }, signal)).rejects.toThrow('no');
});
