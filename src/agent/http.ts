import type { Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Logger } from '../runtime/log.ts';

/** What the agent's servers share. */

/** What was asked for did not come about; who asked asks again. */
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
