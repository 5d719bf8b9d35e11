import { readFile } from 'node:fs/promises';
import type { AgentReport } from '../../api/report.ts';
import type { AmiClient } from '../ami/client.ts';
import type { Probe, Subject } from './probe.ts';

type Section = Pick<AgentReport, 'tcpConnections'>;

/** How many TCP connections are open to the SIP port. */
export class TcpConnectionsProbe implements Probe<Section> {
  readonly #steps = new Steps();
  readonly #readTable: () => Promise<string>;

  /** `readTable` brings the kernel's table of connections; elsewhere than on Linux there is none. */
  constructor(readTable = (): Promise<string> => readFile('/proc/net/tcp', 'utf8').catch(() => '')) {
    this.#readTable = readTable;
  }

  async look(_client: AmiClient, { sipPort }: Subject): Promise<Section> {
    if (sipPort === undefined) return {};
    const tcpConnections = this.#steps.of(openConnections(await this.#readTable(), sipPort));
    return tcpConnections === undefined ? {} : { tcpConnections };
  }
}

/**
 * How many connections are open to a port, from the kernel's table (/proc/net/tcp): Asterisk does not tell of those that
 * no phone registered by. Pure. In a pod the table is that of the pod.
 */
export function openConnections(table: string, port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').filter(line => {
    const [, address, , state] = line.trim().split(/\s+/);
    return address?.endsWith(local) && state === ESTABLISHED;
  }).length;
}

const ESTABLISHED = '01';
const STEP = 50;

/** In steps, and only when it is another by a whole one: a phone that comes and goes is no news. */
export class Steps {
  #last = 0;

  /** Undefined: fewer than one step. */
  of(count: number): number | undefined {
    if (Math.abs(count - this.#last) >= STEP || count < STEP) this.#last = Math.floor(count / STEP) * STEP;
    return this.#last || undefined;
  }
}
