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

/** Resource version of every object of a namespace: two equal answers mean that nothing was written between them. */
export async function versions(namespace: string): Promise<Record<string, string>> {
  const columns = 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}';
  const text = await kubectl(['-n', namespace, 'get', KINDS, '-o', columns]);
  return Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map(line => line.split(' ') as [string, string]),
  );
}

/** Waits until a tenant has its quota (made some time after its last user) and nothing was written for three seconds. */
export async function settled(namespace: string): Promise<Record<string, string>> {
  let last = '';
  let since = 0;
  return until(
    `${namespace} to settle`,
    async () => {
      const now = await versions(namespace);
      const text = JSON.stringify(now);
      if (text !== last) [last, since] = [text, performance.now()];
      const quota = `ResourceQuota/${namespace}-limits` in now;
      return quota && performance.now() - since > 3_000 ? now : undefined;
    },
    { deadlineMs: 90_000, everyMs: 500 },
  );
}
