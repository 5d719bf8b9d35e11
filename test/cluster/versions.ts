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
