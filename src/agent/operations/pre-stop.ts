import { request } from 'node:http';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import { type AmiAddress, AmiClient, NotListeningError } from '../ami/client.ts';
import { DrainSession } from './drain-session.ts';

/**
 * The preStop hook of the Asterisk container: asks the agent to drain the PBX, and waits. While the agent is away (it crashed,
 * or its new image cannot be pulled) the hook drains the PBX itself over the manager, so that no call ends because there is
 * no agent.
 */
export interface PreStopOptions {
  readonly probePort: number;
  /** Undefined: there are no credentials yet, so no Asterisk was ever started. */
  readonly manager: () => Promise<AmiAddress | undefined>;
  readonly deadlineMs: number;
  readonly refuseMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const AGAIN_MS = 500;

/** Resolves when the PBX is empty, or its time is over. */
export async function preStop(options: PreStopOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, deadlineMs } = options;
  const session = new DrainSession(options, deadlineMs);
  session.forEnd = true;
  for (let first = true; ; first = false) {
    if (await agentEmptied(options.probePort, session.leftMs)) return;
    if (first) log.warn('The agent is away: looked for calls without it');
    if (await looked(options, session, signal)) return;
    await clock.sleep(AGAIN_MS, signal);
  }
}

/** Asks the agent, and waits for its answer. False: the agent is away, or ended meanwhile. */
function agentEmptied(port: number, leftMs: number): Promise<boolean> {
  const path = `/drain?deadlineSeconds=${Math.ceil(leftMs / 1000)}`;
  return new Promise(resolve => {
    const asked = request({ host: '127.0.0.1', port, path, timeout: 0 }, response => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
      response.once('close', () => resolve(false));
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

async function looked(
  { manager, clock }: PreStopOptions,
  session: DrainSession,
  signal: AbortSignal,
): Promise<boolean> {
  const address = await manager();
  if (!address) return true;
  let client: AmiClient | undefined;
  try {
    client = await AmiClient.connect(address, clock);
  } catch (error) {
    if (error instanceof NotListeningError) return true;
  }
  try {
    return (await session.look(client, signal)) && (await session.closeAndLook(client, signal));
  } finally {
    client?.close();
  }
}
