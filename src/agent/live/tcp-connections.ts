import { readFile } from 'node:fs/promises';
import type { AgentReport } from '../../api/report.ts';
import type { AmiClient } from '../ami/client.ts';
import type { Probe, Subject } from './probe.ts';

type Section = Pick<AgentReport, 'tcpConnections'>;

/** How many TCP connections are open to the SIP port. */
export class TcpConnectionsProbe implements Probe<Section> {
  readonly #steps = new Steps();
  readonly #readTable: () => Promise<string>;

  /** `readTable` returns the kernel's table of connections; empty on other systems than Linux. */
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
 * Number of open connections to a port, by the kernel's table (/proc/net/tcp, in a pod that of the pod). Asterisk lists only
 * connections by which a phone is registered. Pure.
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

/** Rounds the number to steps with hysteresis of one step, so that a phone that comes and goes does not change the report. */
export class Steps {
  #last = 0;

  /** The number in whole steps; undefined: fewer than one step. */
  of(count: number): number | undefined {
    if (Math.abs(count - this.#last) >= STEP || count < STEP) this.#last = Math.floor(count / STEP) * STEP;
    return this.#last || undefined;
  }
}
