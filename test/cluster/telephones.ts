import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/runtime/clock.ts';
import { findAsterisk } from '../../src/standalone/asterisk/find.ts';
import type { Call } from '../../src/standalone/phones/call.ts';
import { type Phone, PhoneBank } from '../../src/standalone/phones/phone-bank.ts';
import { Carrier, type CarrierAccount } from '../carrier/carrier.ts';
import { environment } from './environment.ts';
import type { Tenant } from './tenant.ts';

/** Phones and carriers outside the cluster, at addresses of their own, as they are in the world. */
const HZ = [440, 520, 620, 740, 1010, 1200, 1450, 1650];
/** Files run side by side in workers: each has two addresses and some ports of its own. */
const worker = Number(process.env['VITEST_POOL_ID'] ?? 1) - 1;
let sides = 0;

async function sideOptions(address: string) {
  const number = sides++;
  return {
    installation: await findAsterisk(line => console.log(line)),
    directory: await mkdtemp(join(tmpdir(), 'ringfleet-side-')),
    address,
    sipPort: 5060 + 10 * number,
    managerPort: 15_038 + worker * 20 + number,
    rtp: { start: 20_000 + (worker * 8 + number) * 400, end: 20_390 + (worker * 8 + number) * 400 },
    clock: systemClock,
  };
}

/** A call, at both of its ends. */
export interface Conversation {
  readonly from: Phone;
  readonly to: Phone;
  readonly out: Call;
  readonly inbound: Call;
}

/** Each hears the other now, whatever was heard before. */
export async function bothHear({ from, to, out, inbound }: Conversation): Promise<void> {
  await Promise.all([out.listen(1_000), inbound.listen(1_000)]);
  await out.hears(to.account.hz);
  await inbound.hears(from.account.hz);
}

export class Telephones {
  readonly bank: PhoneBank;
  #count = 0;

  private constructor(bank: PhoneBank) {
    this.bank = bank;
  }

  static async start(): Promise<Telephones> {
    const address = environment().addresses[worker * 2] ?? '127.0.0.1';
    const bank = new PhoneBank(await sideOptions(address));
    await bank.start();
    return new Telephones(bank);
  }

  /** A phone of a user, set up with what her Secret says. */
  async phone(
    tenant: Tenant,
    user: string,
    change: Partial<{
      name: string;
      username: string;
      password: string;
      server: string;
      transport: 'udp' | 'tcp';
    }> = {},
  ): Promise<Phone> {
    const { username = '', password = '', server = '', port } = await tenant.credentials(user);
    const hz = HZ[this.#count++ % HZ.length] ?? 440;
    const name = `${tenant.name}-${user}`;
    return this.bank.add({ name, username, password, server, port: Number(port), hz, ...change });
  }

  async registered(tenant: Tenant, user: string): Promise<Phone> {
    const phone = await this.phone(tenant, user);
    await phone.registered(30_000);
    return phone;
  }

  /** One calls the other, who answers; the caller hears her already. */
  async talk(tenant: Tenant, caller = 'jane', called = 'john'): Promise<Conversation> {
    const [from, to] = [await this.registered(tenant, caller), await this.registered(tenant, called)];
    this.bank.forget(to.account.name);
    const { spec } = await tenant.get('sipuser', called);
    const out = await from.call(spec.extension);
    const { call: inbound } = await to.incoming();
    await out.answered();
    await out.hears(to.account.hz);
    return { from, to, out, inbound };
  }

  stop(): Promise<void> {
    return this.bank.stop();
  }
}

/** The address is told to trunks; start it before them or after, as carriers do. */
export async function makeCarrier(account: CarrierAccount): Promise<{ carrier: Carrier; host: string; port: number }> {
  const host = environment().addresses[worker * 2 + 1] ?? '127.0.0.1';
  const options = await sideOptions(host);
  return { carrier: new Carrier(options, account), host, port: options.sipPort };
}
