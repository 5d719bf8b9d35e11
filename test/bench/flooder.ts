import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../src/runtime/clock.ts';
import { authorization, SipClient } from '../calls/sip.ts';
import { type Calls, type Connections, FLOODS, type Packets, type Scene } from './floods.ts';
import { codeOf, headerOf, packet } from './packet.ts';

/**
 * One flood, in a thread of its own, so that the honest phones beside it are not late because of it. Ends by itself and
 * tells what became of it.
 */
export interface Flooded {
  readonly sent: number;
  readonly seconds: number;
  /** How often by what it was answered: SIP codes, or words of connections. */
  readonly answers: Readonly<Record<string, number>>;
}

const TICK_MS = 10;
/** What could not be sent in time is left out, not sent at once: at most so many ticks are made up for. */
const MADE_UP = 5;
/** For the answers to the last packets. */
const LAST_MS = 500;
/** Source addresses of connections: `127.0.1.1` and so on. */
const SOURCES = 100;

class Tally {
  readonly of: Record<string, number> = {};

  add(what: string | number): void {
    this.of[what] = (this.of[what] ?? 0) + 1;
  }
}

/** Calls `send` as often as the flood says, `perSecond`, until its seconds are over or it returns false. */
async function paced({ perSecond, seconds }: { perSecond: number; seconds: number }, send: (n: number) => boolean) {
  const begun = systemClock.monotonic();
  let [last, due, sent] = [begun, 0, 0];
  for (let now = begun; now - begun < seconds * 1_000; now = systemClock.monotonic()) {
    due = Math.min(due + ((now - last) * perSecond) / 1_000, (perSecond * TICK_MS * MADE_UP) / 1_000);
    last = now;
    for (; due >= 1; due--) if (send(sent)) sent++;
    await systemClock.sleep(TICK_MS);
  }
  return { sent, seconds: (systemClock.monotonic() - begun) / 1_000 };
}

async function packets(flood: Packets, scene: Scene): Promise<Flooded> {
  const { source, password } = flood;
  const socket = createSocket('udp4');
  socket.bind(0, source);
  await once(socket, 'listening');
  const answers = new Tally();
  let challenge: string | undefined;
  let isAsked = false;
  socket.on('error', () => undefined); // nobody listens: nothing is answered
  socket.on('message', (bytes, from) => {
    const text = bytes.toString('latin1');
    const code = codeOf(text);
    if (code > 0) answers.add(code);
    else if (flood.hears) socket.send(taken(text), from.port, from.address);
    challenge = headerOf(text, 'WWW-Authenticate') ?? challenge;
  });
  const said = await paced(flood, n => {
    if (password && !challenge && isAsked) return false; // it comes
    isAsked = true;
    const one = flood.packet(n, scene);
    const auth = { ...scene.phone, ...(password === 'wrong' && { password: `${scene.phone.password}${n}` }) };
    const proof = password && challenge && authorization(challenge, one.method, one.uri, auth);
    const headers = { ...one.headers, ...(proof && { Authorization: proof }) };
    const text = packet({ ...one, headers, transport: 'UDP', address: source, port: socket.address().port });
    socket.send(text, scene.port, scene.server);
    return true;
  });
  await systemClock.sleep(LAST_MS);
  socket.close();
  return { ...said, answers: answers.of };
}

/** 200 to a request. */
function taken(text: string): string {
  const echoed = text.split('\r\n').filter(line => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
  return ['SIP/2.0 200 OK', ...echoed, 'Content-Length: 0', '', ''].join('\r\n');
}

async function calls(flood: Calls, scene: Scene): Promise<Flooded> {
  const client = await SipClient.open(scene.port, flood.source);
  const answers = new Tally();
  const { username } = scene.phone;
  const asked: Promise<unknown>[] = [];
  const over = systemClock.monotonic() + flood.seconds * 1_000;
  const left = (): number => Math.max(0, over - systemClock.monotonic());
  const call = async (): Promise<void> => {
    const options = { from: username, auth: scene.phone, deadlineMs: left() };
    const { final, dialog } = await client.request('INVITE', flood.number, options);
    answers.add(final.code);
    await systemClock.sleep(left());
    await client.hangUp(dialog);
  };
  const said = await paced(flood, n => {
    if (n >= flood.count) return false;
    asked.push(call().catch(() => answers.add('no answer')));
    return true;
  });
  await Promise.all(asked);
  await client.close();
  return { ...said, answers: answers.of };
}

async function connections(flood: Connections, scene: Scene): Promise<Flooded> {
  const answers = new Tally();
  const open: Socket[] = [];
  let isOver = false;
  const said = await paced(flood, n => {
    if (n >= flood.count) return false;
    const address = flood.source.replace(/\d+$/, String(1 + (n % SOURCES)));
    const socket = connect({ host: scene.server, port: scene.port, localAddress: address });
    const uri = `sip:1001@${scene.server}:${scene.port}`;
    socket.once('connect', () => {
      const own = { address, port: socket.localPort ?? 0, transport: 'TCP' } as const;
      socket.write(packet({ method: 'OPTIONS', uri, from: uri, to: uri, ...own }));
    });
    socket.once('data', () => answers.add('answered'));
    socket.once('error', () => answers.add('broken'));
    socket.once('close', isBroken => !isOver && !isBroken && answers.add('closed'));
    socket.resume();
    open.push(socket);
    return true;
  });
  isOver = true;
  for (const socket of open) socket.destroy();
  return { ...said, answers: answers.of };
}

const { name, scene } = workerData as { name: string; scene: Scene };
const flood = FLOODS.find(one => one.name === name);
if (!flood) throw new Error(`There is no flood ${name}`);
const flooded =
  flood.kind === 'packets'
    ? packets(flood, scene)
    : flood.kind === 'calls'
      ? calls(flood, scene)
      : connections(flood, scene);
parentPort?.postMessage(await flooded);
