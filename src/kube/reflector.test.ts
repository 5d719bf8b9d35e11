import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { eventually, FakeClock, settle } from '../../test/fake-clock.ts';
import { replay, versions } from '../../test/replay.ts';
import { createLogger } from '../runtime/log.ts';
import { Reflector, stalled } from './reflector.ts';
import { RESOURCES } from './resource.ts';
import type { Change } from './store.ts';
import { Transport } from './transport.ts';

/** After every fault the store equals the server, and nobody was notified twice. */
const log = createLogger('test', 'silent');
const SIP_USERS = { plural: 'sipusers' };

let clock: FakeClock;
let server: FakeApiServer;
let transport: Transport;
let reflector: Reflector;
let changes: Change[];
let stop: AbortController;
let ended: Promise<unknown>;
let extension: number;
let completeLists: number;

beforeEach(async () => {
  clock = new FakeClock();
  server = await FakeApiServer.started({ clock, namespaces: ['acme', 'beta'] });
  transport = new Transport(server.access(), clock, undefined, () => 1);
  completeLists = 0;
  const metrics = { listed: () => void completeLists++, restarted: () => undefined };
  reflector = new Reflector({ type: RESOURCES.SipUser, transport, clock, log, metrics, random: () => 1 });
  changes = [];
  extension = 1000;
  reflector.store.onChange(change => changes.push(change));
  stop = new AbortController();
  for (const name of ['ann', 'bob']) server.create(user(name));
});

afterEach(async () => {
  stop.abort(new Error('The test has ended'));
  await ended;
  await transport.close();
  await server.stop();
});

function user(name: string, namespace = 'acme') {
  extension++;
  const spec = { extension: String(extension), fullName: name };
  return { apiVersion: 'ringfleet.io/v1alpha1', kind: 'SipUser', metadata: { name, namespace }, spec };
}

function change(name: string): void {
  extension++;
  server.patch('SipUser', { namespace: 'acme', name }, { spec: { extension: String(extension) } });
}

function start(): void {
  ended = reflector.run(stop.signal).catch((error: unknown) => error);
}

async function watching(): Promise<void> {
  start();
  await eventually('the watch is open', () => server.watches.count(SIP_USERS) === 1);
  await settle();
}

const equal = (): boolean =>
  JSON.stringify(versions(reflector.store.all())) === JSON.stringify(versions(server.list('SipUser')));

async function converges(limitMs = 120_000): Promise<void> {
  await clock.until('the store equals the server', equal, { limitMs });
}

const told = (): string[] => changes.map(({ type, object }) => `${type} ${object.metadata.name}`);
const replayed = (): Change['object'][] => replay(changes);
const lists = (): number => server.requests({ verb: 'list', ...SIP_USERS }).length;

it('lists, watches, and tells each change once', async () => {
  await watching();
  server.create(user('cyd'));
  change('ann');
  server.delete('SipUser', 'acme', 'bob');
  await converges(0);

  expect(told()).toEqual(['added ann', 'added bob', 'added cyd', 'changed ann', 'deleted bob']);
  expect(reflector.synced).toBe(true);
});

it('tells of another one of the same name as one gone and one come', async () => {
  await watching();
  server.delete('SipUser', 'acme', 'ann');
  server.create(user('ann'));
  await converges(0);

  expect(told().slice(2)).toEqual(['deleted ann', 'added ann']);
});

it('knows that there is nothing, where metadata alone is listed', async () => {
  reflector = new Reflector({ type: RESOURCES.Secret, transport, clock, log, metadataOnly: true });
  start();
  await eventually('the list', () => reflector.synced);

  expect(reflector.store.size).toBe(0);
});

it('learns from the answer to a write, and not what the watch has gone past', async () => {
  await watching();
  server.watches.stall(SIP_USERS);
  change('ann');
  const ann = server.get('SipUser', 'acme', 'ann') as never;
  reflector.observeWrite(ann);
  const learnt = equal();
  server.watches.cut('end', SIP_USERS);
  stop.abort(new Error('again'));
  await ended;
  stop = new AbortController();
  await watching();
  server.delete('SipUser', 'acme', 'ann');
  await converges();
  reflector.observeWrite(ann);

  expect([learnt, equal()]).toEqual([true, true]);
});

describe('faults: the store equals the server after', () => {
  const inPages = (): void => {
    for (let i = 0; i < 600; i++) server.create(user(`user-${i}`, 'beta'));
  };
  const cut = (how: Parameters<FakeApiServer['watches']['cut']>[0]) => async (): Promise<void> => {
    await watching();
    server.watches.cut(how, SIP_USERS);
  };

  it.each<[string, () => Promise<void> | void, { relists: number }]>([
    ['a reset in the middle of a line', cut('mid-line'), { relists: 0 }],
    ['a reset between lines', cut('reset'), { relists: 0 }],
    ['an orderly end', cut('end'), { relists: 0 }],
    ['410 in-band', cut('gone'), { relists: 1 }],
    ['500 in-band', cut('error'), { relists: 0 }],
    ['a line that is no JSON', cut('garbage'), { relists: 1 }],
    [
      '410 over HTTP',
      async () => {
        await watching();
        server.faults.goneHttp({ verb: 'watch', ...SIP_USERS });
        server.watches.cut('end', SIP_USERS);
      },
      { relists: 1 },
    ],
    [
      'a history that is forgotten',
      async () => {
        await watching();
        server.watches.cut('reset', SIP_USERS);
        change('bob');
        server.compact();
      },
      { relists: 1 },
    ],
    [
      'a silent stall',
      async () => {
        await watching();
        server.watches.stall(SIP_USERS);
      },
      { relists: 0 },
    ],
    [
      'a burst of 500',
      async () => {
        await watching();
        server.faults.burst500(9, SIP_USERS);
        server.watches.cut('reset', SIP_USERS);
      },
      { relists: 0 },
    ],
    [
      '429 with Retry-After',
      async () => {
        server.faults.throttle(SIP_USERS, 7, 2);
        start();
      },
      { relists: 0 },
    ],
    [
      'a first list that fails',
      async () => {
        server.faults.inject({ verb: 'list', ...SIP_USERS }, { how: 'cut-before' }, 6);
        start();
      },
      { relists: 0 },
    ],
    [
      'a reset in the middle of a page',
      async () => {
        inPages();
        server.faults.inject({ verb: 'list', ...SIP_USERS }, { how: 'cut-mid-body' }, 2);
        start();
      },
      { relists: 0 },
    ],
    [
      'an expired page',
      async () => {
        inPages();
        server.faults.inject({ verb: 'watch', ...SIP_USERS }, { how: 'stall' });
        start();
        server.faults.goneHttp({ verb: 'list', ...SIP_USERS });
      },
      { relists: 0 },
    ],
    [
      'a list that is never answered',
      async () => {
        server.faults.inject({ verb: 'list', ...SIP_USERS }, { how: 'stall' }, 2);
        start();
      },
      { relists: 0 },
    ],
    [
      'a restart of the server',
      async () => {
        await watching();
        await server.stop();
        change('bob');
        await server.listen();
      },
      { relists: 0 },
    ],
    [
      'a restore of the server to an older version',
      async () => {
        const backup = server.backup();
        await watching();
        server.create(user('cyd'));
        change('bob');
        await converges(0);
        server.restore(backup);
      },
      { relists: 1 },
    ],
    [
      'a token that was replaced',
      async () => {
        await watching();
        server.faults.refuse({ verb: 'watch', ...SIP_USERS }, 401, 'Unauthorized');
        server.watches.cut('end', SIP_USERS);
      },
      { relists: 0 },
    ],
  ])('%s', async (_, fault, { relists }) => {
    await fault();
    change('ann');
    await converges(400_000);
    await clock.until('a watch is open', () => server.watches.count(SIP_USERS) > 0);
    change('ann');
    await converges();

    expect(completeLists - 1).toBe(relists);
    expect(versions(replayed())).toEqual(versions(server.list('SipUser')));
  });

  it('events that were lost without a trace, in a few hours, of which it tells nothing else', async () => {
    await watching();
    server.watches.dropEvents(3, SIP_USERS);
    server.create(user('cyd'));
    server.delete('SipUser', 'acme', 'bob');
    change('ann');
    await clock.until('the store equals the server', equal, { limitMs: 3 * 3_600_000, stepMs: 60_000 });
    await clock.advance(12 * 3_600_000);

    expect(told().slice(2).sort()).toEqual(['added cyd', 'changed ann', 'deleted bob']);
    expect(completeLists).toBeGreaterThan(4);
  });

  it('events that were never sent, at the next list', async () => {
    await watching();
    server.watches.dropEvents(3, SIP_USERS);
    server.create(user('cyd'));
    server.delete('SipUser', 'acme', 'bob');
    change('ann');
    await settle();
    server.watches.cut('gone', SIP_USERS);
    await converges();

    expect(told().slice(2).sort()).toEqual(['added cyd', 'changed ann', 'deleted bob']);
  });
});

describe('time', () => {
  it('goes on at once after an orderly end', async () => {
    await watching();
    await clock.advance(120_000);
    server.watches.cut('end', SIP_USERS);
    await eventually('the watch is open again', () => server.requests({ verb: 'watch', ...SIP_USERS }).length === 2);

    expect(lists()).toBe(1);
  });

  it('backs off from a server that ends each watch at once', async () => {
    await watching();
    const off = setEnding();
    await clock.advance(60_000);
    off();

    expect(server.requests({ verb: 'watch', ...SIP_USERS }).length).toBeLessThan(12);
  });

  it('stays on a quiet stream of bookmarks, and opens it again where the server ends it', async () => {
    await watching();
    await clock.advance(3_600_000);

    expect(server.requests({ verb: 'watch', ...SIP_USERS }).length).toBeLessThanOrEqual(7);
    expect(lists()).toBe(1);
    expect(stalled([reflector])).toEqual([]);
  });

  it('forgets its failures with the first progress', async () => {
    await watching();
    for (let i = 0; i < 8; i++) {
      server.watches.cut('reset', SIP_USERS);
      await clock.until('the watch is open again', () => server.watches.count(SIP_USERS) === 1, { limitMs: 2_000 });
      change('ann');
      await converges(0);
    }
  });

  it('opens nothing when it is stopped while it backs off', async () => {
    await watching();
    server.faults.inject({ verb: 'watch', ...SIP_USERS }, { how: 'cut-before' }, 100);
    server.watches.cut('reset', SIP_USERS);
    await clock.advance(10_000);
    stop.abort(new Error('Stopped'));
    const asked = server.requests(SIP_USERS).length;
    await clock.advance(120_000);

    expect(await ended).toEqual(new Error('Stopped'));
    expect(server.requests(SIP_USERS)).toHaveLength(asked);
  });

  it('is stalled neither at rest nor while it fails and tries again', async () => {
    await clock.advance(3_600_000);
    const atRest = stalled([reflector]);
    server.faults.inject(SIP_USERS, { how: 'cut-before' }, 10_000);
    start();
    await clock.advance(600_000);

    expect(atRest).toEqual([]);
    expect(stalled([reflector])).toEqual([]);
    expect(reflector.silentMs).toBeGreaterThan(600_000);
  });

  function setEnding(): () => void {
    let on = true;
    const loop = async (): Promise<void> => {
      while (on) {
        server.watches.cut('end', SIP_USERS);
        await settle(1);
      }
    };
    const done = loop();
    return () => {
      on = false;
      void done;
    };
  }
});

it('goes on when a listener throws, and the others hear', async () => {
  let heard = 0;
  reflector.store.onChange(() => {
    throw new Error('A defect');
  });
  reflector.store.onChange(() => {
    heard++;
  });
  await watching();
  change('ann');
  await converges(0);

  expect(heard).toBe(3);
  expect(server.requests({ verb: 'watch', ...SIP_USERS })).toHaveLength(1);
});

it('keeps only what its selector wants', async () => {
  reflector = new Reflector({ type: RESOURCES.ConfigMap, transport, clock, log, labelSelector: 'ours=yes' });
  const config = (name: string, labels: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'acme', labels },
  });
  server.create(config('ours', { ours: 'yes' }));
  server.create(config('theirs', {}));
  start();
  await eventually('the watch is open', () => server.watches.count({ plural: 'configmaps' }) === 1);
  server.patch('ConfigMap', { namespace: 'acme', name: 'theirs' }, { metadata: { labels: { ours: 'yes' } } });
  server.patch('ConfigMap', { namespace: 'acme', name: 'ours' }, { metadata: { labels: { ours: null } } });
  const names = (): string[] => [...reflector.store.all()].map(({ metadata }) => metadata.name);
  await eventually('the selection has changed', () => names().join() === 'theirs');
});
