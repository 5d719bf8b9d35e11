import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { AmiMessage } from '../../src/agent/ami/client.ts';
import { until } from '../../src/runtime/clock.ts';
import { Call } from '../../src/standalone/phones/call.ts';
import { SideAsterisk, type SideOptions } from '../../src/standalone/phones/side-asterisk.ts';

/** A real carrier: accepts the registration of a trunk, calls its numbers, takes its calls and keeps what they said. */
export interface CarrierAccount {
  readonly username: string;
  readonly password: string;
}

export interface TakenCall {
  readonly number: string;
  readonly from: string;
  readonly asserted: string;
  readonly call: Call;
}

export const CARRIER_HZ = 850;

const DIALPLAN = `[general]
static=yes
[globals]
[taken]
exten => _[+0-9]!,1,UserEvent(Taken,Number: \${EXTEN},From: \${CALLERID(num)},Asserted: \${PJSIP_HEADER(read,P-Asserted-Identity)},Id: \${UNIQUEID})
 same => n,GotoIf($["\${REFUSE}" != ""]?refuse)
 same => n,Goto(talk,s,1)
 same => n(refuse),Hangup(\${REFUSE})
[talk]
exten => s,1,MixMonitor(\${HEARD}/\${UNIQUEID}.both.sln48,r(\${HEARD}/\${UNIQUEID}.sln48))
 same => n,Answer()
 same => n,Playtones(${CARRIER_HZ})
 same => n,Wait(600)
`;

export class Carrier {
  readonly #options: SideOptions;
  readonly #account: CarrierAccount;
  readonly #taken: TakenCall[] = [];
  #side: SideAsterisk;

  constructor(options: SideOptions, account: CarrierAccount) {
    this.#options = options;
    this.#account = account;
    this.#side = new SideAsterisk(options);
  }

  async start(): Promise<void> {
    this.#side = new SideAsterisk(this.#options);
    await this.#side.start(
      new Map([
        ['pjsip.conf', this.#pjsip()],
        ['extensions.conf', DIALPLAN.replace('[globals]', `[globals]\nHEARD=${this.#side.places.spool}`)],
      ]),
    );
    this.#side.client.onEvent(event => this.#note(event));
  }

  /** Gone from one moment to the next, as carriers are. */
  async stop(): Promise<void> {
    await this.#side.stop();
  }

  async remove(): Promise<void> {
    await this.#side.remove();
  }

  /** Calls a number of the customer, as the carrier writes it. */
  async call(number: string, from: string): Promise<Call> {
    const contact = await until('the trunk to be registered at the carrier', () => this.#contact(), {
      deadlineMs: 15_000,
    });
    const id = randomUUID();
    const call = new Call(this.#side, id, join(this.#side.places.spool, `${id}.sln48`));
    await this.#side.client.action('Originate', {
      Channel: `PJSIP/${this.#account.username}/sip:${number}@${contact}`,
      ChannelId: id,
      Context: 'talk',
      Exten: 's',
      Priority: '1',
      Async: 'true',
      EarlyMedia: 'true',
      CallerID: `"" <${from}>`,
      Timeout: '60000',
    });
    return call;
  }

  /** The next call that the customer sends. */
  async takes(deadlineMs = 10_000): Promise<TakenCall> {
    return until('a call to reach the carrier', () => this.#taken.shift(), { deadlineMs, everyMs: 20 });
  }

  async refuseWith(cause: number | undefined): Promise<void> {
    await this.#side.client.action('Setvar', { Variable: 'REFUSE', Value: cause === undefined ? '' : String(cause) });
  }

  async #contact(): Promise<string | undefined> {
    const rows = await this.#side.client.list('PJSIPShowRegistrationInboundContactStatuses');
    return /@([0-9.]+:[0-9]+)/.exec(rows[0]?.['URI'] ?? '')?.[1];
  }

  #note(event: AmiMessage): void {
    if (event['Event'] !== 'UserEvent' || event['UserEvent'] !== 'Taken') return;
    const id = event['Id'] ?? '';
    const call = new Call(this.#side, id, join(this.#side.places.spool, `${id}.sln48`));
    call.channel = event['Channel'] ?? '';
    this.#taken.push({
      number: event['Number'] ?? '',
      from: event['From'] ?? '',
      asserted: event['Asserted'] ?? '',
      call,
    });
  }

  #pjsip(): string {
    const { address, sipPort } = this.#options;
    const { username, password } = this.#account;
    return `[global]
type=global
endpoint_identifier_order=auth_username,username
[udp]
type=transport
protocol=udp
bind=${address}:${sipPort}
[${username}]
type=auth
auth_type=digest
username=${username}
password=${password}
[${username}]
type=aor
max_contacts=1
remove_existing=yes
[${username}]
type=endpoint
identify_by=auth_username,username
context=taken
allow=!all,alaw,ulaw
auth=${username}
aors=${username}
direct_media=no
trust_id_inbound=yes
`;
  }
}
