import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { AmiMessage } from '../../agent/ami/client.ts';
import { until } from '../../runtime/clock.ts';
import { Call } from './call.ts';
import { SideAsterisk, type SideOptions } from './side-asterisk.ts';

/**
 * Real phones for demos and tests: one Asterisk that registers as many users as wanted, calls, answers, sends a tone
 * and records what it hears. Each phone has a tone of its own, by which the others recognise it.
 */
export interface PhoneAccount {
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly server: string;
  readonly port: number;
  readonly transport?: 'udp' | 'tcp';
  /** Frequency that this phone sends while a call is up. */
  readonly hz: number;
}

export interface IncomingCall {
  readonly call: Call;
  readonly from: { readonly number: string; readonly name: string };
}

type Manner = 'answer' | 'ring' | 'busy' | 'decline';

const DIALPLAN = `[general]
static=yes
[globals]
[incoming]
exten => _[+*#0-9A-Za-z]!,1,Set(PHONE=\${CHANNEL(endpoint)})
 same => n,Goto(manner-\${GLOBAL(MANNER_\${PHONE})},s,1)
exten => s,1,Goto(incoming,0,1)
[manner-answer]
exten => s,1,Ringing()
 same => n,Wait(0.2)
 same => n,Goto(talk,s,1)
[manner-ring]
exten => s,1,Ringing()
 same => n,Wait(120)
[manner-busy]
exten => s,1,Hangup(17)
[manner-decline]
exten => s,1,Hangup(21)
[talk]
exten => s,1,Set(PHONE=\${IF($["\${PHONE}" = ""]?\${CHANNEL(endpoint)}:\${PHONE})})
 same => n,MixMonitor(\${HEARD}/\${UNIQUEID}.both.sln48,r(\${HEARD}/\${UNIQUEID}.sln48))
 same => n,ExecIf($["\${DIALLED}" = ""]?Answer())
 same => n,Playtones(\${GLOBAL(HZ_\${PHONE})})
 same => n,Wait(600)
`;

export class PhoneBank {
  readonly side: SideAsterisk;
  readonly #accounts = new Map<string, PhoneAccount>();
  readonly #arrived: { phone: string; incoming: IncomingCall }[] = [];

  constructor(options: SideOptions) {
    this.side = new SideAsterisk(options);
  }

  async start(): Promise<void> {
    await this.side.start(
      new Map([
        ...this.#files(),
        ['extensions.conf', DIALPLAN.replace('[globals]', `[globals]\nHEARD=${this.side.places.spool}`)],
      ]),
    );
    this.side.client.onEvent(event => this.#note(event));
  }

  /** Unregisters all phones, so that the PBX does not ring addresses without a phone. */
  async stop(): Promise<void> {
    for (const name of this.#accounts.keys())
      await this.side.client.action('PJSIPUnregister', { Registration: name }).catch(() => undefined);
    const { clock } = this.side.options;
    const gone = async (): Promise<true | undefined> => {
      return [...(await this.#states()).values()].includes('Registered') ? undefined : true;
    };
    // A PBX that has ended already does not confirm it.
    await until('all phones to be unregistered', gone, { clock, deadlineMs: 1_000 }).catch(() => undefined);
    await this.side.remove();
  }

  /** Adds a phone, or changes its account; it starts to register at once. */
  async add(account: PhoneAccount, manner: Manner = 'answer'): Promise<Phone> {
    this.#accounts.set(account.name, account);
    await this.#apply();
    const phone = new Phone(this, account);
    await phone.setManner(manner);
    await this.side.client.action('Setvar', { Variable: `HZ_${account.name}`, Value: String(account.hz) });
    return phone;
  }

  /** Unregisters a phone and forgets it. */
  async remove(name: string): Promise<void> {
    await this.side.client.action('PJSIPUnregister', { Registration: name });
    const registered = async (): Promise<true | undefined> =>
      (await this.#states()).get(name) === 'Registered' ? undefined : true;
    await until(`${name} to be unregistered`, registered, { clock: this.side.options.clock, deadlineMs: 5_000 });
    this.#accounts.delete(name);
    await this.#apply();
  }

  async dial(phone: string, number: string): Promise<Call> {
    const id = randomUUID();
    const call = new Call(this.side, id, this.#heardFile(id));
    await this.side.client.action('Originate', {
      Channel: `PJSIP/${phone}/sip:${number}@${this.#server(phone)}`,
      ChannelId: id,
      Context: 'talk',
      Exten: 's',
      Priority: '1',
      Async: 'true',
      EarlyMedia: 'true',
      Timeout: '120000',
      Variable: `PHONE=${phone},DIALLED=1`, // an answer of ours would make early media look like theirs
    });
    return call;
  }

  /** The next call that reaches a phone; one that arrived before counts. */
  async incoming(phone: string, deadlineMs: number): Promise<IncomingCall> {
    return until(
      `a call to reach ${phone}`,
      () => {
        const place = this.#arrived.findIndex(one => one.phone === phone);
        return place < 0 ? undefined : this.#arrived.splice(place, 1)[0]?.incoming;
      },
      { clock: this.side.options.clock, deadlineMs, everyMs: 20 },
    );
  }

  /** Forgets calls that arrived and were not asked for. */
  forget(phone: string): void {
    for (let place = this.#arrived.length - 1; place >= 0; place--)
      if (this.#arrived[place]?.phone === phone) this.#arrived.splice(place, 1);
  }

  async state(name: string): Promise<string> {
    return (await this.#states()).get(name) ?? 'None';
  }

  async #states(): Promise<Map<string, string>> {
    const rows = await this.side.client.list('PJSIPShowRegistrationsOutbound');
    const own = rows.filter(row => row['Event'] === 'OutboundRegistrationDetail'); // its auth is a row too
    return new Map(own.map(row => [row['ObjectName'] ?? '', row['Status'] ?? '']));
  }

  #server(phone: string): string {
    const account = this.#accounts.get(phone);
    if (!account) throw new Error(`There is no phone ${phone}`);
    return `${account.server}:${account.port}${account.transport === 'tcp' ? ';transport=tcp' : ''}`;
  }

  #heardFile(id: string): string {
    return join(this.side.places.spool, `${id}.sln48`);
  }

  #note(event: AmiMessage): void {
    if (event['Event'] !== 'Newchannel' || event['Context'] !== 'incoming') return;
    const phone = /^PJSIP\/(.+)-[0-9a-f]+$/.exec(event['Channel'] ?? '')?.[1];
    const id = event['Uniqueid'] ?? '';
    if (!phone) return;
    const call = new Call(this.side, id, this.#heardFile(id));
    call.channel = event['Channel'] ?? '';
    this.#arrived.push({
      phone,
      incoming: { call, from: { number: event['CallerIDNum'] ?? '', name: event['CallerIDName'] ?? '' } },
    });
  }

  async #apply(): Promise<void> {
    await this.side.write(this.#files());
    await this.side.client.action('Reload', { Module: 'res_pjsip.so' });
  }

  #files(): Map<string, string> {
    const { address, sipPort } = this.side.options;
    const transport = (protocol: string): string =>
      `[${protocol}]\ntype=transport\nprotocol=${protocol}\nbind=${address}:${sipPort}\n`;
    const global = '[global]\ntype=global\nuser_agent=Ringfleet phone\nendpoint_identifier_order=username,anonymous\n';
    // The PBX sends OPTIONS to phones; a phone answers them from anybody.
    const anyone = '[anonymous]\ntype=endpoint\ncontext=nobody\nallow=!all,alaw\n';
    return new Map([
      [
        'pjsip.conf',
        [global, anyone, transport('udp'), transport('tcp'), ...[...this.#accounts.values()].map(account)].join('\n'),
      ],
    ]);
  }
}

function account({ name, username, password, server, port, transport = 'udp' }: PhoneAccount): string {
  const uri = `sip:${server}:${port}${transport === 'tcp' ? '\\;transport=tcp' : ''}`;
  return `[${name}]
type=auth
auth_type=digest
username=${username}
password=${password}
[${name}]
type=aor
[${name}]
type=endpoint
transport=${transport}
context=incoming
allow=!all,alaw,ulaw
outbound_auth=${name}
aors=${name}
from_user=${username}
from_domain=${server}
direct_media=no
dtmf_mode=rfc4733
trust_id_inbound=yes
[${name}]
type=registration
transport=${transport}
endpoint=${name}
line=yes
outbound_auth=${name}
server_uri=${uri}
client_uri=sip:${username}@${server}:${port}
contact_user=${name}
expiration=120
retry_interval=2
forbidden_retry_interval=2
fatal_retry_interval=2
auth_rejection_permanent=no
max_retries=100000
max_random_initial_delay=0
`;
}

export class Phone {
  readonly account: PhoneAccount;
  readonly #bank: PhoneBank;

  constructor(bank: PhoneBank, account: PhoneAccount) {
    this.#bank = bank;
    this.account = account;
  }

  /** How it treats the next calls. */
  async setManner(manner: Manner): Promise<void> {
    await this.#bank.side.client.action('Setvar', { Variable: `MANNER_${this.account.name}`, Value: manner });
  }

  registration(): Promise<string> {
    return this.#bank.state(this.account.name);
  }

  async registered(deadlineMs = 10_000): Promise<void> {
    await this.#becomes('Registered', deadlineMs);
  }

  async refused(deadlineMs = 10_000): Promise<void> {
    await this.#becomes('Rejected', deadlineMs);
  }

  call(number: string): Promise<Call> {
    return this.#bank.dial(this.account.name, number);
  }

  incoming(deadlineMs = 10_000): Promise<IncomingCall> {
    return this.#bank.incoming(this.account.name, deadlineMs);
  }

  async #becomes(state: string, deadlineMs: number): Promise<void> {
    const { clock } = this.#bank.side.options;
    await until(
      `${this.account.name} to be ${state}`,
      async () => ((await this.registration()) === state ? true : undefined),
      { clock, deadlineMs, everyMs: 50 },
    );
  }
}
