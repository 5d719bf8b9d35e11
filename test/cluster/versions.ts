import { until } from '../../src/runtime/clock.ts';
import { kubectl } from './environment.ts';

/** Kinds in which a write of the operator could be. Events and endpoints are others' business. */
const KINDS = [
  'organizations',
  'sipusers',
  'trunks',
  'phonenumbers',
  'locations',
  'configmaps',
  'secrets',
  'services',
  'statefulsets',
  'networkpolicies',
  'poddisruptionbudgets',
  'resourcequotas',
  'pods',
  'persistentvolumeclaims',
].join(',');

interface Written {
  readonly kind: string;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly managedFields?: unknown };
  readonly data?: unknown;
}

/** Every object of a namespace by kind and name: two equal answers mean that nothing was written between them. */
export type Versions = Readonly<Record<string, unknown>>;

/** With what each says, so that a failed comparison tells what was written; but the content of Secrets and files. */
export async function versions(namespace: string): Promise<Versions> {
  const { items } = JSON.parse(await kubectl(['-n', namespace, 'get', KINDS, '-o', 'json'])) as { items: Written[] };
  return Object.fromEntries(
    items.map(({ data: _, ...rest }) => {
      const { managedFields: __, ...metadata } = rest.metadata;
      return [`${rest.kind}/${metadata.name}`, { ...rest, metadata }];
    }),
  );
}

/** Whether its last configuration was tried on a fresh Asterisk: the answer comes seconds after the configuration runs. */
function tried(pbx: unknown): boolean {
  const conditions = (pbx as Written | undefined)?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'RestartSafe' && status !== 'Unknown');
}

/**
 * Waits until a tenant has its quota (made some time after its last user), its restart check has an answer and nothing
 * was written for three seconds.
 */
export async function settled(namespace: string): Promise<Versions> {
  let last = '';
  let since = 0;
  return until(
    `${namespace} to settle`,
    async () => {
      const now = await versions(namespace);
      const text = JSON.stringify(now);
      if (text !== last) [last, since] = [text, performance.now()];
      const quota = `ResourceQuota/${namespace}-limits` in now;
      return quota && tried(now[`Organization/${namespace}`]) && performance.now() - since > 3_000 ? now : undefined;
    },
    { deadlineMs: 90_000, everyMs: 500 },
  );
}
