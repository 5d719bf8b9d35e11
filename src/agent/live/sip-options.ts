import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Clock, nextTurn } from '../../runtime/clock.ts';

/** RFC 3261 §17.1.2: a request over UDP is sent again after T1, 2·T1, 4·T1 … until it is answered. */
const T1_MS = 500;
const DEADLINE_MS = 8 * T1_MS;

/**
 * Sends OPTIONS to a SIP server over UDP, as a phone would (RFC 3261 §11). Returns the status code. Any answer but 503 means
 * that the server is in service, also 401. Undefined: nothing listens on the port, or there was no answer although the
 * request was repeated, as one lost packet proves nothing. Rejects when it is aborted.
 */
export async function sipOptions(
  host: string,
  port: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const socket = createSocket('udp4');
  const done = new AbortController();
  const until = AbortSignal.any(signal ? [signal, done.signal] : [done.signal]);
  try {
    // a connected socket gets the "port unreachable" of the host
    const failed = new Promise<undefined>(resolve => socket.on('error', () => resolve(undefined)));
    socket.connect(port, host);
    const asked = once(socket, 'connect', { signal: until }).then(() => {
      // if the machine was suspended, the deadline is over and the answer is there unread: read that first
      const late = clock.sleep(DEADLINE_MS, until).then(nextTurn);
      return Promise.race([ask(socket, host, port, clock, until), late.then(() => undefined)]);
    });
    const code = await Promise.race([failed, asked.catch(() => undefined)]);
    signal?.throwIfAborted();
    return code;
  } finally {
    done.abort();
    socket.close();
  }
}

async function ask(
  socket: Socket,
  host: string,
  port: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<number | undefined> {
  const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
  const { address, port: own } = socket.address();
  const message = request(host, port, `${address}:${own}`, branch);
  const answer = new Promise<number | undefined>(resolve => {
    socket.on('message', data => {
      const text = data.toString('latin1');
      if (text.includes(branch)) resolve(Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]) || undefined);
    });
  });
  const repeat = async (): Promise<never> => {
    for (let wait = T1_MS; ; wait *= 2) {
      socket.send(message);
      await clock.sleep(wait, signal);
    }
  };
  return Promise.race([answer, repeat()]);
}

function request(host: string, port: number, own: string, branch: string): string {
  return [
    `OPTIONS sip:${host}:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${own};rport;branch=${branch}`,
    'Max-Forwards: 70',
    `From: <sip:rf-probe@${host}>;tag=${randomBytes(4).toString('hex')}`,
    `To: <sip:${host}:${port}>`,
    `Call-ID: ${randomBytes(8).toString('hex')}`,
    'CSeq: 1 OPTIONS',
    `Contact: <sip:probe@${own}>`,
    'User-Agent: Ringfleet probe',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
