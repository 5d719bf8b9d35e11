import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { eventually, FakeClock } from '../../test/fake-clock.ts';
import { KubeClient } from './client.ts';
import type { ServerAccess } from './credentials.ts';
import { KubeError } from './errors.ts';
import { type KubeObject, pathOf, RESOURCES } from './resource.ts';
import { Transport } from './transport.ts';

let clock: FakeClock;
let server: FakeApiServer;
let transport: Transport;
let client: KubeClient;
let seen: string[];

beforeEach(async () => {
  clock = new FakeClock();
  server = await FakeApiServer.started({ clock, namespaces: ['acme'] });
  seen = [];
  use(server.access());
});
afterEach(async () => {
  await transport.close();
  await server.stop();
});

function use(access: ServerAccess): void {
  transport = new Transport(
    access,
    clock,
    (method, _, code) => seen.push(`${method} ${code}`),
    () => 1,
  );
  client = new KubeClient(transport);
}

const config = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'acme' },
});

/** The work's result, with the clock moving on as far as it needs. */
async function passing<T>(work: Promise<T>): Promise<T | KubeError> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  work.then(end, end);
  await clock.until('the work has ended', () => ended);
  return work.catch((error: unknown) => {
    if (error instanceof KubeError) return error;
    throw error;
  });
}

const plural = 'configmaps';
const refused = (code: number, times: number) => (): void =>
  server.faults.refuse({ plural }, code, 'Injected', { times });
const cut =
  (how: 'cut-before' | 'cut-after' | 'cut-mid-body' | 'stall', times = 1) =>
  (): void =>
    server.faults.inject({ plural }, { how }, times);

describe('repeats', () => {
  it.each<[string, () => void, () => Promise<unknown>, number]>([
    ['a read that was cut', cut('cut-before', 2), () => client.get(RESOURCES.ConfigMap, 'acme', 'there'), 3],
    ['a read cut in the middle', cut('cut-mid-body'), () => client.get(RESOURCES.ConfigMap, 'acme', 'there'), 2],
    ['a read that is never answered', cut('stall'), () => client.get(RESOURCES.ConfigMap, 'acme', 'there'), 2],
    ['an apply whose answer was lost', cut('cut-after'), () => client.apply(config('a'), 'm'), 2],
    ['an apply after 500', refused(500, 3), () => client.apply(config('a'), 'm'), 4],
    ['an apply after 429', refused(429, 1), () => client.apply(config('a'), 'm'), 2],
    ['a create of a name after 503', refused(503, 1), () => client.create(RESOURCES.ConfigMap, config('a')), 2],
    ['an annotation', cut('cut-after'), () => client.annotate(RESOURCES.ConfigMap, 'acme', 'there', { a: 'b' }), 2],
  ])('%s', async (_, fault, ask, requests) => {
    server.create(config('there') as never);
    fault();
    const result = await passing(ask());

    expect(result).not.toBeInstanceOf(KubeError);
    expect(server.requests({ plural })).toHaveLength(requests);
  });

  it('a delete with a uid, which then finds nothing', async () => {
    const { metadata } = server.create(config('there') as never);
    cut('cut-after')();
    const result = await passing(client.delete(RESOURCES.ConfigMap, 'acme', 'there', metadata.uid));

    expect(result).toBe(false);
    expect(server.get('ConfigMap', 'acme', 'there')).toBeUndefined();
  });
});

describe('does not repeat', () => {
  it.each<[string, () => void, () => Promise<unknown>]>([
    ['what is wrong', refused(422, 1), () => client.apply(config('a'), 'm')],
    ['what is forbidden', refused(403, 1), () => client.apply(config('a'), 'm')],
    ['a conflict', refused(409, 1), () => client.apply(config('a'), 'm')],
    ['a delete without a uid', cut('cut-after'), () => client.delete(RESOURCES.ConfigMap, 'acme', 'there')],
    [
      'a create without a name',
      cut('cut-before'),
      () =>
        client.create(RESOURCES.ConfigMap, {
          ...config(''),
          metadata: { namespace: 'acme', generateName: 'a-' } as never,
        }),
    ],
    [
      'what the server wants to have much later',
      () => server.faults.throttle({ plural }, 60),
      () => client.get(RESOURCES.ConfigMap, 'acme', 'there'),
    ],
  ])('%s', async (_, fault, ask) => {
    server.create(config('there') as never);
    fault();

    expect(await passing(ask())).toBeInstanceOf(KubeError);
    expect(server.requests({ plural })).toHaveLength(1);
  });
});

it('waits as long as the server asks for', async () => {
  server.faults.throttle({ plural }, 7);
  const began = clock.monotonic();
  await passing(client.apply(config('a'), 'm'));

  expect(clock.monotonic() - began).toBeGreaterThanOrEqual(7_000);
});

it('gives up on a mute server, says so, and leaves no timer behind', async () => {
  cut('stall', 9)();
  const error = (await passing(client.apply(config('a'), 'm'))) as KubeError;

  expect([error.code, error.reason]).toEqual([0, 'Timeout']);
  expect(clock.sleepers).toBe(0);
  expect(seen).toEqual(['PATCH 0', 'PATCH 0', 'PATCH 0', 'PATCH 0']);
});

it('ends at once when the signal is aborted', async () => {
  cut('stall')();
  const stop = new AbortController();
  const work = client.get(RESOURCES.ConfigMap, 'acme', 'a', stop.signal);
  await eventually('the request is under way', () => server.requests({ plural }).length === 1);
  stop.abort(new Error('Stopped'));

  await expect(work).rejects.toThrow('Stopped');
  expect(clock.sleepers).toBe(0);
});

it('opens no more connections than it needs, and keeps them', async () => {
  for (let i = 0; i < 50; i++) await client.apply(config(`c-${i}`), 'm');

  expect(server.connections).toBeLessThanOrEqual(2);
});

describe('credentials', () => {
  const rotating = (tokens: string[]): ServerAccess & { refusals: number } => ({
    server: server.url,
    refusals: 0,
    async authorization(refusedBefore) {
      if (refusedBefore) {
        tokens.shift();
        this.refusals++;
      }
      return `Bearer ${tokens[0]}`;
    },
  });

  it('are asked for anew after 401, once', async () => {
    server.accept('new');
    use(rotating(['old', 'new']));
    const path = pathOf(RESOURCES.ConfigMap, { namespace: 'acme' });
    const lines = transport.lines(path, { watch: 'true' }, new AbortController().signal);
    server.create(config('there') as never);

    expect(await client.get(RESOURCES.ConfigMap, 'acme', 'there')).toBeDefined();
    expect((await lines.next()).value).toContain('"there"');
    await lines.return(undefined);
  });

  it('that stay wrong are an error', async () => {
    server.accept('new');
    const access = rotating(['old', 'older', 'oldest']);
    use(access);

    await expect(client.get(RESOURCES.ConfigMap, 'acme', 'there')).rejects.toMatchObject({ code: 401 });
    expect(access.refusals).toBe(1);
  });
});
