import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { systemClock, until } from '../runtime/clock.ts';
import { createLogger } from '../runtime/log.ts';
import { findAsterisk } from '../standalone/asterisk/find.ts';
import { runDemo } from '../standalone/demo.ts';
import { DirectoryPbx } from '../standalone/pbx.ts';
import { printQr } from '../standalone/qr.ts';
import { MANAGER_ABOVE_SIP, portInUse, whyNotStartable } from '../standalone/startable.ts';
import { printTable, registrationChanges } from '../standalone/table.ts';
import { examples } from './frame/examples.ts';
import type { Verb } from './frame/invocation.ts';

/** `up`: a telephone system from a directory of manifests, on this machine. */
export const up: Verb = (program, { name, directory: given }, act) => {
  program
    .command('up')
    .description('run the telephone system of a directory of manifests on this machine')
    .argument(
      given === undefined ? '<directory>' : '[directory]',
      'directory with Organization, SipUser, Trunk … manifests',
      given,
    )
    .option('--demo', 'start two phones, let one call the other, check that each hears the other, exit 0 or 1')
    .option('--qr [user]', 'show a QR code for each user, or for one')
    .option('--address <address>', 'IP address that phones use (default: the first one of this machine)')
    .option('--port <port>', 'SIP port', '5060')
    .addHelpText('after', examples(name, [['up config/samples/hotel --demo', 'two phones call each other, and tell']]))
    .action(act(serve));
};

interface UpOptions {
  readonly demo?: boolean;
  readonly qr?: string | boolean;
  readonly address?: string;
  readonly port: string;
}

const CTRL_C_DRAIN_MS = 3_600_000;
const INTERRUPTED = 130;

async function serve(directory: string, options: UpOptions): Promise<number> {
  const say = (line: string): void => console.log(line);
  const log = createLogger('up', process.env['RINGFLEET_LOG_LEVEL'] ?? 'fatal');
  const stop = new AbortController();
  const sipPort = Number(options.port);
  const obstacle = await whyNotStartable(resolve(directory), sipPort);
  if (obstacle !== undefined) {
    say(obstacle);
    return 1;
  }
  const installation = await findAsterisk(say, stop.signal);
  const inUse = await portInUse(sipPort);
  if (inUse !== undefined) {
    say(inUse);
    return 1;
  }
  const uninterrupted = exitWhenInterrupted();
  const address = options.address ?? (options.demo ? '127.0.0.1' : ownAddress());
  const pbx = await DirectoryPbx.create({
    directory: resolve(directory),
    installation,
    address,
    sipPort,
    managerPort: sipPort + MANAGER_ABOVE_SIP,
    clock: systemClock,
    log,
    say,
  });
  const running = pbx.run(stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  const failed = running.then(() => undefined);
  const ready = until('Asterisk to serve', () => (pbx.report.ready && pbx.report.bundle.loaded ? true : undefined), {
    deadlineMs: 60_000,
  });
  await Promise.race([ready, failed]);
  printTable(pbx, say);
  if (options.qr) await printQr(pbx, typeof options.qr === 'string' ? options.qr : undefined, say);
  try {
    if (options.demo) return await runDemo(pbx, { installation, address, sipPort, clock: systemClock, say });
    uninterrupted();
    await serveUntilInterrupted(pbx, say, failed);
    return 0;
  } finally {
    stop.abort();
    await running;
  }
}

async function serveUntilInterrupted(
  pbx: DirectoryPbx,
  say: (line: string) => void,
  failed: Promise<undefined>,
): Promise<void> {
  registrationChanges(pbx, say);
  say('Edits in the directory apply at once. Ctrl-C waits for calls to end; a second one ends them.');
  await Promise.race([interrupted(), failed]);
  const hurry = new AbortController();
  const { calls } = pbx.report;
  if (calls > 0) say(`Waiting for ${calls} call${calls === 1 ? '' : 's'} to end; Ctrl-C again ends them`);
  const drained = pbx.drain(CTRL_C_DRAIN_MS, hurry.signal).catch(() => undefined);
  await Promise.race([drained, interrupted().then(() => hurry.abort())]);
  say('Stopped');
}

/** Until the command handles signals itself, they end the process at once, and every Asterisk that it started. */
function exitWhenInterrupted(): () => void {
  const exit = (): never => process.exit(INTERRUPTED);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, exit);
  return () => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, exit);
  };
}

function interrupted(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

/** The first address that other machines can reach, or loopback. */
function ownAddress(): string {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const one of addresses ?? []) if (one.family === 'IPv4' && !one.internal) return one.address;
  }
  return '127.0.0.1';
}
