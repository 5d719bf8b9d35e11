import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MEMORY } from '../api/pod-files.ts';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/log.ts';
import { Agent } from './agent.ts';
import { serveApi } from './api-server.ts';
import type { Places } from './asterisk/base-files.ts';
import { knownCredentials } from './asterisk/credentials.ts';
import { fingerprint } from './asterisk/fingerprint.ts';
import { IMAGE_INSTALLATION } from './asterisk/installation.ts';
import { memoryOfContainer } from './live/memory-figure.ts';
import { Drainer } from './operations/drainer.ts';
import { preStop } from './operations/pre-stop.ts';
import { serveProbes } from './probe-server.ts';

/** The agent in its container: `run`, and `drain` for the preStop hook of the Asterisk container. */
const PROBE_PORT = 8080;
const API_PORT = 8443;
const MANAGER_PORT = 5038;
const REFUSE_MS = 120_000;
const PLACES: Places = {
  config: '/etc/asterisk',
  state: '/var/lib/ringfleet/state',
  run: '/run/asterisk',
  spool: '/var/spool/asterisk',
  log: '/var/log/asterisk',
};
const DRAIN_DEADLINE_MS = Number(process.env['RINGFLEET_DRAIN_DEADLINE_SECONDS'] ?? 7200) * 1000;
const PACKAGES = '/var/lib/dpkg/status';
const TLS_DIR = '/etc/ringfleet/tls';

const log = createLogger('agent');

async function run(): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(new Error(name)));
  const { stdout } = await promisify(execFile)('asterisk', ['-V']);
  const installation = { ...IMAGE_INSTALLATION, version: /Asterisk (\S+)/.exec(stdout)?.[1] ?? 'unknown' };
  const image = { program: process.argv[1] ?? '', packages: PACKAGES };
  const known = await fingerprint(installation, image).catch((error: unknown) => {
    log.warn({ err: error }, 'Failed to tell this image from others, so each boot is checked');
    return undefined;
  });
  const agent = new Agent({
    bundleDir: '/etc/ringfleet/bundle',
    places: PLACES,
    scratch: '/tmp/ringfleet',
    installation,
    ...(known === undefined ? {} : { fingerprint: known }),
    managerPort: MANAGER_PORT,
    version: process.env['RINGFLEET_VERSION'] ?? 'dev',
    memory: () => memoryOfContainer(join(PLACES.run, MEMORY), systemClock.now()),
    clock: systemClock,
    log,
  });
  const drainer = new Drainer({ agent, refuseMs: REFUSE_MS, clock: systemClock, log });
  const { signal } = stop;
  const own = { agent, drainer, drainDeadlineMs: DRAIN_DEADLINE_MS, clock: systemClock, log };
  await Promise.all([
    agent.run(signal),
    serveProbes({ ...own, probePort: PROBE_PORT }, signal),
    serveApi({ ...own, apiPort: API_PORT, tlsDir: TLS_DIR }, signal),
  ]).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
}

/** Blocks until the PBX is empty; the kubelet waits for it within the pod's grace period. */
async function drainNow(): Promise<void> {
  await preStop(
    {
      probePort: PROBE_PORT,
      manager: () => knownCredentials(PLACES.run),
      deadlineMs: DRAIN_DEADLINE_MS,
      refuseMs: REFUSE_MS,
      clock: systemClock,
      log,
    },
    new AbortController().signal,
  );
}

const verb = process.argv[2];
if (verb === 'run') await run();
else if (verb === 'drain') await drainNow();
else {
  console.error('usage: agent run | drain');
  process.exitCode = 2;
}
process.exit();
