import { Memo } from '../core/memo.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import { agentName, createCA, issue, needsRenewal, OPERATOR_NAME, type Pair } from './certificates.ts';

/**
 * The operator's authority, kept in one Secret of its own namespace, and the certificates that it issues. Two operators
 * that start at once agree: who creates the Secret first has made it.
 */
const CA_SECRET = 'ringfleet-ca';

export interface AgentTls {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

export async function ensureCA(
  client: KubeClient,
  namespace: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<Pair> {
  for (;;) {
    const known = await client.get(RESOURCES.Secret, namespace, CA_SECRET, signal);
    if (known) return pairOf(known);
    const made = await createCA(clock.now());
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: CA_SECRET, namespace, labels: { 'app.kubernetes.io/part-of': 'ringfleet' } },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': base64(made.certificate), 'tls.key': base64(made.key) },
    };
    try {
      await client.create(RESOURCES.Secret, secret, signal);
      return made;
    } catch (error) {
      if (!(error instanceof KubeError) || !error.conflict) throw error; // another operator was faster: take its
    }
  }
}

/** The operator's own certificate, a new one in time: a leader may lead for longer than a certificate lives. */
export class OperatorCertificate {
  readonly #ca: Pair;
  readonly #clock: Clock;
  #pair: Promise<Pair> | undefined;

  constructor(ca: Pair, clock: Clock) {
    this.#ca = ca;
    this.#clock = clock;
  }

  /** The same object for as long as it is the same certificate. */
  current(): Promise<Pair> {
    const now = this.#clock.now();
    const isGood = (pair: Pair | undefined): pair is Pair => pair !== undefined && !needsRenewal(pair, this.#ca, now);
    // one after the other, so that two who ask at once get the same; one that failed is made anew
    const known = this.#pair?.catch(() => undefined) ?? Promise.resolve(undefined);
    this.#pair = known.then(pair => (isGood(pair) ? pair : issue(this.#ca, OPERATOR_NAME, now)));
    return this.#pair;
  }
}

/** Whose agent it is, and what was issued for it and is not seen in its Secret yet. */
export interface CertificateOwner {
  readonly namespace: string;
  issuedTls: AgentTls | undefined;
}

/** Certificates of agents: what the tenant's Secret has while it is good, else a new one, the same until it is written. */
export class AgentCertificates {
  readonly #ca: Pair;
  readonly #clock: Clock;
  readonly #known = new Memo<KubeObject, AgentTls | undefined>();

  constructor(ca: Pair, clock: Clock) {
    this.#ca = ca;
    this.#clock = clock;
  }

  async of(owner: CertificateOwner, live: KubeObject | undefined): Promise<AgentTls> {
    const now = this.#clock.now();
    const ca = this.#ca.certificate;
    const known = live && this.#known.of(live, [], () => tlsOf(live));
    if (known && known.ca === ca && !needsRenewal(known, this.#ca, now)) {
      owner.issuedTls = undefined;
      return known;
    }
    const waiting = owner.issuedTls;
    if (waiting && !needsRenewal(waiting, this.#ca, now)) return waiting;
    const { certificate, key } = await issue(this.#ca, agentName(owner.namespace), now);
    owner.issuedTls = { certificate, key, ca };
    return owner.issuedTls;
  }
}

function tlsOf(secret: KubeObject): AgentTls | undefined {
  const [certificate, key, ca] = ['tls.crt', 'tls.key', 'ca.crt'].map(name => decoded(secret, name));
  return certificate && key && ca ? { certificate, key, ca } : undefined;
}

function pairOf(secret: KubeObject): Pair {
  const [certificate, key] = [decoded(secret, 'tls.crt'), decoded(secret, 'tls.key')];
  if (!certificate || !key)
    throw new Error(`Secret ${CA_SECRET} has no tls.crt or tls.key; delete it to have a new one`);
  return { certificate, key };
}

function decoded(secret: KubeObject, name: string): string | undefined {
  const value = (secret['data'] as Record<string, string> | undefined)?.[name];
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
