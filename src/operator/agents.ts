import { createSecureContext, type SecureContext } from 'node:tls';
import { Agent, request } from 'undici';
import { type AgentReport, agentReportSchema } from '../api/report.ts';
import { linesOf } from '../kube/lines.ts';
import { type Clock, deadline } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { agentName, type Pair } from './certificates.ts';

/** The agents' streams of reports over mutual TLS, one per PBX pod, and what the operator asks of them. */
export interface AgentsOptions {
  /** Our certificate of now; the same object while it is the same one. */
  identity(): Promise<Pair>;
  readonly ca: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  onReport(namespace: string): void;
}

/** Whom to follow. */
export interface AgentTarget {
  readonly podUid: string;
  readonly address: string;
}

/** What is known of a tenant's agent. */
export interface AgentView {
  /** The last report, for as long as it may be told. */
  readonly report?: AgentReport;
  /** It is of the pod that is followed now, and its stream is up. */
  readonly current: boolean;
  readonly silentSeconds: number;
  /** Nothing was heard yet but may be any moment: nobody should be told anything of the live PBX. */
  readonly pending: boolean;
}

export type Asked = { readonly verb: 'drain'; readonly deadlineSeconds: number } | { readonly verb: 'undrain' };

interface Stream {
  readonly target: AgentTarget;
  readonly stop: AbortController;
  connection?: { readonly identity: Pair; readonly dispatcher: Agent };
}

/** The agent of one tenant, as far as it was heard. */
export interface KnownAgent {
  stream?: Stream;
  report?: AgentReport;
  reportOf?: string;
  connected: boolean;
  /** Monotonic milliseconds of when it was last connected, or first followed. */
  since: number;
  /** Since when a connected agent has not asked its Asterisk yet. */
  unaskedSince?: number;
}

/** Whose agent it is. */
export interface AgentOwner {
  readonly namespace: string;
  /** Ends all streams to the agent: the tenant is gone. */
  readonly gone: AbortSignal;
  agent: KnownAgent | undefined;
}

const RETRY_MS = 250;
const ASK_MS = 5_000;
/** 5,000 users with two contacts each have about 3 MB. */
const MAX_LINE = 6 * 1024 * 1024;
/** The agent says something at least every ten seconds. */
const SILENCE_MS = 35_000;
/** A pod or an agent that is replaced is back within seconds; all users' status must not flap for it. */
const GRACE_MS = 15_000;

export class Agents {
  readonly #options: AgentsOptions;
  #tls: { readonly identity: Pair; readonly context: SecureContext } | undefined;

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  view({ agent: known }: AgentOwner): AgentView {
    if (!known) return { current: false, silentSeconds: 0, pending: false };
    const silentMs = known.connected ? 0 : this.#options.clock.monotonic() - known.since;
    const fresh = silentMs < GRACE_MS;
    return {
      ...(known.report && fresh ? { report: known.report } : {}),
      current: known.connected && known.reportOf === known.stream?.target.podUid,
      silentSeconds: Math.floor(silentMs / 1000),
      pending: (known.report === undefined && fresh) || this.#unaskedLeft(known) > 0,
    };
  }

  /** Milliseconds after which the view changes although nothing happens; undefined: never. */
  changesIn({ agent: known }: AgentOwner): number | undefined {
    if (!known) return undefined;
    const silent = known.connected ? 0 : known.since + GRACE_MS - this.#options.clock.monotonic();
    const left = Math.max(silent, this.#unaskedLeft(known));
    return left > 0 ? left + 1 : undefined;
  }

  #unaskedLeft({ unaskedSince }: KnownAgent): number {
    return unaskedSince === undefined ? 0 : unaskedSince + GRACE_MS - this.#options.clock.monotonic();
  }

  /** Follows the pod of a tenant; undefined: there is none. */
  follow(owner: AgentOwner, target: AgentTarget | undefined, signal: AbortSignal): void {
    const known = owner.agent;
    if (known?.stream?.target.podUid === target?.podUid && known?.stream?.target.address === target?.address) return;
    if (known?.stream) this.#end(known);
    if (!target) return;
    const entry: KnownAgent = known ?? { connected: false, since: this.#options.clock.monotonic() };
    owner.agent = entry;
    const stream: Stream = { target, stop: new AbortController() };
    entry.stream = stream;
    const ended = AbortSignal.any([signal, owner.gone, stream.stop.signal]);
    void this.#run(owner.namespace, entry, stream, ended).finally(() => stream.connection?.dispatcher.destroy());
  }

  /** Asks the agent to empty its PBX, or to go back to service. */
  async ask({ namespace, agent }: AgentOwner, asked: Asked, signal: AbortSignal): Promise<void> {
    const stream = agent?.stream;
    if (!stream) return;
    const query = asked.verb === 'drain' ? `?deadlineSeconds=${asked.deadlineSeconds}` : '';
    const late = deadline(this.#options.clock, ASK_MS, signal);
    try {
      const { statusCode, body } = await request(`${url(stream.target, this.#options.port)}/${asked.verb}${query}`, {
        method: 'POST',
        dispatcher: await this.#dispatcher(namespace, stream),
        signal: late.signal,
      });
      await body.dump();
      if (statusCode >= 300) throw new Error(`The agent answered ${statusCode} to ${asked.verb}`);
    } finally {
      late.clear();
    }
  }

  /** Connections with our certificate of now; what an older one still carries goes on. */
  async #dispatcher(namespace: string, stream: Stream): Promise<Agent> {
    const identity = await this.#options.identity();
    if (stream.connection?.identity === identity) return stream.connection.dispatcher;
    void stream.connection?.dispatcher.close();
    const connect = { secureContext: this.#tlsOf(identity), servername: agentName(namespace), timeout: 5_000 };
    stream.connection = { identity, dispatcher: new Agent({ connect, bodyTimeout: SILENCE_MS }) };
    return stream.connection.dispatcher;
  }

  /** One for all agents: each has the whole authority parsed, outside of the heap. */
  #tlsOf(identity: Pair): SecureContext {
    if (this.#tls?.identity !== identity) {
      const { certificate: cert, key } = identity;
      this.#tls = { identity, context: createSecureContext({ ca: this.#options.ca, cert, key }) };
    }
    return this.#tls.context;
  }

  #end(known: KnownAgent): void {
    known.stream?.stop.abort();
    delete known.stream;
    this.#disconnected(known);
  }

  #disconnected(known: KnownAgent): void {
    if (!known.connected) return;
    known.connected = false;
    known.since = this.#options.clock.monotonic();
  }

  async #run(namespace: string, known: KnownAgent, stream: Stream, signal: AbortSignal): Promise<void> {
    const { clock, log, onReport } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#read(namespace, known, stream, signal);
      } catch (error) {
        if (!signal.aborted) log.debug({ namespace, err: error }, 'Lost an agent');
      }
      if (signal.aborted) return;
      if (known.connected) {
        this.#disconnected(known);
        onReport(namespace);
      }
      await clock.sleep(RETRY_MS, signal).catch(() => undefined); // aborted: the loop ends
    }
  }

  async #read(namespace: string, known: KnownAgent, stream: Stream, signal: AbortSignal): Promise<void> {
    const { statusCode, body } = await request(`${url(stream.target, this.#options.port)}/reports`, {
      dispatcher: await this.#dispatcher(namespace, stream),
      signal,
    });
    if (statusCode !== 200) throw new Error(`The agent answered ${statusCode}`);
    body.setEncoding('utf8');
    for await (const line of linesOf(body, MAX_LINE)) {
      known.report = agentReportSchema.parse(JSON.parse(line));
      known.reportOf = stream.target.podUid;
      if (known.report.observed) delete known.unaskedSince;
      else known.unaskedSince ??= this.#options.clock.monotonic();
      known.connected = true;
      this.#options.onReport(namespace);
    }
  }
}

function url({ address }: AgentTarget, port: number): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}/v1`;
}
