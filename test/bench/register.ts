import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Clock, systemClock } from '../../src/runtime/clock.ts';

/**
 * A phone that does nothing but register: REGISTER over UDP with digest (MD5), one request after the other. No phone and
 * no Asterisk in the way of what is measured.
 */
export interface Account {
  readonly username: string;
  readonly password: string;
  readonly domain: string;
  readonly server: string;
  readonly port: number;
}

/** After so long without an answer the request is lost: the pod is not there yet, or its queue is full. */
const ANSWER_MS = 250;

export class Registrar {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, (response: string) => void>();

  private constructor(socket: Socket, address: string, clock: Clock) {
    this.#socket = socket;
    this.#address = address;
    this.#clock = clock;
    socket.on('message', data => this.#take(data.toString()));
    socket.on('error', () => undefined); // nobody there yet: as good as no answer
  }

  static async open(address: string, clock: Clock = systemClock): Promise<Registrar> {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new Registrar(socket, address, clock);
  }

  close(): void {
    this.#socket.close();
  }

  /** The code of the final answer to one try, 401 answered with the password; 0: none. */
  async register(account: Account, expires = 60, answerMs = ANSWER_MS): Promise<number> {
    const callId = randomBytes(8).toString('hex');
    const first = await this.#ask(account, { callId, sequence: 1, expires }, answerMs);
    if (codeOf(first) !== 401) return codeOf(first);
    const authorization = answerTo(first, account);
    return codeOf(await this.#ask(account, { callId, sequence: 2, expires, authorization }, answerMs));
  }

  /** Tries until it is answered 200; returns when that was, by the monotonic clock. */
  async registered(
    account: Account,
    { deadlineMs = 60_000, everyMs = 10, answerMs = ANSWER_MS } = {},
  ): Promise<number> {
    const end = this.#clock.monotonic() + deadlineMs;
    let code = 0;
    while (this.#clock.monotonic() < end) {
      code = await this.register(account, 60, answerMs);
      if (code === 200) return this.#clock.monotonic();
      await this.#clock.sleep(everyMs);
    }
    throw new Error(`${account.username} was not registered in ${deadlineMs} ms: the last answer was ${code}`);
  }

  async #ask(
    { username, domain, server, port }: Account,
    request: { callId: string; sequence: number; expires: number; authorization?: string },
    answerMs: number,
  ): Promise<string> {
    const { port: own } = this.#socket.address();
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
    const lines = [
      `REGISTER sip:${domain} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#address}:${own};branch=${branch};rport`,
      'Max-Forwards: 70',
      `From: <sip:${username}@${domain}>;tag=${request.callId}`,
      `To: <sip:${username}@${domain}>`,
      `Call-ID: ${request.callId}`,
      `CSeq: ${request.sequence} REGISTER`,
      `Contact: <sip:${username}@${this.#address}:${own}>`,
      `Expires: ${request.expires}`,
      ...(request.authorization ? [`Authorization: ${request.authorization}`] : []),
      'Content-Length: 0',
    ];
    const answered = new AbortController();
    const answer = new Promise<string>(resolve => {
      this.#waiting.set(branch, resolve);
      this.#socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, server, error => error && resolve(''));
    });
    const late = this.#clock.sleep(answerMs, answered.signal).then(
      () => '',
      () => '', // answered in time
    );
    const response = await Promise.race([answer, late]);
    answered.abort();
    this.#waiting.delete(branch);
    return response;
  }

  #take(response: string): void {
    if (codeOf(response) < 200) return;
    const branch = /^(?:Via|v):.*branch=([^;\s]+)/im.exec(response)?.[1] ?? '';
    this.#waiting.get(branch)?.(response);
  }
}

function codeOf(response: string): number {
  return Number(/^SIP\/2\.0 (\d{3})/.exec(response)?.[1] ?? 0);
}

/** To the MD5 challenge among those that the answer has. */
function answerTo(response: string, { username, password, domain }: Account): string {
  const challenges = response.split('\r\n').filter(line => /^WWW-Authenticate:/i.test(line));
  const challenge = challenges.find(line => /algorithm=MD5/i.test(line)) ?? challenges[0] ?? '';
  const part = (name: string): string => new RegExp(`${name}="([^"]*)"`, 'i').exec(challenge)?.[1] ?? '';
  const [realm, nonce, opaque] = [part('realm'), part('nonce'), part('opaque')];
  const [cnonce, count, uri] = [randomBytes(8).toString('hex'), '00000001', `sip:${domain}`];
  const digest = md5(
    [md5(`${username}:${realm}:${password}`), nonce, count, cnonce, 'auth', md5(`REGISTER:${uri}`)].join(':'),
  );
  const said = { username, realm, nonce, uri, response: digest, cnonce, ...(opaque ? { opaque } : {}) };
  const quoted = Object.entries(said).map(([name, value]) => `${name}="${value}"`);
  return `Digest ${[...quoted, `nc=${count}`, 'qop=auth', 'algorithm=MD5'].join(', ')}`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
