import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AsteriskInstallation } from '../agent/asterisk/installation.ts';
import { credentialsName, endpointId } from '../core/names.ts';
import type { Clock } from '../runtime/clock.ts';
import type { DirectoryPbx } from './pbx.ts';
import { mutualCall } from './phones/mutual-call.ts';
import { type Phone, PhoneBank } from './phones/phone-bank.ts';

/** `up --demo`: two phones register, one calls the other, and each must hear the other's tone. */
export interface DemoOptions {
  readonly installation: AsteriskInstallation;
  readonly address: string;
  readonly sipPort: number;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}

const TONES = [440, 620] as const;

export async function runDemo(pbx: DirectoryPbx, options: DemoOptions): Promise<number> {
  const { installation, address, sipPort, clock, say } = options;
  const bank = new PhoneBank({
    installation,
    directory: await mkdtemp(join(tmpdir(), 'ringfleet-phones-')),
    address,
    sipPort: sipPort + 1_000,
    managerPort: sipPort + 11_000,
    rtp: { start: 24_000, end: 24_200 },
    clock,
  });
  try {
    await bank.start();
    const [caller, callee] = await twoPhones(pbx, bank, options);
    if (!caller || !callee) {
      say('The demo needs two users who are Ready');
      return 1;
    }
    await mutualCall(caller, callee, say);
    return 0;
  } catch (error) {
    say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await bank.stop();
  }
}

async function twoPhones(pbx: DirectoryPbx, bank: PhoneBank, { address, sipPort, say }: DemoOptions): Promise<Phone[]> {
  const organization = pbx.snapshot?.organizations[0]?.metadata.name ?? '';
  const phones: Phone[] = [];
  for (const user of pbx.snapshot?.objects.SipUser ?? []) {
    const password = pbx.snapshot?.secrets.get(credentialsName(user.metadata.name))?.data['password'];
    const hz = TONES[phones.length];
    if (!password || hz === undefined) continue;
    const username = endpointId(organization, user.spec.extension);
    const phone = await bank.add({ name: user.spec.extension, username, password, server: address, port: sipPort, hz });
    await phone.registered();
    say(`${username} registered at ${address}:${sipPort}`);
    phones.push(phone);
  }
  return phones;
}
