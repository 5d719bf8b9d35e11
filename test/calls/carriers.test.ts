import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../src/runtime/clock.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { header, type Reply, SipClient, type SipMessage } from './sip.ts';

/** Carriers as they are: whole addresses as user names, no password at all, a proxy that wants TCP; on the wire. */
const PORT = await freePorts();
const AT = PORT + 30;
const ADDRESSES = {
  ims: '127.0.0.11',
  open: '127.0.0.12',
  empty: '127.0.0.13',
  hidden: '127.0.0.14',
  wide: '127.0.0.15',
};
const PROXY = '127.0.0.16';
const STRANGER = '127.0.0.17';
const LOGIN = { username: '+918043513850@ka.ims.example', password: 'a#b;c,"d=>e[f' };

/** The server behind the proxy: all that it is told past it, by UDP. */
const behind = { socket: createSocket('udp4'), heard: [] as string[] };
const carriers = new Map<keyof typeof ADDRESSES, SipClient>();
let proxy: TcpProxy;
let phone: SipClient;
let stranger: SipClient;
let rig: Rig;

/** Takes requests over TCP and answers each with one code. */
class TcpProxy {
  readonly received: string[] = [];
  readonly #server: Server;

  constructor(code: (start: string) => number) {
    this.#server = createServer(socket => {
      let open = '';
      socket.on('error', () => socket.destroy());
      socket.on('data', bytes => {
        open += bytes.toString('latin1');
        for (let end = this.#endOf(open); end > 0; end = this.#endOf(open)) {
          const text = open.slice(0, end);
          open = open.slice(end);
          if (!/^[A-Z]+ /.test(text)) continue; // keep-alives
          this.received.push(text);
          if (text.startsWith('ACK')) continue;
          const kept = text.split('\r\n').filter(line => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
          const tagged = kept.map(line => (/^To:/i.test(line) && !line.includes('tag=') ? `${line};tag=p` : line));
          const answer = code(text.split('\r\n')[0] ?? '');
          socket.write(`SIP/2.0 ${answer} Answer\r\n${tagged.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
        }
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>(resolve => this.#server.listen(AT, PROXY, resolve));
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#server.close(() => resolve());
    });
  }

  /** Where the first message ends; 0: it is not whole yet. */
  #endOf(text: string): number {
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) return 0;
    const end = head + 4 + Number(/^Content-Length: *(\d+)/im.exec(text.slice(0, head))?.[1] ?? 0);
    return text.length >= end ? end : 0;
  }
}

const secretText = (name: string, data: Record<string, string>): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: data });

function trunk(name: keyof typeof ADDRESSES, spec: Record<string, unknown>): Record<string, unknown> {
  return { servers: [{ name: 'a', host: ADDRESSES[name], port: AT }], ...spec };
}

function carrier(name: keyof typeof ADDRESSES): SipClient {
  const found = carriers.get(name);
  if (!found) throw new Error(`There is no carrier ${name}`);
  return found;
}

/** As a carrier does that knows one login: 401 first, then 200 if the digest fits (RFC 7616). */
function challenging(request: SipMessage): Reply {
  const given = header(request, 'authorization');
  const challenge = { 'WWW-Authenticate': 'Digest realm="ims.example", nonce="abc", algorithm=MD5, qop="auth"' };
  if (!given) return { code: 401, headers: challenge };
  const value = (name: string): string => new RegExp(`[ ,]${name}="?([^",]+)"?`).exec(given)?.[1] ?? '';
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const first = md5(`${LOGIN.username}:ims.example:${LOGIN.password}`);
  const second = md5(`${request.method}:${value('uri')}`);
  const fits = value('response') === md5(`${first}:abc:${value('nc')}:${value('cnonce')}:auth:${second}`);
  return { code: fits && value('username') === LOGIN.username ? 200 : 403, headers: { Expires: '300' } };
}

beforeAll(async () => {
  behind.socket.on('message', bytes => behind.heard.push(bytes.toString()));
  await new Promise<void>(resolve => behind.socket.bind(AT, ADDRESSES.hidden, resolve));
  for (const [name, address] of Object.entries(ADDRESSES).filter(([name]) => name !== 'hidden'))
    carriers.set(name as keyof typeof ADDRESSES, await SipClient.open(PORT, address, AT));
  for (const client of carriers.values()) client.reply = () => ({ code: 200, headers: { Expires: '300' } });
  carrier('ims').reply = challenging;
  proxy = new TcpProxy(start => (start.startsWith('INVITE') ? 486 : 200));
  await proxy.listen();
  [phone, stranger] = [await SipClient.open(PORT), await SipClient.open(PORT, STRANGER, AT)];
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } } },
    users: {
      jane: { extension: '1001', location: { name: 'office' } },
      away: { extension: '1002', enabled: false },
      anna: { extension: '1003', sip: { address: 'desk' } },
      berta: {
        extension: '1004',
        sip: { address: 'desk', passwordSecretRef: { name: 'berta', key: 'password' } },
      },
    },
    numbers: {
      main: { number: '+914412345678', destination: { user: { name: 'jane' } } },
      closed: { number: '+914412345679', destination: { user: { name: 'away' } } },
    },
    locations: { office: { country: 'IN', emergency: { trunk: { name: 'hidden' } } } },
  });
  await rig.edit(async () => {
    await rig.write('berta.yaml', secretText('berta', { password: 'hunter2222\n' })); // as `echo … | base64` makes it
    await rig.write('ims.yaml', secretText('ims', LOGIN));
    await rig.write('empty.yaml', secretText('empty', { username: 'acme', password: '' }));
    await rig.write('door.yaml', secretText('door', { username: 'carrier', password: 'password' }));
    const register = { enabled: true };
    const door = { inbound: { auth: { secretRef: { name: 'door' } } } };
    await rig.put('Trunk', 'ims', trunk('ims', { register, credentialsSecretRef: { name: 'ims' } }));
    await rig.put('Trunk', 'open', trunk('open', { register, identity: { fromUser: '914412345678' }, ...door }));
    await rig.put('Trunk', 'open-in', trunk('empty', { register, credentialsSecretRef: { name: 'empty' }, ...door }));
    const identity = { outboundProxy: `${PROXY}:${AT};transport=tcp`, fromUser: 'acme' };
    await rig.put('Trunk', 'hidden', trunk('hidden', { register, identity, health: { optionsSeconds: 1 } }));
    await rig.put('Trunk', 'wide', trunk('wide', { inbound: { sources: ['0.0.0.0/0'] }, codecs: ['g729'] }));
  });
  await phone.register('acme_1001', { auth: rig.credentials('jane') });
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([...carriers.values(), phone, stranger].map(client => client?.close()));
  await proxy?.close();
  await new Promise<void>(resolve => behind.socket.close(resolve));
});

const registers = (client: SipClient): SipMessage[] => client.received.filter(({ method }) => method === 'REGISTER');

async function registered(name: keyof typeof ADDRESSES, count: number): Promise<SipMessage> {
  const found = await until(`${count} REGISTER at the carrier`, () => registers(carrier(name))[count - 1], {
    deadlineMs: 15_000,
    everyMs: 20,
  });
  return found;
}

describe('a user name that is a whole address', () => {
  it('logs in with all of it, and is the address of record', async () => {
    const last = await registered('ims', 2);
    await rig.becomes('Trunk', 'ims', 'Registered', { status: 'True' });

    const record = '<sip:+918043513850@ka.ims.example>';
    expect(header(last, 'to')).toBe(record);
    expect(header(last, 'from')).toContain(record);
    expect(header(last, 'contact')).toMatch(/^<sip:\+918043513850@127\.0\.0\.1/);
    expect(header(last, 'authorization')).toContain(`username="${LOGIN.username}"`);
  });
});

describe('a carrier that asks for no password', () => {
  it.each([
    ['of a Secret with an empty one', 'empty', 'open-in', 'sip:acme@'],
    ['without any Secret', 'open', 'open', 'sip:914412345678@'],
  ] as const)('has our registration %s', async (_what, at, name, record) => {
    const first = await registered(at, 1);
    await rig.becomes('Trunk', name, 'Registered', { status: 'True' });

    expect(header(first, 'to')).toContain(record);
    expect(header(first, 'authorization')).toBeUndefined();
  });

  it('and two trunks, of which one is called as a login of the other once was, both stand', async () => {
    await rig.becomes('Trunk', 'open', 'Ready', { status: 'True' });
    await rig.becomes('Trunk', 'open-in', 'Ready', { status: 'True' });
  });
});

describe('a proxy that is reached by TCP', () => {
  it('has the registration, the question whether it is there, and calls; the server behind it hears nothing itself', async () => {
    await rig.becomes('Trunk', 'hidden', 'Registered', { status: 'True' });
    const has = (method: string) => () => proxy.received.find(text => text.startsWith(`${method} `));
    await until('OPTIONS at the proxy', has('OPTIONS'), { deadlineMs: 15_000 });

    await phone.request('INVITE', '112', { from: 'acme_1001', auth: rig.credentials('jane') });

    const invite = await until('INVITE at the proxy', has('INVITE'), { deadlineMs: 5_000 });
    expect(invite).toMatch(new RegExp(`^INVITE sip:112@${ADDRESSES.hidden}:${AT}`));
    expect(invite).toMatch(new RegExp(`^Route: <sip:${PROXY}:${AT};transport=tcp;lr>`, 'm'));
    expect(behind.heard).toEqual([]);
  });
});

describe('a network of everybody, without a password', () => {
  it('lets no stranger in, and the carrier itself as before; and is said', async () => {
    const call = (client: SipClient) => client.request('INVITE', '+914412345678', { from: '+442079460000' });

    expect((await call(stranger)).final.code).toBe(401);
    expect((await call(carrier('wide'))).final.code).toBe(486);
    await rig.becomes('Trunk', 'wide', 'Stalled', { status: 'True', reason: 'SourcesTooWide' });
  });
});

describe('what is said and does not stop what works', () => {
  it('a trunk that may speak only what cannot be converted takes calls in A-law', async () => {
    await rig.put('Trunk', 'wide', trunk('wide', { codecs: ['g729'] })); // the same text for Asterisk as before
    await rig.becomes('Trunk', 'wide', 'Stalled', { status: 'True', reason: 'UnsupportedCodec' });

    expect((await carrier('wide').request('INVITE', '+914412345678', { from: '+442079460000' })).final.code).toBe(486);
  });

  it('a number of a user who is disabled answers "unavailable"', async () => {
    const { final } = await carrier('wide').request('INVITE', '+914412345679', { from: '+442079460000' });

    expect(final.code).toBe(480);
    await rig.becomes('PhoneNumber', 'closed', 'Stalled', { status: 'True', reason: 'ReferenceNotReady' });
  });

  it('two users of one SIP address both have a phone that rings, and one of them the address', async () => {
    const dial = (user: string) => phone.request('INVITE', user, { from: 'acme_1001', auth: rig.credentials('jane') });
    const [anna, berta] = [await SipClient.open(PORT), await SipClient.open(PORT)];
    await anna.register('acme_1003', { auth: rig.credentials('anna') });
    const { final } = await berta.register('acme_1004', { auth: { username: 'acme_1004', password: 'hunter2222' } });
    expect(final.code).toBe(200);

    for (const called of ['desk', '1004']) await dial(called);

    expect(anna.received.filter(({ method }) => method === 'INVITE')).toHaveLength(1);
    expect(berta.received.filter(({ method }) => method === 'INVITE')).toHaveLength(1);
    await rig.becomes('SipUser', 'berta', 'Stalled', { status: 'True', reason: 'AddressTaken' });
    await Promise.all([anna, berta].map(client => client.close()));
  });
});
