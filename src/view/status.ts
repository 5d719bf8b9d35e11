import { type Level, type StatusProblem, statusProblems } from './status-problems.ts';
import { tableLines } from './table.ts';
import { ofKind, type ShownObject, type ShownTenant, stateOf, textAt } from './tenant.ts';

/** A tenant on one screen. */
export interface StatusView {
  readonly namespace: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly problems: readonly StatusProblem[];
}

export function statusView(tenant: ShownTenant): StatusView {
  const [organization] = ofKind(tenant, 'Organization');
  return {
    namespace: tenant.namespace,
    facts: [...(organization ? factsOf(organization, tenant) : []), ...counts(tenant)],
    problems: statusProblems(tenant),
  };
}

/** Whether somebody must do something. */
export function isWrong({ problems }: StatusView): boolean {
  return problems.some(({ level }) => level === 'down' || level === 'wrong');
}

function factsOf({ metadata, spec, status }: ShownObject, { live }: ShownTenant): [string, string][] {
  const address = textAt(status, 'sip', 'address');
  const port = textAt(status, 'sip', 'ports', 'udp');
  const calls = textAt(status, 'usage', 'concurrentCalls', 'used');
  const most = textAt(status, 'usage', 'concurrentCalls', 'hard');
  return [
    ['Organization', `${metadata.name}, class ${textAt(spec, 'className')}, ${textAt(spec, 'state')}`],
    ['SIP domain', textAt(status, 'sip', 'domain') || textAt(spec, 'sipDomain')],
    ...(live
      ? liveFacts(status, address && `${address}${port && `:${port}`}`, calls && `${calls} of ${most || '?'}`)
      : []),
  ];
}

function liveFacts(status: unknown, address: string, calls: string): [string, string][] {
  const { pods = [] } = ((status as { pbx?: { pods?: readonly object[] } } | undefined)?.pbx ?? {}) as {
    pods?: readonly object[];
  };
  const shown = pods.map(pod => {
    const version = textAt(pod, 'asteriskVersion');
    const ready = textAt(pod, 'ready') === 'true' ? 'ready' : 'not ready';
    return `${textAt(pod, 'name')}, ${ready}${version && `, Asterisk ${version}`}`;
  });
  return [
    ['Address', address || 'not known yet'],
    ['PBX', shown.join('; ') || 'no pod yet'],
    ['Calls', calls || '0'],
  ];
}

/** How many of what there are, and how many of those work. */
function counts(tenant: ShownTenant): [string, string][] {
  const working = (all: readonly ShownObject[], type: string): string => {
    const count = all.filter(one => stateOf(one, type) === 'True').length;
    return tenant.live && all.length > 0 ? `, ${count} ${type.toLowerCase()}` : '';
  };
  const users = ofKind(tenant, 'SipUser');
  const trunks = ofKind(tenant, 'Trunk');
  return [
    ['Users', `${users.length}${working(users, 'Registered')}`],
    ['Trunks', `${trunks.length}${working(trunks, 'Reachable')}`],
    ['Numbers', String(ofKind(tenant, 'PhoneNumber').length)],
  ];
}

/** `paint` colours the word of a level. `wide`: notes, too. */
export function statusLines(
  { facts, problems }: StatusView,
  wide: boolean,
  paint: Paint = (_, text) => text,
): string[] {
  const width = Math.max(...facts.map(([name]) => name.length));
  const shown = problems.filter(({ level }) => wide || level !== 'note');
  const rows = shown.map(({ level, object, reason, message }) => [level, object, reason, message]);
  const [header = '', ...lines] = tableLines({ columns: COLUMNS, rows });
  const painted = lines.map((line, at) => {
    const level = shown[at]?.level ?? 'note';
    return paint(level, level) + line.slice(level.length);
  });
  const hidden = problems.length - shown.length;
  return [
    ...tableLines({
      columns: [{ name: '' }, { name: '' }],
      rows: facts.map(([name, value]) => [name.padEnd(width), value]),
    }).slice(1),
    '',
    ...(shown.length > 0 ? [header, ...painted] : ['Nothing is wrong.']),
    ...(hidden > 0 ? [`${hidden} note${hidden === 1 ? '' : 's'} with -o wide`] : []),
  ];
}

type Paint = (level: Level, text: string) => string;

const COLUMNS = [{ name: 'LEVEL' }, { name: 'OBJECT' }, { name: 'REASON' }, { name: 'MESSAGE' }];
