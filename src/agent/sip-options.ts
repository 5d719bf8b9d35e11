import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Clock } from '../runtime/clock.ts';

/**
 * Asks a SIP server over UDP whether it serves, as a phone would (RFC 3261 §11). Returns the status code; undefined when
 * nothing came back in time. A server that wants a password (401) serves.
 */
export async function sipOptions(
  host: string,
  port: number,
  clock: Clock,
  deadlineMs = 1500,
): Promise<number | undefined> {
  const socket = createSocket('udp4');
  const done = new AbortController();
  try {
    await new Promise<void>(resolve => socket.bind(0, '0.0.0.0', resolve));
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
    const answer = new Promise<number | undefined>(resolve => {
      socket.on('message', message => {
        const text = message.toString('latin1');
        if (text.includes(branch)) resolve(Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]) || undefined);
      });
      socket.on('error', () => resolve(undefined));
    });
    socket.send(request(host, port, socket.address().port, branch), port, host);
    const late = clock.sleep(deadlineMs, done.signal).then(
      () => undefined,
      () => undefined,
    );
    return await Promise.race([answer, late]);
  } finally {
    done.abort();
    socket.close();
  }
}

function request(host: string, port: number, own: number, branch: string): string {
  return [
    `OPTIONS sip:${host}:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${own};rport;branch=${branch}`,
    'Max-Forwards: 70',
    `From: <sip:rf-probe@${host}>;tag=${randomBytes(4).toString('hex')}`,
    `To: <sip:${host}:${port}>`,
    `Call-ID: ${randomBytes(8).toString('hex')}`,
    'CSeq: 1 OPTIONS',
    `Contact: <sip:probe@${host}:${own}>`,
    'User-Agent: Ringfleet probe',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
