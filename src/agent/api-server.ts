import { readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { operationOf } from '../api/operation.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Agent } from './agent.ts';
import { failed, listen } from './http.ts';
import { answerBanRequest } from './operations/ban-requests.ts';
import { isDelivery, takeDelivery } from './operations/bundle-delivery.ts';
import { type Means, perform } from './operations/operations.ts';
import { streamReports } from './operations/report-stream.ts';

/** The agent's API for the operator, over mutual TLS. Only a client certificate of our CA with the operator's name is accepted. */
export interface ApiServerOptions extends Means {
  readonly agent: Agent;
  readonly apiPort: number;
  readonly tlsDir: string;
  readonly clock: Clock;
}

const OPERATOR = 'ringfleet-operator';
const TLS_LOOK_MS = 5_000;

/** Starts once the agent has a certificate, and uses each renewed one. */
export async function serveApi(options: ApiServerOptions, signal: AbortSignal): Promise<void> {
  const { tlsDir, apiPort, clock, log } = options;
  let server: Server | undefined;
  let loaded = '';
  signal.addEventListener('abort', () => server?.closeAllConnections(), { once: true });
  signal.addEventListener('abort', () => server?.close(), { once: true });
  for (;;) {
    const version = versionOf(join(tlsDir, 'tls.crt'));
    if (version !== undefined && version !== loaded) {
      const read = (name: string): string => readFileSync(join(tlsDir, name), 'utf8');
      const context = { cert: read('tls.crt'), key: read('tls.key'), ca: read('ca.crt') };
      if (server) server.setSecureContext(context);
      else {
        server = createServer({ ...context, requestCert: true, rejectUnauthorized: true }, (request, response) => {
          api(options, request, response, signal).catch(failed(response, log));
        });
        await listen(server, apiPort);
      }
      loaded = version;
      log.info('Loaded the certificate of the API');
    }
    await clock.sleep(loaded ? TLS_LOOK_MS : 200, signal);
  }
}

async function api(
  options: ApiServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { agent, clock } = options;
  const peer = (request.socket as TLSSocket).getPeerCertificate();
  if (peer.subject?.CN !== OPERATOR) {
    response.writeHead(403).end();
    return;
  }
  if (request.url === '/v1/reports') return streamReports(agent, response, clock, signal);
  if (isDelivery(request)) return takeDelivery(agent.bundles, request, response);
  const operation = request.method === 'POST' ? operationOf(request.url ?? '') : undefined;
  if (operation) {
    response.writeHead(await perform(operation, options, signal)).end();
    return;
  }
  const { status, body } = answerBanRequest(agent.guard, request.method, request.url);
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function versionOf(path: string): string | undefined {
  try {
    const { mtimeMs, ino } = statSync(path);
    return `${ino}/${mtimeMs}`;
  } catch {
    return undefined; // not issued yet
  }
}
