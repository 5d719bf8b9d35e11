import type { ServerResponse } from 'node:http';
import type { AgentReport } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';

/** The source of reports. */
export interface Reporting {
  report(): AgentReport;
  /** Adds a listener; returns a function that removes it. */
  onReport(listener: () => void): () => void;
}

const HEARTBEAT_MS = 10_000;

/** Streams a report now and after each change, and empty lines in between. A slow reader gets only the newest report. */
export async function streamReports(
  agent: Reporting,
  response: ServerResponse,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
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
    response.end(); // the reader has closed the connection, or the agent ends
  } finally {
    off();
  }
}
