import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Clock, until } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { type AmiAddress, AmiClient } from '../ami/client.ts';
import { baseFiles, placesIn } from '../asterisk/base-files.ts';
import type { AsteriskInstallation } from '../asterisk/installation.ts';
import { MessagesLog } from '../asterisk/messages-log.ts';
import { startAsterisk } from '../asterisk/process.ts';
import { readBack } from './read-back.ts';
import type { AssembledFile } from './sections.ts';

/**
 * The restart check: boots a throw-away Asterisk with the same files and returns what it loaded. No carrier and no phone
 * sees a packet of it: it has transports on free ports of loopback, a state directory of its own, no registrations, no
 * qualify and no mail.
 */
export interface BootResult {
  /** It answered, and had its transports. */
  readonly booted: boolean;
  /** The log is complete. */
  readonly heard: boolean;
  readonly loaded: ReadonlyMap<string, ReadonlySet<string>>;
  readonly log: string;
}

export interface CheckOptions {
  /** Directory for it, on a disk and not in memory. */
  readonly scratch: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const NOT_BOOTED = { booted: false, heard: false, loaded: new Map(), log: '' };
const BOOT_DEADLINE_MS = 20_000;
const PORT_TRIES = 20;
/** The transports are made for the check. If one is missing, another process took its port: the configuration is not the cause. */
export const DISTURBED = /type 'transport'/;

export async function bootCheck(
  files: ReadonlyMap<string, AssembledFile>,
  installation: AsteriskInstallation,
  { scratch, clock, log }: CheckOptions,
): Promise<BootResult> {
  const root = join(scratch, `boot-check-${randomBytes(4).toString('hex')}`);
  const places = placesIn(root);
  await Promise.all(Object.values(places).map(path => mkdir(path, { recursive: true })));
  const [managerPort, sipPort] = [await freePort(), await freePort()];
  const secret = randomBytes(16).toString('hex');
  const silent = silenced(files, sipPort);
  const own = baseFiles(places, installation, { port: managerPort, username: 'agent', secret });
  await Promise.all(
    [...silent, ...own].map(([name, text]) => writeFile(join(places.config, name), text, { mode: 0o600 })),
  );
  const child = startAsterisk(installation, places);
  try {
    const gone = child.exited.then(() => NOT_BOOTED);
    const messages = new MessagesLog(places, clock, log);
    // if it booted but does not answer, it did not load what it should
    const asked = askWhenBooted({ port: managerPort, username: 'agent', secret }, messages, clock).catch(
      () => NOT_BOOTED,
    );
    const result = await Promise.race([asked, gone]);
    return { ...result, booted: result.booted && !DISTURBED.test(result.log) };
  } finally {
    child.kill();
    await child.exited;
    // a directory that cannot be removed now is removed when the agent starts again
    await rm(root, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

async function askWhenBooted(address: AmiAddress, messages: MessagesLog, clock: Clock): Promise<BootResult> {
  const client = await until(
    'the boot check to answer',
    () => AmiClient.connect(address, clock).catch(() => undefined),
    {
      clock,
      deadlineMs: BOOT_DEADLINE_MS,
      everyMs: 25,
    },
  ).catch(() => undefined);
  if (!client) return NOT_BOOTED;
  try {
    await until(
      'the boot check to be booted',
      async () => ((await client.command('core waitfullybooted')).includes('fully booted') ? true : undefined),
      {
        clock,
        deadlineMs: BOOT_DEADLINE_MS,
      },
    );
    const loaded = await readBack(client);
    const { text, whole } = await messages.since(0, client);
    return { booted: true, heard: whole, loaded, log: text };
  } finally {
    client.close();
  }
}

/** Changes files so that Asterisk sends nothing. All else stays, so that the check is about the real files. */
function silenced(files: ReadonlyMap<string, AssembledFile>, sipPort: number): Map<string, string> {
  const texts = new Map([...files].map(([name, { text }]) => [name, text]));
  texts.set(
    'pjsip_transport.conf',
    `[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:${sipPort}\n[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:${sipPort}\n`,
  );
  texts.set('pjsip_registration.conf', '; silent\n');
  const aors = texts.get('pjsip_aor.conf');
  if (aors !== undefined) texts.set('pjsip_aor.conf', aors.replace(/^qualify_frequency=.*$/gm, 'qualify_frequency=0'));
  return texts;
}

/** A port of loopback that is free for both TCP and UDP: an own connection to the manager may use a TCP port. */
async function freePort(): Promise<number> {
  for (let tries = 0; ; tries++) {
    const socket = createSocket('udp4');
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    const free = await listens(port);
    await new Promise<void>(resolve => socket.close(() => resolve()));
    if (free || tries >= PORT_TRIES) return port;
  }
}

async function listens(port: number): Promise<boolean> {
  const server = createServer();
  const could = await new Promise<boolean>(resolve => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
  if (could) await new Promise(resolve => server.close(resolve));
  return could;
}
