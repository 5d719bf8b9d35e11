import { builtInClasses } from '../src/api/built-in-classes.ts';
import type { ObjectMeta } from '../src/api/index.ts';
import {
  locationSchema,
  ofEachKind,
  organizationSchema,
  phoneNumberSchema,
  sipUserSchema,
  trunkSchema,
} from '../src/api/index.ts';
import type { AgentReport } from '../src/api/report.ts';
import { compile } from '../src/core/compile.ts';
import { evaluate } from '../src/core/evaluation.ts';
import { withGeneratedSecrets } from '../src/core/generated-secrets.ts';
import type { Plan } from '../src/core/plan.ts';
import { secretView } from '../src/core/secret-view.ts';
import type { Manifest, SecretView, TenantSnapshot } from '../src/core/snapshot.ts';
import type { TenantIndex } from '../src/core/tenant-index/tenant-index.ts';

/** Snapshots for tests, and the smallest possible API server: it applies a plan to a snapshot. */

export const NOW = '2026-01-01T00:00:00Z';

/** Of a PBX that serves and has nobody. */
export const IDLE_REPORT: AgentReport = {
  agentVersion: 'test',
  asteriskVersion: '22',
  ready: true,
  draining: false,
  observed: true,
  bundle: { restartPending: [] },
  restartSafe: { status: 'True', message: '' },
  quarantined: [],
  contacts: {},
  trunks: {},
  calls: 0,
  channels: 0,
  mailboxes: {},
};
const API = { apiVersion: 'ringfleet.io/v1alpha1' } as const;

function meta(name: string, age = 1, more: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    name,
    namespace: 'acme',
    uid: `uid-${name}`,
    generation: 1,
    creationTimestamp: `2026-01-01T00:00:${String(age).padStart(2, '0')}Z`,
    ...more,
  };
}

export function organization(spec: Record<string, unknown> = {}, name = 'acme') {
  return organizationSchema.parse({
    ...API,
    kind: 'Organization',
    metadata: meta(name, 0),
    spec: { sipDomain: 'acme.example', ...spec },
  });
}

export function user(name: string, extension: string, spec: Record<string, unknown> = {}, age = 1) {
  const parsed = { ...API, kind: 'SipUser', metadata: meta(name, age), spec: { extension, fullName: name, ...spec } };
  return sipUserSchema.parse(parsed);
}

export function trunk(name: string, spec: Record<string, unknown> = {}, age = 1) {
  return trunkSchema.parse({
    ...API,
    kind: 'Trunk',
    metadata: meta(name, age),
    spec: { servers: [{ name: 'a', host: '192.0.2.1', port: 5060 }], ...spec },
  });
}

export function phoneNumber(name: string, number: string, spec: Record<string, unknown> = {}, age = 1) {
  return phoneNumberSchema.parse({ ...API, kind: 'PhoneNumber', metadata: meta(name, age), spec: { number, ...spec } });
}

export function location(name: string, spec: Record<string, unknown>) {
  return locationSchema.parse({ ...API, kind: 'Location', metadata: meta(name), spec });
}

export function secret(name: string, data: Record<string, string>): SecretView {
  return { name, data, annotations: {}, labels: {} };
}

/** What tests set in a snapshot: its lists of objects have short names here. */
export interface Parts extends Partial<TenantSnapshot> {
  readonly users?: TenantSnapshot['objects']['SipUser'];
  readonly trunks?: TenantSnapshot['objects']['Trunk'];
  readonly numbers?: TenantSnapshot['objects']['PhoneNumber'];
  readonly locations?: TenantSnapshot['objects']['Location'];
}

/** The same snapshot with some of its parts replaced. */
export function withParts(
  before: TenantSnapshot,
  { users, trunks, numbers, locations, ...more }: Parts,
): TenantSnapshot {
  const { objects } = before;
  return {
    ...before,
    objects: {
      ...objects,
      SipUser: users ?? objects.SipUser,
      Trunk: trunks ?? objects.Trunk,
      PhoneNumber: numbers ?? objects.PhoneNumber,
      Location: locations ?? objects.Location,
    },
    ...more,
  };
}

export function snapshot(parts: Parts = {}): TenantSnapshot {
  const empty: TenantSnapshot = {
    namespace: 'acme',
    organizations: [organization()],
    classes: builtInClasses,
    objects: ofEachKind(() => []),
    invalid: [],
    secrets: new Map(),
    children: [],
    claims: { emails: new Map(), numbers: new Map(), domains: new Map() },
    platform: {
      mode: 'cluster',
      image: 'ringfleet:test',
      operatorNamespace: 'ringfleet',
      sipPort: 5060,
      quotaReady: true,
      away: [],
      refused: [],
      namespaceLabels: {},
      idle: false,
    },
  };
  return withParts(empty, parts);
}

/** What a check may ask about the tenant of these objects. Throws if no Organization among them is in service. */
export function indexOf(parts: Parts = {}): TenantIndex {
  const { index } = evaluate(snapshot(parts));
  if (!index) throw new Error('no Organization is in service');
  return index;
}

/** Compiles until nothing random is missing. Passwords are the same each time: the tests are about what follows. */
export function settle(before: TenantSnapshot): { snapshot: TenantSnapshot; plan: Plan } {
  const first = compile(before, NOW);
  const filled = withGeneratedSecrets(before, first, ({ secret: name, form }) =>
    form === 'pin' ? '970861' : `password-of-${name}`,
  );
  return { snapshot: filled, plan: compile(filled, NOW) };
}

interface Stated {
  readonly metadata: ObjectMeta;
  readonly status?: unknown;
}

/** The snapshot after the plan was carried out. */
export function carryOut(before: TenantSnapshot, plan: Plan): TenantSnapshot {
  const children = new Map(before.children.map(child => [`${child.kind}/${child.metadata.name}`, child]));
  for (const manifest of plan.apply)
    children.set(`${manifest.kind}/${manifest.metadata.name}`, structuredClone(manifest) as Manifest);
  for (const { kind, name } of plan.prune) children.delete(`${kind}/${name}`);
  const secrets = new Map(before.secrets);
  for (const child of children.values())
    if (child.kind === 'Secret') secrets.set(child.metadata.name, secretView(child));
  const status = <T extends Stated>(kind: string, list: readonly T[]): T[] =>
    list.map(object => {
      const write = plan.statuses.find(one => one.kind === kind && one.name === object.metadata.name);
      return write ? ({ ...object, status: structuredClone(write.status) } as T) : object;
    });
  return {
    ...before,
    children: [...children.values()],
    secrets,
    organizations: status('Organization', before.organizations),
    objects: ofEachKind(kind => status<Stated>(kind, before.objects[kind])) as unknown as TenantSnapshot['objects'],
  };
}

/** Text of one of Asterisk's files in a plan. */
export function fileText(plan: Plan, file: string): string {
  const texts = plan.bundle?.texts ?? new Map<string, string>();
  return [...texts.keys()]
    .filter(key => key.startsWith(`${file}.`))
    .sort()
    .map(key => texts.get(key))
    .join('');
}

export function conditionOf(
  plan: Plan,
  kind: string,
  name: string,
  type: string,
): { status: string; reason: string; message: string } | undefined {
  const status = plan.statuses.find(one => one.kind === kind && one.name === name)?.status as
    | { conditions?: { type: string; status: string; reason: string; message: string }[] }
    | undefined;
  return status?.conditions?.find(condition => condition.type === type);
}
