import { createSecureContext, type SecureContext } from 'node:tls';
import { Agent, request } from 'undici';
import { type Operation, pathOf } from '../api/operation.ts';
import { type AgentReport, readReport } from '../api/report.ts';
import { KubeError } from '../kube/errors.ts';
import { linesOf } from '../kube/lines.ts';
import { type Clock, deadline } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { agentName, type Pair } from './certificates.ts';

/** Streams of reports from the agents over mutual TLS, one per PBX pod, and requests to them. */
export interface AgentsOptions {
  /** The operator's current certificate; the identical object while it does not change. */
  identity(): Promise<Pair>;
  readonly ca: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  onReport(namespace: string): void;
}

/** The pod whose agent is to be followed. */
export interface AgentTarget {
  readonly podUid: string;
  readonly address: string;
}

/** What is known of a tenant's agent. */
export interface AgentView {
  /** The last report; absent once the agent has been silent for too long for it to be current. */
  readonly report?: AgentReport;
  /** The report is from the pod that is followed now, and its stream is up. */
  readonly current: boolean;
  readonly silentSeconds: number;
  /** The first report is expected any moment: until then nothing should be reported about the running PBX. */
  readonly pending: boolean;
  /** Why the agent's reports cannot be read; absent: they can. */
  readonly unreadable?: string;
}

interface Stream {
  readonly target: AgentTarget;
  readonly stop: AbortController;
  connection?: { readonly identity: Pair; readonly dispatcher: Agent };
}

/** What is known of the agent of one tenant. */
export interface KnownAgent {
  stream?: Stream;
  report?: AgentReport;
  reportOf?: string;
  connected: boolean;
  /** Monotonic milliseconds of when it was last connected, or first followed. */
  since: number;
  /** Why the last report of the followed pod could not be read. */
  unreadable?: string;
  /** Monotonic milliseconds since when a connected agent has reported nothing about its Asterisk. */
  unobservedSince?: number;
}

/** The tenant that the agent belongs to. */
export interface AgentOwner {
  readonly namespace: string;
  /** Aborted when the tenant is gone; ends all streams to the agent. */
  readonly gone: AbortSignal;
  agent: KnownAgent | undefined;
}

const RETRY_MS = 250;
/** Nothing changes about an agent that cannot be read until its pod is replaced. */
const UNREADABLE_RETRY_MS = 30_000;
const ASK_MS = 5_000;
/** The longest report. One with 5,000 users and two contacts each has about 3 MB. */
const MAX_LINE = 6 * 1024 * 1024;
/** The longest answer: names of all files of a large bundle. */
const MAX_ANSWER = 1024 * 1024;
/** A stream without a line for so long is closed. The agent sends one at least every ten seconds. */
const SILENCE_MS = 35_000;
/** For so long the last report still counts. A replaced pod or agent is back within seconds, and statuses must not flap. */
const GRACE_MS = 15_000;

/** The agent does not know the path of the reports: it is of another release. */
class UnknownReportsError extends Error {
  constructor() {
    super('it has none where this operator asks for it');
    this.name = 'UnknownReportsError';
  }
}

export class Agents {
  readonly #options: AgentsOptions;
  #tls: { readonly identity: Pair; readonly context: SecureContext } | undefined;

  constructor(options: AgentsOptions) {
    this.#options = options;
  }

  view({ agent: known }: AgentOwner): AgentView {
    if (!known) return { current: false, silentSeconds: 0, pending: false };
    const silentMs = known.connected ? 0 : this.#options.clock.monotonic() - known.since;
    const silentSeconds = Math.floor(silentMs / 1000);
    const { unreadable } = known;
    if (unreadable !== undefined) return { current: false, silentSeconds, pending: false, unreadable };
    const fresh = silentMs < GRACE_MS;
    return {
      ...(known.report && fresh ? { report: known.report } : {}),
      current: known.connected && known.reportOf === known.stream?.target.podUid,
      silentSeconds,
      pending: (known.report === undefined && fresh) || this.#unobservedLeft(known) > 0,
    };
  }

  /** Milliseconds until the view changes although nothing happens; undefined: it does not. */
  changesIn({ agent: known }: AgentOwner): number | undefined {
    if (!known) return undefined;
    const silent = known.connected ? 0 : known.since + GRACE_MS - this.#options.clock.monotonic();
    const left = Math.max(silent, this.#unobservedLeft(known));
    return left > 0 ? left + 1 : undefined;
  }

  #unobservedLeft({ unobservedSince }: KnownAgent): number {
    return unobservedSince === undefined ? 0 : unobservedSince + GRACE_MS - this.#options.clock.monotonic();
  }

  /** Follows the agent in the pod of a tenant, or none. */
  follow(owner: AgentOwner, target: AgentTarget | undefined, signal: AbortSignal): void {
    const known = owner.agent;
    if (known?.stream?.target.podUid === target?.podUid && known?.stream?.target.address === target?.address) return;
    if (known?.stream) this.#end(known);
    if (!target) return;
    const entry: KnownAgent = known ?? { connected: false, since: this.#options.clock.monotonic() };
    owner.agent = entry;
    delete entry.unreadable;
    const stream: Stream = { target, stop: new AbortController() };
    entry.stream = stream;
    const ended = AbortSignal.any([signal, owner.gone, stream.stop.signal]);
    void this.#run(owner.namespace, entry, stream, ended).finally(() => stream.connection?.dispatcher.destroy());
  }

  /** Asks the agent for an operation; does nothing without a pod. Rejects unless the agent accepts it in time. */
  async ask(owner: AgentOwner, operation: Operation, signal: AbortSignal): Promise<void> {
    if (owner.agent?.stream) await this.post(owner, pathOf(operation), '', signal);
  }

  /** Sends a body to the agent and returns its answer. Rejects without a pod, and unless the agent accepts it in time. */
  async post({ namespace, agent }: AgentOwner, path: string, body: string, signal: AbortSignal): Promise<string> {
    const stream = agent?.stream;
    if (!stream) throw new Error('There is no agent');
    const late = deadline(this.#options.clock, ASK_MS, signal);
    try {
      const answer = await request(`${origin(stream.target, this.#options.port)}${path}`, {
        method: 'POST',
        body,
        dispatcher: await this.#dispatcher(namespace, stream),
        signal: late.signal,
      });
      let text = '';
      for await (const chunk of answer.body.setEncoding('utf8')) {
        text += chunk;
        if (text.length > MAX_ANSWER) throw new Error(`The agent answered more than ${MAX_ANSWER} characters`);
      }
      // the body of the answer may quote a bundle, which must not reach the log
      if (answer.statusCode >= 300) throw new Error(`The agent answered ${answer.statusCode} to ${path.split('?')[0]}`);
      return text;
    } finally {
      late.clear();
    }
  }

  /** Connections with the operator's current certificate. Requests on connections with an older one are completed. */
  async #dispatcher(namespace: string, stream: Stream): Promise<Agent> {
    const identity = await this.#options.identity();
    if (stream.connection?.identity === identity) return stream.connection.dispatcher;
    void stream.connection?.dispatcher.close();
    const connect = { secureContext: this.#tlsOf(identity), servername: agentName(namespace), timeout: 5_000 };
    stream.connection = { identity, dispatcher: new Agent({ connect, bodyTimeout: SILENCE_MS }) };
    return stream.connection.dispatcher;
  }

  /** One context for all agents: each holds the parsed CA outside of the heap. */
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
        const why = unreadableReason(error);
        if (why !== undefined) this.#markUnreadable(namespace, known, stream.target, why);
        else if (!signal.aborted) log.debug({ namespace, err: error }, 'Lost an agent');
      }
      if (signal.aborted) return;
      if (known.connected) {
        this.#disconnected(known);
        onReport(namespace);
      }
      const pauseMs = known.unreadable === undefined ? RETRY_MS : UNREADABLE_RETRY_MS;
      await clock.sleep(pauseMs, signal).catch(() => undefined); // aborted: the loop ends
    }
  }

  async #read(namespace: string, known: KnownAgent, stream: Stream, signal: AbortSignal): Promise<void> {
    const { statusCode, body } = await request(`${origin(stream.target, this.#options.port)}/v1/reports`, {
      dispatcher: await this.#dispatcher(namespace, stream),
      signal,
    });
    if (statusCode === 404) throw new UnknownReportsError();
    if (statusCode !== 200) throw new Error(`The agent answered ${statusCode}`);
    body.setEncoding('utf8');
    for await (const line of linesOf(body, MAX_LINE)) this.#receive(namespace, known, stream.target, line);
  }

  #receive(namespace: string, known: KnownAgent, target: AgentTarget, line: string): void {
    const read = readReport(line);
    if ('unreadable' in read) {
      this.#markUnreadable(namespace, known, target, read.unreadable);
      return;
    }
    delete known.unreadable;
    known.report = read.report;
    known.reportOf = target.podUid;
    if (known.report.observed) delete known.unobservedSince;
    else known.unobservedSince ??= this.#options.clock.monotonic();
    known.connected = true;
    this.#options.onReport(namespace);
  }

  /** Logs the reason once, and forgets the earlier report. */
  #markUnreadable(namespace: string, known: KnownAgent, { podUid }: AgentTarget, unreadable: string): void {
    if (known.unreadable === unreadable) return;
    const { log, onReport } = this.#options;
    log.warn({ namespace, pod: podUid, reason: unreadable }, 'Failed to read the report of an agent');
    this.#disconnected(known);
    delete known.report;
    known.unreadable = unreadable;
    onReport(namespace);
  }
}

/** The reason when an error means that the agent's reports cannot be read; undefined: it means something else. */
function unreadableReason(error: unknown): string | undefined {
  if (error instanceof KubeError && error.reason === 'LineTooLong') return `it is longer than ${MAX_LINE} characters`;
  return error instanceof UnknownReportsError ? error.message : undefined;
}

function origin({ address }: AgentTarget, port: number): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
