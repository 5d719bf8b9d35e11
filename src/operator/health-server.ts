import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { stalled } from '../kube/reflector.ts';
import type { Operator } from './operator.ts';

/** Serves health and metrics over plain HTTP. /livez fails when a watch makes no progress. */
export async function serveHealth(operator: Operator, port: number, signal: AbortSignal): Promise<void> {
  const server = createServer((request, response) => void answer(operator, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '::', () => resolve());
  });
  signal.addEventListener('abort', () => server.close(), { once: true });
}

async function answer(operator: Operator, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (code: number, text: string): void => {
    response.writeHead(code, { 'content-type': 'text/plain' }).end(text);
  };
  const stuck = stalled(operator.caches.reflectors);
  switch (request.url) {
    case '/livez':
      return say(stuck.length === 0 ? 200 : 503, stuck.map(kind => `The watch of ${kind} is stuck`).join('\n') || 'ok');
    case '/readyz':
      return say(operator.caches.synced ? 200 : 503, operator.caches.synced ? 'ok' : 'caches are not filled');
    case '/metrics':
      return say(200, await operator.registry.metrics());
    default:
      return say(404, 'not found');
  }
}
