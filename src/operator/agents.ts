import { Agent, request } from 'undici';
import { type AgentReport, agentReportSchema } from '../api/report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { agentName, type Pair } from './certificates.ts';

/** The agents' streams of reports over mutual TLS, one per PBX pod, and what the operator asks of them. */
export interface AgentsOptions {
  readonly identity: Pair;
  readonly ca: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  onReport(namespace: string): void;
}

interface Stream {
  readonly address: string;
  readonly stop: AbortController;
  readonly agent: Agent;
  report?: AgentReport;
}

const RETRY_MS = 500;
const MAX_LINE = 16 * 1024 * 1024;
/** The agent says something at least every ten seconds. */
const SILENCE_MS = 35_000;

export class Agents {
  readonly #options: AgentsOptions;
  readonly #streams = new Map<string, Stream>();

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  report(namespace: string): AgentReport | undefined {
    return this.#streams.get(namespace)?.report;
  }

  /** Follows the pod of a tenant; undefined: there is none. */
  follow(namespace: string, address: string | undefined, signal: AbortSignal): void {
    const known = this.#streams.get(namespace);
    if (known?.address === address) return;
    if (known) this.#end(namespace, known);
    if (address === undefined) return;
    const { identity, ca } = this.#options;
    const stream: Stream = {
      address,
      stop: new AbortController(),
      agent: new Agent({
        connect: { ca, cert: identity.certificate, key: identity.key, servername: agentName(namespace) },
        bodyTimeout: SILENCE_MS,
      }),
    };
    this.#streams.set(namespace, stream);
    void this.#run(namespace, stream, AbortSignal.any([signal, stream.stop.signal]));
  }

  /** Asks the agent to empty its PBX, or to go back to service. */
  async ask(namespace: string, verb: 'drain' | 'undrain', signal: AbortSignal): Promise<void> {
    const stream = this.#streams.get(namespace);
    if (!stream) return;
    const { statusCode, body } = await request(this.#url(stream, verb), {
      method: 'POST',
      dispatcher: stream.agent,
      signal,
    });
    await body.dump();
    if (statusCode >= 300) throw new Error(`The agent answered ${statusCode} to ${verb}`);
  }

  #end(namespace: string, stream: Stream): void {
    this.#streams.delete(namespace);
    stream.stop.abort();
    void stream.agent.destroy();
    if (stream.report) this.#options.onReport(namespace);
  }

  async #run(namespace: string, stream: Stream, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#read(namespace, stream, signal);
      } catch (error) {
        if (!signal.aborted) log.debug({ namespace, err: error }, 'Lost an agent');
      }
      if (signal.aborted) return;
      if (stream.report) {
        delete stream.report;
        this.#options.onReport(namespace);
      }
      await clock.sleep(RETRY_MS, signal).catch(() => undefined); // aborted: the loop ends
    }
  }

  async #read(namespace: string, stream: Stream, signal: AbortSignal): Promise<void> {
    const { statusCode, body } = await request(this.#url(stream, 'reports'), { dispatcher: stream.agent, signal });
    if (statusCode !== 200) throw new Error(`The agent answered ${statusCode}`);
    let rest = '';
    body.setEncoding('utf8');
    for await (const chunk of body) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) throw new Error('A report of the agent is too long');
      for (const line of lines) this.#take(namespace, stream, line);
    }
  }

  #take(namespace: string, stream: Stream, line: string): void {
    if (line === '') return; // a sign of life
    const report = agentReportSchema.parse(JSON.parse(line));
    stream.report = report;
    this.#options.onReport(namespace);
  }

  #url({ address }: Stream, verb: string): string {
    const host = address.includes(':') ? `[${address}]` : address;
    return `https://${host}:${this.#options.port}/v1/${verb}`;
  }
}
