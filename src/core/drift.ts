import { semanticEqual } from './equality.ts';
import type { Manifest } from './snapshot.ts';

/** Members that others added to child objects where only the operator may set any. */

type Json = Readonly<Record<string, unknown>>;
type Patch = Record<string, unknown>;

/** Objects that must have no other members than ours, by kind. */
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ['data'],
  Secret: ['data'],
  Service: ['spec.selector'],
  NetworkPolicy: ['spec.podSelector', 'spec.podSelector.matchLabels'],
  PodDisruptionBudget: ['spec.selector', 'spec.selector.matchLabels'],
  ResourceQuota: ['spec.hard'],
};

/** Lists that must be exactly as we set them, by kind. */
const EXACT: Readonly<Record<string, readonly string[]>> = {
  NetworkPolicy: ['spec.policyTypes', 'spec.ingress', 'spec.egress'],
};

/** Whether somebody made a ConfigMap or Secret immutable; the operator never does. */
export function isImmutable({ immutable }: Manifest): boolean {
  return immutable === true;
}

/**
 * The merge patch that removes what others added, such as one more label in a Service's selector, by which it finds no pod. A
 * server-side apply does not remove fields of other managers. Undefined: there is nothing to remove.
 */
export function foreignFields(wanted: Manifest, live: Manifest): Patch | undefined {
  const patch: Patch = {};
  for (const path of CLOSED[wanted.kind] ?? []) {
    const members = membersOf(at(wanted, path));
    for (const member of Object.keys(membersOf(at(live, path)))) {
      if (!(member in members)) put(patch, `${path}/${member}`, null);
    }
  }
  for (const path of EXACT[wanted.kind] ?? []) {
    if (!semanticEqual(at(live, path), at(wanted, path))) put(patch, path, at(wanted, path));
  }
  const ports = wanted.kind === 'Service' ? ownPorts(wanted, live) : undefined;
  if (ports) put(patch, 'spec.ports', ports);
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** The live ports without those of others. What the server added to ours, such as node ports, stays. */
function ownPorts(wanted: Manifest, live: Manifest): unknown[] | undefined {
  const key = (port: unknown): string => `${(port as Json)['port']}/${(port as Json)['protocol'] ?? 'TCP'}`;
  const wantedPorts = listAt(wanted, 'spec.ports');
  const keys = new Set(wantedPorts.map(key));
  const ports = listAt(live, 'spec.ports');
  const own = ports.filter(port => keys.has(key(port)));
  return own.length === ports.length || own.length < wantedPorts.length ? undefined : own;
}

function listAt(object: unknown, path: string): readonly unknown[] {
  const list = at(object, path);
  return Array.isArray(list) ? list : [];
}

function membersOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function at(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, member) => membersOf(value)[member], object);
}

/** Sets a member of the patch by its path. In `a.b/c` the part after the slash is one member, which may have dots. */
function put(patch: Patch, path: string, value: unknown): void {
  const [steps = '', last] = path.split(/\/(.*)/s);
  const members = [...steps.split('.'), ...(last === undefined ? [] : [last])];
  let holder = patch;
  for (const member of members.slice(0, -1)) {
    if (holder[member] === null) return; // all of it is removed already
    holder[member] ??= {};
    holder = holder[member] as Patch;
  }
  holder[members.at(-1) ?? ''] = value;
}
