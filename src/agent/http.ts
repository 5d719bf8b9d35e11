import type { Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Logger } from '../runtime/log.ts';

/** Helpers of the agent's HTTP servers. */

/** A handler for errors of a request: logs, and answers 503, after which the client tries again. */
export function failed(response: ServerResponse, log: Logger): (error: unknown) => void {
  return error => {
    log.warn({ err: error }, 'Failed to answer a request');
    if (!response.headersSent) response.writeHead(503);
    response.end();
  };
}

export function listen(server: Server | TlsServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '::', () => resolve());
  });
}
