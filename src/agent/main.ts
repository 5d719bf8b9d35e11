import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '../runtime/clock.ts';
import { createLogger } from '../runtime/log.ts';
import { Agent } from './agent.ts';
import { Drainer } from './drain.ts';
import { IMAGE_INSTALLATION } from './installation.ts';
import { serve } from './serve.ts';

/** The agent in its container: `run`, and `drain` for the preStop hook of the Asterisk container. */
const PROBE_PORT = 8080;
const API_PORT = 8443;
const MANAGER_PORT = 5038;
const REFUSE_MS = 120_000;
const TLS_DIR = '/etc/ringfleet/tls';

const log = createLogger('agent');

async function run(): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(new Error(name)));
  const { stdout } = await promisify(execFile)('asterisk', ['-V']);
  const agent = new Agent({
    bundleDir: '/etc/ringfleet/bundle',
    places: {
      config: '/etc/asterisk',
      state: '/var/lib/ringfleet/state',
      run: '/run/asterisk',
      spool: '/var/spool/asterisk',
      log: '/var/log/asterisk',
    },
    installation: { ...IMAGE_INSTALLATION, version: /Asterisk (\S+)/.exec(stdout)?.[1] ?? 'unknown' },
    managerPort: MANAGER_PORT,
    version: process.env['RINGFLEET_VERSION'] ?? 'dev',
    clock: systemClock,
    log,
  });
  const drainer = new Drainer({ agent, refuseMs: REFUSE_MS, clock: systemClock, log });
  const drainDeadlineMs = Number(process.env['RINGFLEET_DRAIN_DEADLINE_SECONDS'] ?? 7200) * 1000;
  await Promise.all([
    agent.run(stop.signal),
    serve(
      {
        agent,
        drainer,
        drainDeadlineMs,
        probePort: PROBE_PORT,
        apiPort: API_PORT,
        tlsDir: TLS_DIR,
        clock: systemClock,
        log,
      },
      stop.signal,
    ),
  ]).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
}

/** Blocks until the PBX is empty; the kubelet waits for it within the pod's grace period. */
async function drainNow(): Promise<void> {
  const { request } = await import('node:http');
  await new Promise<void>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: PROBE_PORT, path: '/drain', timeout: 0 }, response => {
      response.resume();
      response.once('end', () => resolve());
    });
    asked.once('error', reject);
    asked.end();
  });
}

const verb = process.argv[2];
if (verb === 'run') await run();
else if (verb === 'drain') await drainNow();
else {
  console.error('usage: agent run | drain');
  process.exitCode = 2;
}
process.exit();
