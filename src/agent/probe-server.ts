import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from '../runtime/log.ts';
import type { Agent } from './agent.ts';
import { failed, listen } from './http.ts';
import type { Drainer } from './operations/drainer.ts';

/** Plain HTTP: the kubelet's probes, metrics, and the preStop hook of the Asterisk container, over loopback only. */
export interface ProbeServerOptions {
  readonly agent: Agent;
  readonly probePort: number;
  readonly drainer: Drainer;
  /** Deadline of a drain whose request has none. */
  readonly drainDeadlineMs: number;
  readonly log: Logger;
}

/** Resolves when the server listens. It is closed with the signal. */
export async function serveProbes(options: ProbeServerOptions, signal: AbortSignal): Promise<void> {
  const probes = createServer((request, response) => {
    probe(options, request, response, signal).catch(failed(response, options.log));
  });
  await listen(probes, options.probePort);
  signal.addEventListener('abort', () => probes.close(), { once: true });
}

async function probe(
  { agent, drainer, drainDeadlineMs }: ProbeServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const answer = (ok: boolean, text = ''): void => {
    response.writeHead(ok ? 200 : 503, { 'content-type': 'text/plain' }).end(text || (ok ? 'ok' : 'no'));
  };
  switch (request.url?.split('?')[0]) {
    case '/livez':
      return answer(true);
    case '/readyz':
      return answer(agent.report().ready);
    case '/metrics':
      return answer(true, await agent.metrics.registry.metrics());
    case '/drain': // from the preStop hook, over loopback only
      if (request.socket.remoteAddress !== '127.0.0.1' && request.socket.remoteAddress !== '::ffff:127.0.0.1')
        return answer(false);
      await drainer.drainForShutdown(deadlineOf(request, drainDeadlineMs), signal);
      return answer(true);
    default:
      response.writeHead(404).end();
  }
}

function deadlineOf(request: IncomingMessage, otherwiseMs: number): number {
  const seconds = Number(/deadlineSeconds=([0-9]{1,6})$/.exec(request.url ?? '')?.[1]);
  return seconds >= 0 ? seconds * 1000 : otherwiseMs;
}
