import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { Rig, type RigOptions } from '../rig.ts';
import { type RequestOptions, SipClient, type SipMessage } from '../sip.ts';

/**
 * A house to be attacked: jane may call the world, zoe may call inside only, and the carrier hears everything that
 * leaves. Phones and carrier say what a test tells them to.
 */
export const OUTSIDE = '00442079460000';

export class House {
  readonly rig: Rig;
  readonly port: number;
  readonly carrier: SipClient;
  readonly #phones = new Map<string, SipClient>();

  private constructor(rig: Rig, port: number, carrier: SipClient) {
    this.rig = rig;
    this.port = port;
    this.carrier = carrier;
  }

  static async open({ users = {}, numbers = {}, ...more }: RigOptions = {}): Promise<House> {
    const port = await freePorts();
    const carrier = await SipClient.open(port, '127.0.0.5', port + 30);
    const rig = await Rig.start(port, {
      users: {
        jane: { extension: '1001', fullName: 'Jane Roe' },
        john: { extension: '1002', fullName: 'John Doe' },
        zoe: {
          extension: '1003',
          permissions: { dial: ['Internal'] },
          voicemail: { enabled: false },
          sip: { address: 'zoe.reception', maxContacts: 1, qualifySeconds: 0, nat: { rewriteContact: false } },
        },
        ...users,
      },
      numbers: { main: { number: '+914412345678', destination: { user: { name: 'john' } } }, ...numbers },
      trunks: { raw: { servers: [{ name: 'a', host: '127.0.0.5', port: port + 30 }], health: { optionsSeconds: 0 } } },
      ...more,
    });
    const house = new House(rig, port, carrier);
    for (const name of ['jane', 'john', 'zoe']) await house.enter(name);
    return house;
  }

  /** A phone of a user, registered. */
  async enter(name: string): Promise<SipClient> {
    const phone = await SipClient.open(this.port);
    this.#phones.set(name, phone);
    const auth = this.rig.credentials(name);
    await phone.register(auth.username, { auth });
    return phone;
  }

  phone(name: string): SipClient {
    const found = this.#phones.get(name);
    if (!found) throw new Error(`There is no phone ${name}`);
    return found;
  }

  dial(name: string, number: string, options: Partial<RequestOptions> = {}) {
    const auth = this.rig.credentials(name);
    return this.phone(name).request('INVITE', number, { from: auth.username, auth, ...options });
  }

  /** A call of the carrier, which needs no credentials: its address is known. */
  inbound(user: string, options: Partial<RequestOptions> = {}) {
    return this.carrier.request('INVITE', user, { from: '+442079460000', ...options });
  }

  /** What left for the world. */
  get left(): SipMessage[] {
    return invites(this.carrier);
  }

  rang(name: string): SipMessage[] {
    return invites(this.phone(name));
  }

  /** Ends all calls; everybody forgets what came, and declines from now on. */
  async quiet(): Promise<void> {
    await this.rig.hush();
    for (const client of [this.carrier, ...this.#phones.values()]) {
      client.received.length = 0;
      client.mute.clear();
      client.reply = () => ({ code: 486 });
    }
  }

  /** The value of a variable or function of Asterisk. */
  async value(expression: string): Promise<string> {
    const answer = await this.rig.pbx.agent.client?.action('Getvar', { Variable: expression });
    return answer?.['Value'] ?? '';
  }

  /** Waits until no call is up; the one that is looked for must have been refused or over by then. */
  async silent(deadlineMs = 10_000): Promise<void> {
    const none = async (): Promise<true | undefined> =>
      ((await this.rig.pbx.agent.client?.command('core show channels count')) ?? '').includes('0 active channels') ||
      undefined;
    await until('no call to be up', none, { deadlineMs, everyMs: 20 });
  }

  async close(): Promise<void> {
    await this.rig.stop();
    await Promise.all([this.carrier, ...this.#phones.values()].map(client => client.close()));
  }
}

export function invites(client: SipClient): SipMessage[] {
  return client.received.filter(({ method }) => method === 'INVITE');
}

export function invited(client: SipClient, what: string): Promise<SipMessage> {
  return until(`a call to reach ${what}`, () => invites(client)[0], { deadlineMs: 15_000, everyMs: 10 });
}
