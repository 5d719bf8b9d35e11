import { compile } from '../core/compile.ts';
import { everyKind } from '../core/kinds/index.ts';
import { endpointId } from '../core/names.ts';
import { conditionsOf } from '../core/status/conditions.ts';
import type { World } from '../core/world.ts';
import type { DirectoryPbx } from './pbx.ts';

/** What `up` tells people: who has which extension, in which state, and how to register. */

export function printTable(pbx: DirectoryPbx, say: (line: string) => void): void {
  const { world } = pbx;
  if (!world) return;
  const statuses = statusesOf(pbx);
  const rows = reachable(world)
    .sort((a, b) => (a.extension < b.extension ? -1 : 1))
    .map(({ kind, name, extension, label }) => {
      const list = conditionsOf(statuses.get(`${kind}/${name}`));
      const of = (type: string): string => list.find(one => one.type === type)?.status ?? '';
      const ready = list.find(one => one.type === 'Ready');
      const state = ready?.status === 'True' ? '' : `${ready?.reason ?? ''}: ${ready?.message ?? ''}`;
      return [extension, label, name, of('Registered'), of('Ready'), state];
    });
  printColumns([['EXT', 'DISPLAY', 'NAME', 'REGISTERED', 'READY', ''], ...rows], say);
  const organization = world.organizations[0];
  if (!organization) {
    say('There is no Organization in the directory; add one');
    return;
  }
  const { address, sipPort } = world.surroundings;
  say('');
  say(`Register at ${address?.value}:${sipPort} (UDP or TCP) as ${endpointId(organization.metadata.name, '<EXT>')}.`);
  say('Passwords are in .ringfleet/credentials/<NAME>-sip.yaml of the directory; --qr [NAME] shows a code to scan.');
  for (const kind of OTHERS) tellProblems(kind, statuses, say);
  for (const line of waysOutOf(statuses)) say(line);
}

/** Kinds that have no extension: they are in no row, and only their problems are told. */
const OTHERS = ['Organization', ...everyKind.flatMap(([kind, { extension }]) => (extension ? [] : [kind]))];

interface Reachable {
  readonly kind: string;
  readonly name: string;
  readonly extension: string;
  readonly label: string;
}

/** All that has an extension. */
function reachable({ objects }: World): Reachable[] {
  return everyKind.flatMap(([kind, { extension: own }]) =>
    objects[kind].flatMap(object => {
      const extension = own?.of(object);
      if (!own || extension === undefined) return [];
      return [{ kind, name: object.metadata.name, extension, label: own.label(object) }];
    }),
  );
}

function tellProblems(kind: string, statuses: ReadonlyMap<string, unknown>, say: (line: string) => void): void {
  for (const [key, status] of statuses) {
    const list = key.startsWith(`${kind}/`) ? conditionsOf(status) : [];
    for (const type of ['Stalled', 'Warning']) {
      const found = list.find(one => one.type === type);
      if (found) say(`${key}: ${found.reason}: ${found.message}`);
    }
  }
}

/** What people must know before they dial 112, of each Organization. */
function waysOutOf(statuses: ReadonlyMap<string, unknown>): string[] {
  return [...statuses].flatMap(([key, status]) =>
    conditionsOf(status)
      .filter(({ type, message }) => WAYS_OUT.includes(type) && message !== '')
      .map(({ message }) => `${key}: ${message}`),
  );
}

const WAYS_OUT = ['EmergencyCalls', 'DefaultRoute', 'EmergencyNumbersOverridden'];

/** Statuses as the operator would write them, from the live report. */
function statusesOf(pbx: DirectoryPbx): Map<string, unknown> {
  const { world } = pbx;
  if (!world) return new Map();
  const plan = compile({ ...world, report: pbx.report }, new Date(0).toISOString());
  return new Map(plan.statuses.map(({ kind, name, status }) => [`${kind}/${name}`, status]));
}

/** One line whenever somebody registers or is gone, an object is refused, or the configuration changes. */
export function registrationChanges(pbx: DirectoryPbx, say: (line: string) => void): void {
  let before = pictureOf(pbx);
  pbx.onChange(() => {
    const after = pictureOf(pbx);
    for (const [key, value] of after) if (before.get(key) !== value) say(`${key}: ${value}`);
    for (const key of before.keys()) if (!after.has(key)) say(`${key}: removed`);
    before = after;
  });
}

function pictureOf(pbx: DirectoryPbx): Map<string, string> {
  const picture = new Map<string, string>();
  for (const [key, status] of statusesOf(pbx)) {
    const list = conditionsOf(status);
    const ready = list.find(one => one.type === 'Ready');
    const registered = list.find(one => one.type === 'Registered');
    const emergency = list.find(one => one.type === 'EmergencyCalls');
    const noHelp = emergency?.status === 'False' ? ', no emergency calls' : '';
    const problem =
      ready?.status === 'True' ? 'ready' : `${ready?.reason}${ready?.message ? `: ${ready.message}` : ''}`;
    const warning = list.find(one => one.type === 'Warning');
    const said = warning ? `; ${warning.reason}: ${warning.message}` : '';
    const phone = registered ? `, ${registered.status === 'True' ? 'registered' : 'not registered'}` : '';
    picture.set(key, `${problem}${phone}${noHelp}${said}`);
  }
  return picture;
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
