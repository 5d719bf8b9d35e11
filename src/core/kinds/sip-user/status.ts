import type { SipUser } from '../../../api/index.ts';
import type { AgentReport, Contact } from '../../../api/report.ts';
import { same } from '../../covers.ts';
import { Each } from '../../each.ts';
import { credentialsName, endpointId } from '../../names.ts';
import { type NumberingPlan, numberingPlan } from '../../numbering/plan.ts';
import {
  type Condition,
  conditions,
  conditionsOf,
  type Loaded,
  readiness,
  type Wanted,
} from '../../status/conditions.ts';
import { cut } from '../../status/cut.ts';
import type { StatusFacts } from '../../status/facts.ts';
import { objectLoaded } from '../../status/loaded.ts';
import type { Tenant } from '../../tenant.ts';
import type { Problem } from '../../verdict.ts';
import { publicPort, type World } from '../../world.ts';
import type { LiveFacts, Told } from '../module.ts';
import { type JudgedUser, labelOf } from './resolve.ts';

const MAX_CONTACTS = 10;

/** What was told of a user, and by what. */
interface Remembered extends Told<SipUser> {
  readonly seen: Seen;
}

/** All that `makeStatus` looks at, but the user and the time: that only counts when something changes. */
interface Seen {
  readonly loaded: string;
  readonly rejected: string;
  readonly contacts: readonly Contact[] | undefined;
  readonly box: AgentReport['mailboxes'][string] | undefined;
  /** Where phones find the PBX, and whether it reports. */
  readonly around: string;
}

const told = new Each<object, JudgedUser, Remembered>();

/** What the status of each user should be. */
export function userStatuses(
  users: readonly JudgedUser[],
  { loaded, rejected }: LiveFacts,
  facts: StatusFacts,
): readonly Told<SipUser>[] {
  const { tenant = {}, report } = facts;
  const around = aroundOf(facts);
  const loadedText = loaded.yes ? '' : `${loaded.reason} ${loaded.message}`;
  const look = (judged: JudgedUser): { own: Loaded; problem: Problem | undefined; seen: Seen } => {
    const own = objectLoaded(loaded, judged.object, report);
    const problem = rejected.size > 0 ? rejected.get(`SipUser/${judged.object.metadata.name}`) : undefined;
    const seen = {
      loaded: own.yes ? '' : loadedText,
      rejected: problem ? `${problem.reason} ${problem.message}` : '',
      contacts: contactsOf(judged, facts),
      box: boxOf(judged, report),
      around,
    };
    return { own, problem, seen };
  };
  return told.of(tenant, users, {
    inputs: [report, loadedText, around],
    make: judged => {
      const { own, problem, seen } = look(judged);
      const status = makeStatus(judged, own, problem, facts);
      return { object: judged.object, due: same(judged.object.status, status) ? undefined : status, seen };
    },
    // what is due depends on the time
    holds: ({ due, seen }, sameInputs, at) => {
      const judged = users[at];
      if (due || !judged) return false;
      // `rejected` is of the whole bundle, not of the inputs
      return (sameInputs && rejected.size === 0 && seen.rejected === '') || sees(seen, look(judged).seen);
    },
  });
}

function sees(before: Seen, now: Seen): boolean {
  return (
    before.loaded === now.loaded &&
    before.rejected === now.rejected &&
    before.around === now.around &&
    (before.contacts === now.contacts || textOf(before.contacts) === textOf(now.contacts)) &&
    before.box?.new === now.box?.new &&
    before.box?.old === now.box?.old
  );
}

function aroundOf({ report, world: { surroundings } }: StatusFacts): string {
  const { address, publicPorts, sipPort } = surroundings;
  return [report === undefined, address?.value, publicPorts?.udp, publicPorts?.tcp, sipPort].join(' ');
}

function contactsOf({ object, resolved }: JudgedUser, { tenant, report }: StatusFacts): readonly Contact[] | undefined {
  if (!tenant || !report) return undefined;
  return report.contacts[resolved?.id ?? endpointId(tenant.name, object.spec.extension)];
}

const texts = new WeakMap<object, string>();

function textOf(contacts: readonly Contact[] | undefined): string {
  if (!contacts) return '';
  const known = texts.get(contacts);
  if (known !== undefined) return known;
  const text = JSON.stringify(contacts);
  texts.set(contacts, text);
  return text;
}

function makeStatus(
  judged: JudgedUser,
  loaded: Loaded,
  rejected: Problem | undefined,
  facts: StatusFacts,
): Record<string, unknown> {
  const { object: user } = judged;
  const { world, tenant, report, now } = facts;
  const problem = judged.problem ?? rejected ?? judged.faults[0];
  const shown = (judged.resolved && contactsOf(judged, facts)) ?? [];
  const wanted: Wanted[] = [...readiness(problem, judged.notes, loaded), ...live(judged, shown, report)];
  const generation = user.metadata.generation;
  const list: Condition[] = conditions(wanted, conditionsOf(user.status), generation, now);
  const target = targetOf(judged);
  return {
    observedGeneration: generation ?? 0,
    conditions: list,
    displayName: labelOf(user),
    target,
    ...(judged.resolved && tenant ? registrationAt(judged, tenant, world, report) : {}),
    ...(shown.length > 0 ? { registrations: [...shown].sort(byUri).slice(0, MAX_CONTACTS).map(fitting) } : {}),
  };
}

function live(judged: JudgedUser, contacts: readonly Contact[], report: AgentReport | undefined): Wanted[] {
  if (!report) return [unknown('Registered'), unknown('Reachable')];
  if (!judged.resolved || judged.resolved.target === 'none') return [];
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

/** Her messages. A PBX that waits for its roll may have her mailbox by extension still. */
function boxOf(
  { resolved: one }: JudgedUser,
  report: AgentReport | undefined,
): AgentReport['mailboxes'][string] | undefined {
  return one?.mailbox ? (report?.mailboxes[one.mailbox] ?? report?.mailboxes[one.extension]) : undefined;
}

function targetOf({ object }: JudgedUser): string {
  const [kind] = Object.keys(object.spec.ring?.target ?? {});
  return kind ?? 'sip';
}

function registrationAt(
  judged: JudgedUser,
  tenant: Tenant,
  world: World,
  report: AgentReport | undefined,
): Record<string, unknown> {
  const { object: user, resolved: one } = judged;
  if (!one) return {};
  const plan = tenant.country ? numberingPlan(tenant.country) : undefined;
  const address = world.surroundings.address?.value;
  const box = boxOf(judged, report);
  const transport = one.sip.transport === 'Any' ? 'UDP' : one.sip.transport;
  return {
    sip: {
      username: one.id,
      credentialsSecret: credentialsName(user.metadata.name),
      domain: tenant.domain,
      ...(address ? { server: address } : {}),
      port: publicPort(transport, world.surroundings),
      transport,
    },
    ...(plan ? { dialPatterns: dialPatterns(plan) } : {}),
    ...(box ? { voicemail: { new: box.new, old: box.old } } : {}),
  };
}

/** How calls are dialled, as the engine understands it. Without a trunk prefix a number is dialled as it is. */
function dialPatterns({ nationalPrefix, internationalPrefix, bare, valid }: NumberingPlan): Record<string, string> {
  const optional = nationalPrefix !== '' && bare.length === valid.length;
  return {
    national: `${optional ? `[${nationalPrefix}]` : nationalPrefix}…`,
    international: `${internationalPrefix}…`,
  };
}

const LONGEST: Readonly<Partial<Record<keyof Contact, number>>> = {
  uri: 512,
  userAgent: 256,
  source: 64,
  transport: 8,
  since: 64,
};

function fitting(contact: Contact): Contact {
  const members = Object.entries(contact).map(([member, value]) => {
    const longest = LONGEST[member as keyof Contact];
    return [member, typeof value === 'string' && longest !== undefined ? cut(value, longest) : value];
  });
  return Object.fromEntries(members) as Contact;
}

function byUri(a: Contact, b: Contact): number {
  return a.uri < b.uri ? -1 : 1;
}
