import { readFileSync, statSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { type Operation, operationOf } from '../api/operation.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import type { Agent } from './agent.ts';
import { answerBans } from './operations/answer-bans.ts';
import type { Drainer } from './operations/drain.ts';
import { isDelivery, takeBundle } from './operations/take-bundle.ts';

/**
 * The agent's two doors: plain HTTP for the kubelet's probes and metrics, and mutual TLS for the operator. Only a client
 * certificate of our authority in the operator's name is let in.
 */
export interface ServeOptions {
  readonly agent: Agent;
  readonly probePort: number;
  readonly apiPort: number;
  readonly tlsDir: string;
  readonly drainer: Drainer;
  /** For whoever names no other. */
  readonly drainDeadlineMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const OPERATOR = 'ringfleet-operator';
const HEARTBEAT_MS = 10_000;
const TLS_LOOK_MS = 5_000;

export async function serve(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const probes = createHttp((request, response) => {
    probe(options, request, response, signal).catch(failed(response, options.log));
  });
  await listen(probes, options.probePort);
  signal.addEventListener('abort', () => probes.close(), { once: true });
  await serveApi(options, signal);
}

async function probe(
  { agent, drainer, drainDeadlineMs }: ServeOptions,
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
      await drainer.join(deadlineOf(request, drainDeadlineMs), signal);
      return answer(true);
    default:
      response.writeHead(404).end();
  }
}

function deadlineOf(request: IncomingMessage, otherwiseMs: number): number {
  const seconds = Number(/deadlineSeconds=([0-9]{1,6})$/.exec(request.url ?? '')?.[1]);
  return seconds >= 0 ? seconds * 1000 : otherwiseMs;
}

/** What was asked for did not come about; who asked asks again. */
function failed(response: ServerResponse, log: Logger): (error: unknown) => void {
  return error => {
    log.warn({ err: error }, 'Failed to answer a request');
    if (!response.headersSent) response.writeHead(503);
    response.end();
  };
}

/** Starts once the certificate is there, and again when it was renewed. */
async function serveApi(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const { tlsDir, apiPort, clock, log } = options;
  let server: ReturnType<typeof createHttps> | undefined;
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
        server = createHttps({ ...context, requestCert: true, rejectUnauthorized: true }, (request, response) => {
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
  options: ServeOptions,
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
  if (request.url === '/v1/reports') return stream(agent, response, clock, signal);
  if (isDelivery(request)) return takeBundle(agent.bundles, request, response);
  const operation = request.method === 'POST' ? operationOf(request.url ?? '') : undefined;
  if (operation) {
    response.writeHead(await carryOut(operation, options, signal)).end();
    return;
  }
  const { status, body } = answerBans(agent.guard, request.method, request.url);
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

/** The status to answer with. */
async function carryOut(
  operation: Operation,
  { drainer, drainDeadlineMs, log }: ServeOptions,
  signal: AbortSignal,
): Promise<number> {
  switch (operation.verb) {
    case 'drain': {
      const { deadlineSeconds } = operation;
      const deadlineMs = deadlineSeconds === undefined ? drainDeadlineMs : deadlineSeconds * 1000;
      drainer.drain(deadlineMs, signal).catch(error => log.debug({ err: error }, 'Ended a drain'));
      return 202; // it takes its time
    }
    case 'undrain':
      await drainer.undrain(signal);
      return 200;
  }
}

/** A snapshot first, then changes, and an empty line now and then. A reader who is too slow gets the newest, not all. */
async function stream(agent: Agent, response: ServerResponse, clock: Clock, signal: AbortSignal): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  let pending = false;
  const send = (): void => {
    if (response.writableNeedDrain) {
      pending = true;
      return;
    }
    pending = false;
    response.write(`${JSON.stringify(agent.report())}\n`);
  };
  response.on('drain', () => pending && send());
  send();
  const off = agent.onReport(send);
  try {
    for (;;) {
      await clock.sleep(HEARTBEAT_MS, AbortSignal.any([signal, gone.signal]));
      response.write('\n');
    }
  } catch {
    response.end(); // the reader or the agent ends
  } finally {
    off();
  }
}

function versionOf(path: string): string | undefined {
  try {
    const { mtimeMs, ino } = statSync(path);
    return `${ino}/${mtimeMs}`;
  } catch {
    return undefined; // not issued yet
  }
}

function listen(server: Server | ReturnType<typeof createHttps>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '::', () => resolve());
  });
}
