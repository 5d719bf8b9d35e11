import type { Packet } from './packet.ts';

/**
 * What somebody may send so much of that others are not served: each bounded in packets a second and in seconds. All of
 * it comes from and goes to 127.0.0.0/8.
 */
interface Common {
  readonly name: string;
  /** Where it comes from. */
  readonly source: string;
  /** Of packets, calls or connections. */
  readonly perSecond: number;
  readonly seconds: number;
  /** As many calls as there may be are up meanwhile: one more is refused, whoever it is of. */
  readonly full?: true;
  /** Leaves behind what a timer of its own ends, so that one may want to look again later. */
  readonly lingers?: true;
}

export interface Packets extends Common {
  readonly kind: 'packets';
  /** Its challenges are answered, with the phone's password or with another one. */
  readonly password?: 'right' | 'wrong';
  /** It hears what is sent to it and says 200; who forges his source does not. */
  readonly hears?: true;
  /** The n-th. */
  readonly packet: (n: number, scene: Scene) => Pick<Packet, 'method' | 'uri' | 'from' | 'to' | 'headers' | 'sdp'>;
}

/** Of one phone, at once; they are held. */
export interface Calls extends Common {
  readonly kind: 'calls';
  readonly number: string;
  readonly count: number;
}

/** Each says one thing that is refused, and stays. */
export interface Connections extends Common {
  readonly kind: 'connections';
  readonly count: number;
}

export type Flood = Packets | Calls | Connections;

/** What the sender knows: where, and the password of one phone. */
export interface Scene {
  readonly server: string;
  readonly port: number;
  readonly phone: { readonly username: string; readonly password: string };
  /** Who exists. */
  readonly usernames: readonly string[];
  readonly extensions: readonly string[];
}

export const CARRIER = '127.0.0.5';
const OUTSIDER = '127.0.0.99';
const PHONE = '127.0.0.6';
const WORLD = 'sip:+442079460000@carrier.example';

const user = (name: string, { server, port }: Scene): string => `sip:${name}@${server}:${port}`;
const nth = (list: readonly string[], n: number): string => list[n % list.length] ?? '';

function register(n: number, scene: Scene) {
  const own = user(nth(scene.usernames, n), scene);
  return { method: 'REGISTER', uri: `sip:${scene.server}:${scene.port}`, from: own, to: own };
}

function invite(to: string, from: string, scene: Scene) {
  const uri = user(to, scene);
  return { method: 'INVITE', uri, from, to: uri, sdp: true };
}

function subscribe(to: string, from: string, headers: Record<string, string>, scene: Scene) {
  const uri = user(to, scene);
  return { method: 'SUBSCRIBE', uri, from, to: uri, headers };
}

const WATCH = { Event: 'dialog', Accept: 'application/dialog-info+xml', Expires: '60' };
const MAILBOX = { Event: 'message-summary', Accept: 'application/simple-message-summary', Expires: '86400' };

export const FLOODS: readonly Flood[] = [
  {
    name: 'OPTIONS',
    kind: 'packets',
    source: OUTSIDER,
    perSecond: 1_500,
    seconds: 12,
    packet: (n, scene) => {
      const uri = user(nth(scene.extensions, n), scene);
      return { method: 'OPTIONS', uri, from: WORLD, to: uri };
    },
  },
  {
    name: 'REGISTER without credentials',
    kind: 'packets',
    source: OUTSIDER,
    perSecond: 1_500,
    seconds: 12,
    packet: register,
  },
  {
    name: 'REGISTER with a wrong password',
    kind: 'packets',
    source: OUTSIDER,
    perSecond: 2_000,
    seconds: 8,
    password: 'wrong',
    packet: register,
  },
  {
    name: 'INVITE without credentials',
    kind: 'packets',
    source: OUTSIDER,
    perSecond: 1_500,
    seconds: 12,
    lingers: true,
    packet: (n, scene) => invite(nth(scene.extensions, n), user(nth(scene.usernames, n), scene), scene),
  },
  {
    name: 'INVITE from the carrier’s address while all calls are taken',
    kind: 'packets',
    source: CARRIER,
    perSecond: 200,
    seconds: 10,
    full: true,
    lingers: true,
    packet: (_n, scene) => invite('914412345678', WORLD, scene),
  },
  {
    name: 'sixty calls to 112 of one phone',
    kind: 'calls',
    source: PHONE,
    perSecond: 60,
    seconds: 10,
    number: '112',
    count: 60,
  },
  {
    name: 'SUBSCRIBE of one phone to random numbers',
    kind: 'packets',
    source: PHONE,
    perSecond: 600,
    seconds: 8,
    password: 'right',
    hears: true,
    lingers: true,
    packet: (n, scene) => subscribe(String(200_000 + n), user(scene.phone.username, scene), WATCH, scene),
  },
  {
    name: 'SUBSCRIBE of one phone to colleagues',
    kind: 'packets',
    source: PHONE,
    perSecond: 600,
    seconds: 8,
    password: 'right',
    hears: true,
    lingers: true,
    packet: (n, scene) => subscribe(nth(scene.extensions, n), user(scene.phone.username, scene), WATCH, scene),
  },
  {
    name: 'SUBSCRIBE to mailboxes from the carrier’s address',
    kind: 'packets',
    source: CARRIER,
    perSecond: 600,
    seconds: 5,
    lingers: true,
    packet: (n, scene) => subscribe(nth(scene.usernames, n), WORLD, MAILBOX, scene),
  },
  {
    name: 'TCP connections with one refused OPTIONS each',
    kind: 'connections',
    source: '127.0.1.0',
    perSecond: 300,
    seconds: 12,
    count: 1_200,
  },
];
