import { mkdtemp, readFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../runtime/clock.ts';
import { firstOf, waysOf } from '../asterisk/find.ts';
import { mutualCall } from './mutual-call.ts';
import { type PhoneAccount, PhoneBank } from './phone-bank.ts';

/**
 * `helm test` of a tenant, in a pod of the PBX's image: `phones FOLDER FOLDER`, each a mounted Secret that says how a phone
 * logs in. One calls the other, and exit 0 means that they heard each other.
 */
const TONES = [440, 620] as const;
const SIP_PORT = 5060;
const MANAGER_PORT = 5038;
const RTP = { start: 24_000, end: 24_200 };
/** The users were made a moment ago: the PBX may not know them yet. */
const REGISTERED_WITHIN_MS = 90_000;

const say = (line: string): void => console.log(line);

async function account(folder: string, hz: number): Promise<PhoneAccount> {
  const read = (key: string): Promise<string> => readFile(join(folder, key), 'utf8');
  const [username, password, server, port] = await Promise.all(['username', 'password', 'server', 'port'].map(read));
  if (!username || !password || !server) throw new Error(`${folder} does not say how a phone logs in`);
  const name = username.slice(username.lastIndexOf('_') + 1);
  return { name, username, password, server, port: Number(port), hz };
}

async function main(caller: string, callee: string): Promise<void> {
  const bank = new PhoneBank({
    installation: await firstOf(waysOf('path'), say),
    directory: await mkdtemp(join(tmpdir(), 'ringfleet-phones-')),
    address: process.env['POD_IP'] ?? hostname(),
    sipPort: SIP_PORT,
    managerPort: MANAGER_PORT,
    rtp: RTP,
    clock: systemClock,
  });
  try {
    await bank.start();
    const accounts = [await account(caller, TONES[0]), await account(callee, TONES[1])] as const;
    const [first, second] = [await bank.add(accounts[0]), await bank.add(accounts[1])];
    for (const phone of [first, second]) {
      const { username, server, port } = phone.account;
      await phone.registered(REGISTERED_WITHIN_MS);
      say(`${username} registered at ${server}:${port}`);
    }
    await mutualCall(first, second, say);
  } finally {
    await bank.stop();
  }
}

const [caller, callee] = process.argv.slice(2);
if (caller === undefined || callee === undefined) {
  console.error('usage: phones FOLDER FOLDER');
  process.exit(2);
}
await main(caller, callee).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
process.exit();
