import type { AgentReport, Contact } from '../../api/report.ts';
import { numberingPlan } from '../countries.ts';
import { type JudgedUser, labelOf } from '../judge/users.ts';
import { credentialsName, endpointId } from '../names.ts';
import { effectiveSpec, type Tenant } from '../tenant.ts';
import type { Problem } from '../verdict.ts';
import type { World } from '../world.ts';
import { type Condition, conditions, conditionsOf, type Loaded, readiness, type Wanted } from './conditions.ts';

const MAX_CONTACTS = 10;

export interface StatusFacts {
  readonly world: World;
  readonly tenant?: Tenant;
  readonly report?: AgentReport;
  readonly now: string;
}

export function userStatus(
  judged: JudgedUser,
  loaded: Loaded,
  rejected: Problem | undefined,
  facts: StatusFacts,
): Record<string, unknown> {
  const { user } = judged;
  const { world, tenant, report, now } = facts;
  const problem = judged.problem ?? rejected ?? judged.faults[0];
  const contacts = tenant ? (report?.contacts[endpointId(tenant.name, user.spec.extension)] ?? []) : [];
  const shown = judged.rendered && report ? contacts : [];
  const wanted: Wanted[] = [...readiness(problem, judged.notes, loaded), ...live(judged, shown, report)];
  const generation = user.metadata.generation;
  const list: Condition[] = conditions(wanted, conditionsOf(user.status), generation, now);
  const target = targetOf(judged);
  return {
    observedGeneration: generation ?? 0,
    conditions: list,
    displayName: labelOf(user),
    target,
    ...(judged.rendered && tenant ? rendered(judged, tenant, world, report) : {}),
    ...(shown.length > 0 ? { registrations: [...shown].sort(byUri).slice(0, MAX_CONTACTS) } : {}),
  };
}

function live(judged: JudgedUser, contacts: readonly Contact[], report: AgentReport | undefined): Wanted[] {
  if (!report) return [unknown('Registered'), unknown('Reachable')];
  if (!judged.rendered || judged.rendered.target === 'none') return [];
  const registered = contacts.length > 0;
  const reachable = contacts.some(contact => contact.state === 'Reachable');
  return [
    { type: 'Registered', status: registered ? 'True' : 'False', reason: registered ? 'ContactKnown' : 'NoContact' },
    { type: 'Reachable', status: reachable ? 'True' : 'False', reason: reachable ? 'AnswersOptions' : 'NoAnswer' },
  ];
}

function unknown(type: string): Wanted {
  return { type, status: 'Unknown', reason: 'PbxUnavailable', message: 'The PBX pod does not report' };
}

function targetOf({ user }: JudgedUser): string {
  const [kind] = Object.keys(user.spec.ring?.target ?? {});
  return kind ?? 'sip';
}

function rendered(
  judged: JudgedUser,
  tenant: Tenant,
  world: World,
  report: AgentReport | undefined,
): Record<string, unknown> {
  const { user, rendered: one } = judged;
  if (!one) return {};
  const plan = tenant.country ? numberingPlan(tenant.country) : undefined;
  const address = world.surroundings.address?.value;
  const box = report?.mailboxes[one.extension];
  const transport = effectiveSpec(user, tenant).sip.transport;
  return {
    sip: {
      username: one.id,
      credentialsSecret: credentialsName(user.metadata.name),
      domain: tenant.domain,
      ...(address ? { server: address } : {}),
      port: world.surroundings.sipPort,
      transport: transport === 'Any' ? 'UDP' : transport,
    },
    ...(plan
      ? { dialPatterns: { national: `${plan.nationalPrefix}…`, international: `${plan.internationalPrefix}…` } }
      : {}),
    ...(one.mailbox && box ? { voicemail: { new: box.new, old: box.old } } : {}),
  };
}

function byUri(a: Contact, b: Contact): number {
  return a.uri < b.uri ? -1 : 1;
}
