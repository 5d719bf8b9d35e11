import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { SipClient } from '../sip.ts';
import { House, invited } from './house.ts';

/**
 * I guess passwords. I want in, or at least I want somebody else to be locked out for it: an office, the carrier, or
 * whoever's address I write into what I send.
 */
const FIRST_BAN_MS = 8_000;
let house: House;
const opened: SipClient[] = [];

beforeAll(async () => {
  house = await House.open({
    users: { john: { extension: '1002', voicemail: { enabled: false } } },
    banLimits: { firstMs: FIRST_BAN_MS },
  });
  await settled('127.0.0.94'); // from now on the agent hears of failed logins
  house.rig.pbx.agent.guard.lift('127.0.0.94');
});

afterAll(async () => {
  await house?.close();
  await Promise.all(opened.map(client => client.close()));
});

async function outsider(address: string): Promise<SipClient> {
  const client = await SipClient.open(house.port, address);
  opened.push(client);
  return client;
}

/** Many wrong passwords for many accounts, of which the first three exist. */
async function guess(client: SipClient, times: number, accounts = 40): Promise<void> {
  for (let n = 0; n < times; n++) {
    const username = `acme_${1001 + (n % accounts)}`;
    const { final } = await client.register(username, { auth: { username, password: `guess-${n}` } });
    if (final.code === 403) return;
  }
}

async function code(client: SipClient): Promise<number> {
  return (await client.register('acme_1001', {})).final.code;
}

function becomes(client: SipClient, wanted: number): Promise<true> {
  const has = async (): Promise<true | undefined> => ((await code(client)) === wanted ? true : undefined);
  return until(`${client.address} to be answered ${wanted}`, has, { deadlineMs: 20_000, everyMs: 100 });
}

function list(): string[] {
  return house.rig.pbx.agent.guard.list().map(({ source }) => source);
}

/** What was decided before is in force once a guesser who comes later is refused. */
async function settled(address: string): Promise<void> {
  const client = await outsider(address);
  const refused = async (): Promise<true | undefined> => {
    await guess(client, 70);
    return (await code(client)) === 403 || undefined;
  };
  await until('a guesser to be refused', refused, { deadlineMs: 20_000, everyMs: 100 });
}

async function metric(name: string): Promise<number> {
  const text = await house.rig.pbx.agent.metrics.registry.metrics();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

describe('I guess from outside', () => {
  it('and soon I am refused, while phones and the carrier register and call', async () => {
    const guesser = await outsider('127.0.0.99');
    await guess(guesser, 200);
    await becomes(guesser, 403);
    expect(list()).toEqual(['127.0.0.99']);
    const call = guesser.request('INVITE', '1002', { from: 'acme_1001' });
    expect((await call).final.code).toBe(403);
    await until('it to be told', async () => ((await metric('ringfleet_banned_sources')) === 1 ? true : undefined), {
      deadlineMs: 5_000,
    });
    expect(house.rig.said.filter(line => line.startsWith('127.0.0.99 is refused for 8 seconds: '))).toHaveLength(1);

    const auth = house.rig.credentials('jane');
    expect((await house.phone('jane').register(auth.username, { auth })).final.code).toBe(200);
    const elsewhere = await outsider('127.0.0.6');
    expect((await elsewhere.register(auth.username, { auth })).final.code).toBe(200);
    expect((await house.dial('jane', '1002')).final.code).toBe(486);
    expect((await house.inbound('+914412345678')).final.code).toBe(486);
    expect(house.rang('john')).toHaveLength(2);
  });

  it('until it is over', async () => {
    const guesser = await outsider('127.0.0.99');
    await becomes(guesser, 401);
    await until('it to be told', async () => ((await metric('ringfleet_banned_sources')) === 0 ? true : undefined), {
      deadlineMs: 10_000,
    });
    expect(list()).toEqual([]);
  });

  it('or until an administrator lets me in', async () => {
    const guesser = await outsider('127.0.0.98');
    await guess(guesser, 200);
    await becomes(guesser, 403);
    expect(house.rig.pbx.agent.guard.lift('127.0.0.98')).toBe(true);
    await becomes(guesser, 401);
    expect(house.rig.pbx.agent.guard.lift('127.0.0.98')).toBe(false);
  });
});

describe('I want others to be locked out', () => {
  it('but an office with one phone that guesses calls on', async () => {
    const wrong = await outsider('127.0.0.4');
    await guess(wrong, 200);
    await settled('127.0.0.97');
    expect(list()).not.toContain('127.0.0.4');
    const auth = house.rig.credentials('john');
    expect((await house.phone('john').register(auth.username, { auth })).final.code).toBe(200);
    expect((await house.dial('jane', '1002')).final.code).toBe(486);
  });

  it('but the carrier, from whose address I guess, calls in', async () => {
    const wrong = await outsider('127.0.0.5');
    await guess(wrong, 200, 3); // who is nobody else is the carrier, and is not asked
    await settled('127.0.0.96');
    expect(list()).not.toContain('127.0.0.5');
    await house.quiet();
    expect((await house.inbound('+914412345678')).final.code).toBe(486);
    await invited(house.phone('john'), 'john');
  });

  it('but nobody whose address I write into what I send', async () => {
    const writer = await outsider('127.0.0.95');
    const escaped = (text: string): string =>
      text.replace(/[\r\n: ]/g, sign => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
    const events = [
      ['ChallengeResponseFailed', 'RemoteAddress: IPV4/UDP/127.0.0.77/5060'],
      ['SuccessfulAuth', 'UsingPassword: 1\r\nRemoteAddress: IPV4/UDP/127.0.0.95/5060'],
      ['SuccessfulAuth', 'X: '], // what the real event says of me comes behind
    ];
    const own = 'Privilege: security,all\r\nService: PJSIP\r\nAccountID: a\r\n';
    const sent = events.flatMap(([event = '', more = '']) => {
      const text = `\r\n\r\nEvent: ${event}\r\n${more === 'X: ' ? '' : own}${more}`;
      const folded = text.trim().replaceAll('\r\n', '\r\n ');
      const digest = (it: string): string =>
        `Digest username="${it}", realm="acme.example", nonce="${it}", uri="sip:x", response="${it}", opaque="${it}"`;
      return Array.from({ length: 70 }, () => [
        { from: escaped(text) },
        { from: 'acme_1001', headers: { Authorization: digest(escaped(text)) } },
        { from: 'acme_1001', headers: { Authorization: digest(folded), 'Call-ID': folded } },
      ]).flat();
    });
    const all = sent.map(one => writer.request('REGISTER', '', { to: 'x', deadlineMs: 2_000, ...one }));
    await Promise.allSettled(all); // what is no SIP at all is not answered
    await guess(writer, 200);
    await becomes(writer, 403);
    expect(list()).toContain('127.0.0.95');
    expect(list()).not.toContain('127.0.0.77');
    expect(await code(await outsider('127.0.0.77'))).toBe(401);
  });
});

describe('I open connections and keep them', () => {
  it('and am counted, though no phone is registered by them', async () => {
    const sockets: Socket[] = [];
    for (let n = 0; n < 60; n++) sockets.push(await connected(n));
    const auth = house.rig.credentials('zoe');
    await house.phone('zoe').register(auth.username, { auth, expires: 0 }); // so that the agent looks
    const counted = (): true | undefined => house.rig.pbx.report.tcpConnections === 50 || undefined;
    await until('them to be counted', counted, { deadlineMs: 30_000 });
    for (const socket of sockets) socket.destroy();
  });
});

/** A connection by which a request came, which was challenged. */
async function connected(n: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: house.port });
  const headers = `Via: SIP/2.0/TCP x;branch=z9hG4bK${n}\r\nFrom: <sip:x@x>;tag=1\r\nTo: <sip:x@x>\r\nCall-ID: ${n}\r\n`;
  socket.write(`OPTIONS sip:x@x SIP/2.0\r\n${headers}CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n`);
  await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject));
  return socket;
}
