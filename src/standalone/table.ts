import { compile } from '../core/compile.ts';
import { everyKind } from '../core/kinds/index.ts';
import { endpointId } from '../core/names.ts';
import { objectKey } from '../core/object-key.ts';
import type { TenantSnapshot } from '../core/snapshot.ts';
import { type Condition, conditionsOf } from '../core/status/conditions.ts';
import type { DirectoryPbx } from './pbx.ts';

/** The output of `up`: extensions and their states, and how to register. */

export function printTable(pbx: DirectoryPbx, say: (line: string) => void): void {
  const { snapshot } = pbx;
  if (!snapshot) return;
  const statuses = statusesOf(pbx);
  const rows = reachable(snapshot)
    .sort((a, b) => (a.extension < b.extension ? -1 : 1))
    .map(({ kind, name, extension, label }) => {
      const list = conditionsOf(statuses.get(objectKey(kind, name)));
      const of = (type: string): string => list.find(one => one.type === type)?.status ?? '';
      const ready = list.find(one => one.type === 'Ready');
      const state = ready?.status === 'True' ? '' : `${ready?.reason ?? ''}: ${ready?.message ?? ''}`;
      return [extension, label, name, of('Registered'), of('Ready'), state];
    });
  printColumns([['EXT', 'DISPLAY', 'NAME', 'REGISTERED', 'READY', ''], ...rows], say);
  const organization = snapshot.organizations[0];
  if (!organization) {
    say('There is no Organization in the directory; add one');
    return;
  }
  const { address, sipPort } = snapshot.platform;
  say('');
  say(`Register at ${address?.value}:${sipPort} (UDP or TCP) as ${endpointId(organization.metadata.name, '<EXT>')}.`);
  say(
    'Passwords are in .ringfleet/credentials/<NAME>-sip.yaml of the directory, in base64 as in any Secret; --qr [NAME] shows a code to scan.',
  );
  for (const kind of ['Organization', ...everyKind.map(([kind]) => kind)]) reportProblems(kind, statuses, say);
  for (const line of waysOutOf(statuses)) say(line);
}

/** Kinds with an extension have a row in the table, which says why one does not work. */
const IN_ROWS: ReadonlySet<string> = new Set(everyKind.flatMap(([kind, { extension }]) => (extension ? [kind] : [])));

interface Reachable {
  readonly kind: string;
  readonly name: string;
  readonly extension: string;
  readonly label: string;
}

/** All objects with an extension. */
function reachable({ objects }: TenantSnapshot): Reachable[] {
  return everyKind.flatMap(([kind, { extension: own }]) =>
    objects[kind].flatMap(object => {
      const extension = own?.of(object);
      if (!own || extension === undefined) return [];
      return [{ kind, name: object.metadata.name, extension, label: own.label(object) }];
    }),
  );
}

/** The state of an object that works. */
const NOTICES = ['Warning', 'NotImplementedYet'];

function reportProblems(kind: string, statuses: ReadonlyMap<string, unknown>, say: (line: string) => void): void {
  for (const [key, status] of statuses) {
    const list = key.startsWith(`${kind}/`) ? conditionsOf(status) : [];
    for (const type of IN_ROWS.has(kind) ? NOTICES : ['Stalled', ...NOTICES]) {
      const found = list.find(one => one.type === type);
      if (found) say(`${key}: ${found.reason}: ${found.message}`);
    }
  }
}

/** Prints how emergency calls leave, which people must know before they dial 112. */
function waysOutOf(statuses: ReadonlyMap<string, unknown>): string[] {
  return [...statuses].flatMap(([key, status]) =>
    conditionsOf(status)
      .filter(({ type, message }) => WAYS_OUT.includes(type) && message !== '')
      .map(({ message }) => `${key}: ${message}`),
  );
}

const WAYS_OUT = ['EmergencyCalls', 'DefaultRoute', 'EmergencyNumbersOverridden'];

/** Statuses that the operator would write, by object key. */
function statusesOf(pbx: DirectoryPbx): Map<string, unknown> {
  const { snapshot } = pbx;
  if (!snapshot) return new Map();
  const plan = compile({ ...snapshot, report: pbx.report }, new Date(0).toISOString());
  return new Map(plan.statuses.map(({ kind, name, status }) => [objectKey(kind, name), status]));
}

/**
 * Prints a line whenever a phone registers or unregisters, or the problem of an object changes. An edit that is on its way to
 * the PBX is printed for the Organization only.
 */
export function registrationChanges(pbx: DirectoryPbx, say: (line: string) => void): void {
  let before = pictureOf(pbx);
  pbx.onChange(() => {
    const after = pictureOf(pbx, before);
    for (const [key, value] of after) if (before.get(key) !== value) say(`${key}: ${value}`);
    for (const key of before.keys()) if (!after.has(key)) say(`${key}: removed`);
    before = after;
  });
}

/** The problem of each object, except that it is on its way to the PBX. */
function pictureOf(pbx: DirectoryPbx, before: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const picture = new Map<string, string>();
  for (const [key, status] of statusesOf(pbx)) {
    const list = conditionsOf(status);
    const known = before.get(key);
    const isOnItsWay = !key.startsWith('Organization/') && list.some(isLoading);
    picture.set(key, isOnItsWay && known !== undefined ? known : linesOf(list));
  }
  return picture;
}

function isLoading({ type, reason }: Condition): boolean {
  return type === 'Ready' && reason === 'Loading';
}

function linesOf(list: readonly Condition[]): string {
  const find = (type: string): Condition | undefined => list.find(one => one.type === type);
  const ready = find('Ready');
  const registered = find('Registered');
  const state = ready?.status === 'True' ? 'ready' : `${ready?.reason}${ready?.message ? `: ${ready.message}` : ''}`;
  const phone = registered ? `, ${registered.status === 'True' ? 'registered' : 'not registered'}` : '';
  if (list.some(isLoading)) return `${state}${phone}`;
  const suspended = find('Suspended');
  const notices = NOTICES.flatMap(type => find(type) ?? []).map(({ reason, message }) => `${reason}: ${message}`);
  const ways = WAYS_OUT.flatMap(type => find(type)?.message || []);
  return [`${state}${phone}`, ...(suspended ? [`Suspended: ${suspended.message}`] : []), ...notices, ...ways].join(
    '; ',
  );
}

function printColumns(rows: readonly (readonly string[])[], say: (line: string) => void): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  for (const row of rows)
    say(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
