import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { SORCERY_CONF } from '../../core/asterisk/static-files.ts';
import { banWords, Guard } from './guard.ts';

let disk: Map<string, string>;
let writes: number;
let touches: number;
let clock: FakeClock;
let stop: AbortController;
let running: Promise<unknown>;
let reloads: string[];
let fails: boolean;
let told: string[];
let said: string[];
let counted: number[];
let guard: Guard;

beforeEach(() => {
  disk = new Map([['sorcery.conf', SORCERY_CONF]]);
  [writes, touches] = [0, 0];
  clock = new FakeClock({ turns: 3 });
  stop = new AbortController();
  [reloads, told, said, counted, fails] = [[], [], [], [], false];
  guard = new Guard({
    files: {
      read: async name => disk.get(name) ?? '',
      write: async text => {
        if (acl() !== text) writes++;
        disk.set('pjsip_acl.conf', text);
      },
      touch: async () => {
        touches++;
      },
    },
    clock,
    log: pino({}, { write: line => said.push(JSON.parse(line).msg) }),
    agent: {
      client: {
        action: async (_action, fields) => {
          if (fails) throw new Error('Asterisk is busy');
          reloads.push(fields?.['Module'] ?? '');
          return {};
        },
      },
      metrics: { banned: count => counted.push(count) },
      report: () => ({ contacts: {} }),
    },
  });
  guard.onBan(({ source }) => told.push(source));
});

afterEach(async () => {
  stop.abort();
  await running.catch(() => undefined);
});

async function begin(): Promise<void> {
  running = guard.enforce(stop.signal);
  running.catch(() => undefined); // of the abort
  await clock.advance(1_500);
}

function guessed(source: string): void {
  const event = { Event: 'ChallengeResponseFailed', Privilege: 'security,all', Service: 'PJSIP', AccountID: 'a' };
  for (let n = 0; n < 60; n++) guard.note({ ...event, RemoteAddress: `IPV4/UDP/${source}/5060` });
}

const acl = (): string => disk.get('pjsip_acl.conf') ?? '';

describe('the guard', () => {
  it('begins with nobody, and writes and reloads nothing while nobody guesses', async () => {
    disk.set('pjsip_acl.conf', '[banned]\ntype=acl\ndeny=198.51.100.7/32\n');
    await begin();
    expect(acl()).toBe('; nobody is refused\n');
    await clock.advance(3_600_000);
    expect([reloads, writes]).toEqual([['acl'], 1]);
  });

  it('refuses who guesses, once, and lets her in again when it is over', async () => {
    await begin();
    guessed('198.51.100.7');
    await clock.advance(1_500);
    expect(acl()).toBe('[banned]\ntype=acl\ndeny=198.51.100.7/32\n');
    expect([touches, reloads]).toEqual([2, ['acl', 'acl']]);
    expect(told).toEqual(['198.51.100.7']);
    expect(guard.list()).toMatchObject([{ source: '198.51.100.7', failures: 60 }]);
    await clock.advance(61_000);
    expect(acl()).toBe('; nobody is refused\n');
    expect([told.length, reloads.length, counted.at(-1), guard.list().length]).toEqual([1, 3, 0, 0]);
  });

  it('reloads once a second at most, however many guess', async () => {
    await begin();
    for (let n = 0; n < 200; n++) {
      guessed(`198.51.100.${n}`);
      await clock.advance(10);
    }
    await clock.advance(1_000);
    expect(told).toHaveLength(200);
    expect(reloads.length).toBeLessThanOrEqual(5);
  });

  it('lets in whom an administrator lets in', async () => {
    await begin();
    guessed('198.51.100.7');
    await clock.advance(1_500);
    expect([guard.lift('198.51.100.7'), guard.lift('198.51.100.7')]).toEqual([true, false]);
    await clock.advance(1_500);
    expect(acl()).toBe('; nobody is refused\n');
  });

  it('lets in an address that becomes a carrier’s', async () => {
    await begin();
    guessed('198.51.100.7');
    await clock.advance(1_500);
    disk.set('pjsip_identify.conf', 'match=198.51.100.0/24\n');
    await clock.advance(16_000);
    expect(acl()).toBe('; nobody is refused\n');
  });

  it('tells of a ban when it is in force, after an Asterisk that was busy', async () => {
    await begin();
    fails = true;
    guessed('198.51.100.7');
    await clock.advance(1_500);
    expect(told).toEqual([]);
    fails = false;
    await clock.advance(16_000);
    expect(told).toEqual(['198.51.100.7']);
  });

  it('does nothing to an Asterisk that has no place for it, and says so once', async () => {
    disk.set('sorcery.conf', SORCERY_CONF.split('[acl]')[0] ?? '');
    await begin();
    expect(said).toEqual([]);
    for (const source of ['198.51.100.7', '198.51.100.8']) {
      guessed(source);
      await clock.advance(20_000);
    }
    expect([reloads, told, counted]).toEqual([[], [], []]);
    expect(said).toEqual(['Refused nobody who guesses passwords: this Asterisk can do that after its next restart']);
  });
});

it.each([
  [60_000, 'for 1 minute: 61 failed logins'],
  [240_000, 'for 4 minutes: 61 failed logins'],
  [3_600_000, 'for 60 minutes: 61 failed logins'],
  [5_000, 'for 5 seconds: 61 failed logins'],
])('a ban of %d ms is told as "%s"', (lastsMs, words) => {
  const ban = { source: '198.51.100.7', untilMs: 0, lastsMs, failures: 61 };
  expect(banWords(ban)).toBe(`198.51.100.7 is refused ${words}`);
});
