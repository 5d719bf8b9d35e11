import { Memo } from '../core/memo.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { type KubeObject, RESOURCES } from '../kube/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import { agentName, createCA, issue, needsRenewal, OPERATOR_NAME, type Pair } from './certificates.ts';

/** The operator's CA, which is in a Secret of its own namespace, and the certificates that it issues. */
const CA_SECRET = 'ringfleet-ca';

export interface AgentTls {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** Reads the CA, or creates it. Of two operators that start at the same time the one that creates the Secret first wins. */
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
      if (!(error instanceof KubeError) || !error.conflict) throw error; // another operator was faster: read its Secret
    }
  }
}

/** The operator's own certificate, renewed in time: a leader may lead for longer than a certificate is valid. */
export class OperatorCertificate {
  readonly #ca: Pair;
  readonly #clock: Clock;
  #pair: Promise<Pair> | undefined;

  constructor(ca: Pair, clock: Clock) {
    this.#ca = ca;
    this.#clock = clock;
  }

  /** The certificate; the identical object until it is renewed. */
  current(): Promise<Pair> {
    const now = this.#clock.now();
    const isGood = (pair: Pair | undefined): pair is Pair => pair !== undefined && !needsRenewal(pair, this.#ca, now);
    // chained, so that concurrent callers get the same certificate; after a failure it is issued again
    const known = this.#pair?.catch(() => undefined) ?? Promise.resolve(undefined);
    this.#pair = known.then(pair => (isGood(pair) ? pair : issue(this.#ca, OPERATOR_NAME, now)));
    return this.#pair;
  }
}

/** The tenant of an agent, with a certificate that was issued but is not in the Secret of the cache yet. */
export interface CertificateOwner {
  readonly namespace: string;
  issuedTls: AgentTls | undefined;
}

/** Certificates of agents: that of the tenant's Secret while it is valid, else a new one, which stays until it is written. */
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
