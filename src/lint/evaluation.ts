import type { OrganizationClass } from '../api/index.ts';
import { compile } from '../core/compile.ts';
import { type Evaluation, evaluate } from '../core/evaluation.ts';
import type { Finding } from '../core/finding.ts';
import type { Manifest, TenantSnapshot } from '../core/snapshot.ts';
import { claimsAmong, isKnown, type ManifestTenant, secretReferences, snapshotOf } from './snapshot.ts';

/** What the operator would say of an object that a cluster takes. */
export interface Said {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly severity: 'error' | 'warning' | 'note';
  readonly finding: Finding;
}

/** Evaluates each tenant as the operator would, with what all the files have. */
export function evaluateTenants(tenants: readonly ManifestTenant[], classes: readonly OrganizationClass[]): Said[] {
  const claims = claimsAmong(tenants, classes);
  return tenants.flatMap(tenant => {
    const snapshot = snapshotOf(tenant, classes, claims);
    return [...ofTenant(evaluate(snapshot), snapshot), ...missingClasses(tenant, classes), ...missingSecrets(tenant)];
  });
}

interface EvaluatedObject {
  readonly violation?: Finding;
  readonly degradations?: readonly Finding[];
  readonly notices: readonly Finding[];
}

function ofTenant(evaluation: Evaluation, snapshot: TenantSnapshot): Said[] {
  const { namespace } = snapshot;
  // without its Organization a tenant is not whole: what is referred to may be elsewhere, too
  const isWhole = snapshot.organizations.some(({ metadata }) => metadata.uid !== undefined);
  const severityOf = ({ reason }: Finding): Said['severity'] =>
    !isWhole && reason === 'ReferenceNotFound' ? 'warning' : (MILDER[reason] ?? 'error');
  const said: Said[] = [];
  const add = (kind: string, name: string, { violation, degradations = [], notices }: EvaluatedObject): void => {
    if (violation) said.push({ namespace, kind, name, severity: severityOf(violation), finding: violation });
    for (const finding of degradations) said.push({ namespace, kind, name, severity: severityOf(finding), finding });
    for (const finding of notices)
      said.push({
        namespace,
        kind,
        name,
        severity: finding.reason === 'NotImplementedYet' ? 'note' : 'warning',
        finding,
      });
  };
  for (const one of evaluation.organizations) add('Organization', one.organization.metadata.name, one);
  for (const [kind, all] of Object.entries(evaluation.objects))
    for (const one of all) add(kind, one.object.metadata.name, one);
  for (const [object, field] of compile(snapshot, NEVER).bundle?.refused ?? []) {
    const [kind = '', name = ''] = object.split('/');
    const message = `${field ?? 'A value'} has characters that Asterisk cannot take; use letters, digits and . _ - + only`;
    const finding = { reason: 'UnsafeValue', message, ...(field === undefined ? {} : { field }) };
    said.push({ namespace, kind, name, severity: 'error', finding });
  }
  return said;
}

const NEVER = '1970-01-01T00:00:00.000Z';

/** What somebody wants so, or what depends on the cluster. */
const MILDER: Readonly<Record<string, Said['severity']>> = { ClassNotAllowed: 'warning', Disabled: 'note' };

function missingClasses({ namespace, objects }: ManifestTenant, classes: readonly OrganizationClass[]): Said[] {
  return objects.flatMap(({ kind, metadata, spec }): Said[] => {
    const { className = '' } = (spec ?? {}) as { className?: string };
    if (kind !== 'Organization' || isKnown(className, classes)) return [];
    const message = `OrganizationClass ${className} is not in these files; the cluster must have it`;
    const finding = { reason: 'ClassNotFound', field: 'spec.className', message };
    return [{ namespace, kind, name: metadata.name, severity: 'note', finding }];
  });
}

function missingSecrets({ namespace, objects }: ManifestTenant): Said[] {
  const given = new Map(objects.filter(({ kind }) => kind === 'Secret').map(one => [one.metadata.name, keysOf(one)]));
  return objects.flatMap(({ kind, metadata, spec }) =>
    secretReferences(spec).flatMap(({ name, key, field }): Said[] => {
      const keys = given.get(name);
      if (keys && (key === undefined || keys.has(key))) return [];
      const what = keys ? `Secret ${name} has no key ${key}` : `Secret ${name} is not in these files`;
      const message = `${what}; the cluster must have it, or this does not work`;
      const finding = { reason: 'SecretNotFound', message, field };
      return [{ namespace, kind, name: metadata.name, severity: keys ? 'warning' : 'note', finding }];
    }),
  );
}

function keysOf(secret: Manifest): ReadonlySet<string> {
  return new Set([secret['data'], secret['stringData']].flatMap(keyed => Object.keys(keyed ?? {})));
}
