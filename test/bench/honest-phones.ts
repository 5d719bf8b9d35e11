import { once } from 'node:events';
import { connect } from 'node:net';
import { systemClock } from '../../src/runtime/clock.ts';
import { authorization, type Dialog, type Identity, SipClient } from '../calls/sip.ts';
import { codeOf, headerOf, packet } from './packet.ts';

/** Phones that do what phones do, every 0.4 s, and note whether they were served. */
export const ASKS = ['REGISTER', 'REGISTER over TCP', 'call', '112'] as const;
export type Ask = (typeof ASKS)[number];
export const PHASES = ['before', 'during', 'after'] as const;
export type Phase = (typeof PHASES)[number];

export interface Served {
  asked: number;
  served: number;
  /** Of those served, milliseconds. */
  readonly times: number[];
  /** How often by the answer of those not served; 0: none in time. */
  readonly refusals: Record<number, number>;
}

export interface Accounts {
  readonly caller: Identity;
  readonly callee: Identity;
  readonly walker: Identity;
  /** Over TCP. */
  readonly other: Identity;
}

const EVERY_MS = 400;
/** Somebody who dials waits so long; it is said again meanwhile, as phones do. */
const PATIENCE_MS = 4_000;
const ADDRESS = '127.0.0.4';

type Clients = Readonly<Record<'caller' | 'callee' | 'walker', SipClient>>;

export class HonestPhones {
  phase: Phase = 'before';
  readonly #served = new Map<string, Served>();
  readonly #port: number;
  readonly #accounts: Accounts;
  readonly #clients: Clients;

  private constructor(port: number, accounts: Accounts, clients: Clients) {
    this.#port = port;
    this.#accounts = accounts;
    this.#clients = clients;
  }

  static async open(port: number, accounts: Accounts): Promise<HonestPhones> {
    const [caller, callee, walker] = [await open(port), await open(port), await open(port)];
    callee.reply = () => ({ code: 200, sdp: true });
    const { final } = await callee.register(accounts.callee.username, { auth: accounts.callee, expires: 3_600 });
    if (final.code !== 200) throw new Error(`A phone cannot register: ${final.start}`);
    return new HonestPhones(port, accounts, { caller, callee, walker });
  }

  served(ask: Ask, phase: Phase): Served {
    const key = `${ask} ${phase}`;
    const known = this.#served.get(key) ?? { asked: 0, served: 0, times: [], refusals: {} };
    this.#served.set(key, known);
    return known;
  }

  /** Until the signal: each kind by itself, one after the other. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(ASKS.map(ask => this.#again(ask, signal)));
  }

  async #again(ask: Ask, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const noted = this.served(ask, this.phase);
      const begun = systemClock.monotonic();
      noted.asked++;
      const code = await this.#ask(ask).catch(() => 0);
      const took = systemClock.monotonic() - begun;
      if (code === 200) {
        noted.served++;
        noted.times.push(took);
      } else noted.refusals[code] = (noted.refusals[code] ?? 0) + 1;
      await systemClock.sleep(Math.max(0, EVERY_MS - took), signal).catch(() => undefined); // the end
    }
  }

  async #ask(ask: Ask): Promise<number> {
    const { walker, other } = this.#accounts;
    if (ask === 'REGISTER over TCP') return registerOverTcp(other, this.#port);
    if (ask === 'REGISTER') {
      const answer = await this.#clients.walker.register(walker.username, { auth: walker, deadlineMs: PATIENCE_MS });
      return answer.final.code;
    }
    const { code, dialog } = await this.#call(ask === 'call' ? '1002' : ask);
    await this.#clients.caller.hangUp(dialog);
    return code;
  }

  async #call(number: string): Promise<{ code: number; dialog: Dialog | undefined }> {
    const { caller } = this.#accounts;
    const options = { from: caller.username, auth: caller, deadlineMs: PATIENCE_MS };
    const { final, dialog } = await this.#clients.caller.request('INVITE', number, options);
    return { code: final.code, dialog };
  }

  /** As many calls as that, up until what is returned is called. */
  async hold(count: number): Promise<() => Promise<void>> {
    const dialogs: (Dialog | undefined)[] = [];
    while (dialogs.length < count) dialogs.push((await this.#call('1002')).dialog);
    return async () => {
      for (const dialog of dialogs) await this.#clients.caller.hangUp(dialog);
    };
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#clients).map(client => client.close()));
  }
}

async function open(port: number): Promise<SipClient> {
  const client = await SipClient.open(port, ADDRESS);
  client.patient = true;
  return client;
}

/** A final answer, whole, in what came on a connection. */
const FINAL = /^SIP\/2\.0 [2-6][\s\S]*?\r\n\r\n/m;

/** The final code of a REGISTER on a connection of its own. */
async function registerOverTcp(account: Identity, port: number): Promise<number> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const socket = connect({ host: '127.0.0.1', port, localAddress: ADDRESS });
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
  });
  try {
    await once(socket, 'connect', { signal });
    const uri = `sip:127.0.0.1:${port}`;
    const own = `sip:${account.username}@127.0.0.1`;
    const callId = `${socket.localPort}-${systemClock.now()}`;
    const ask = async (sequence: number, headers: Record<string, string>): Promise<string> => {
      const at = { transport: 'TCP', address: ADDRESS, port: socket.localPort ?? 0 } as const;
      const more = { callId, sequence, headers: { Expires: '60', ...headers } };
      heard = '';
      socket.write(packet({ method: 'REGISTER', uri, from: own, to: own, ...at, ...more }));
      for (;;) {
        const answer = FINAL.exec(heard)?.[0]; // a NOTIFY may come before it
        if (answer) return answer;
        await once(socket, 'data', { signal });
      }
    };
    const first = await ask(1, {});
    const challenge = headerOf(first, 'WWW-Authenticate');
    if (!challenge) return codeOf(first);
    return codeOf(await ask(2, { Authorization: authorization(challenge, 'REGISTER', uri, account) }));
  } finally {
    socket.destroy();
  }
}
