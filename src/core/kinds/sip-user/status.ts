import type { SipUser } from '../../../api/index.ts';
import type { AgentReport, Contact } from '../../../api/report.ts';
import { semanticEqual } from '../../equality.ts';
import type { Finding } from '../../finding.ts';
import { ListMemo } from '../../list-memo.ts';
import { credentialsName, endpointId } from '../../names.ts';
import { type NumberingPlan, numberingPlan } from '../../numbering/plan.ts';
import { objectKey } from '../../object-key.ts';
import { publicPort, type TenantSnapshot } from '../../snapshot.ts';
import {
  type Condition,
  conditions,
  conditionsOf,
  type Loaded,
  readiness,
  type Wanted,
} from '../../status/conditions.ts';
import type { StatusFacts } from '../../status/facts.ts';
import { objectLoaded } from '../../status/loaded.ts';
import { cut } from '../../status/text-limit.ts';
import type { Tenant } from '../../tenant.ts';
import type { LiveFacts, StatusUpdate } from '../module.ts';
import { type EvaluatedUser, labelOf } from './resolve.ts';

const MAX_CONTACTS = 10;

/** The last status of a user, and the inputs that it was made of. */
interface Remembered extends StatusUpdate<SipUser> {
  readonly input: StatusInput;
}

/** All inputs of `makeStatus` except the user and the time, which matters only when something else changes. */
interface StatusInput {
  readonly loaded: string;
  readonly rejected: string;
  readonly contacts: readonly Contact[] | undefined;
  readonly box: AgentReport['mailboxes'][string] | undefined;
  /** Where phones reach the PBX, and whether it reports. */
  readonly platformText: string;
}

const statusCache = new ListMemo<object, EvaluatedUser, Remembered>();

/** What the status of each user should be. */
export function userStatuses(
  users: readonly EvaluatedUser[],
  { loaded, rejected }: LiveFacts,
  facts: StatusFacts,
): readonly StatusUpdate<SipUser>[] {
  const { tenant = {}, report } = facts;
  const platformText = platformTextOf(facts);
  const loadedText = loaded.yes ? '' : `${loaded.reason} ${loaded.message}`;
  const inspect = (evaluated: EvaluatedUser): { own: Loaded; violation: Finding | undefined; input: StatusInput } => {
    const own = objectLoaded(loaded, evaluated.object, report);
    const violation =
      rejected.size > 0 ? rejected.get(objectKey('SipUser', evaluated.object.metadata.name)) : undefined;
    const input = {
      loaded: own.yes ? '' : loadedText,
      rejected: violation ? `${violation.reason} ${violation.message}` : '',
      contacts: contactsOf(evaluated, facts),
      box: boxOf(evaluated, report),
      platformText,
    };
    return { own, violation, input };
  };
  return statusCache.of(tenant, users, {
    inputs: [report, loadedText, platformText],
    make: evaluated => {
      const { own, violation, input } = inspect(evaluated);
      const status = makeStatus(evaluated, own, violation, facts);
      return {
        object: evaluated.object,
        due: semanticEqual(evaluated.object.status, status) ? undefined : status,
        input,
      };
    },
    // A status that is still to be written has the current time in it.
    holds: ({ due, input }, sameInputs, at) => {
      const evaluated = users[at];
      if (due || !evaluated) return false;
      // `rejected` depends on the whole bundle and is not among the inputs.
      return (
        (sameInputs && rejected.size === 0 && input.rejected === '') || isSameInput(input, inspect(evaluated).input)
      );
    },
  });
}

function isSameInput(before: StatusInput, now: StatusInput): boolean {
  return (
    before.loaded === now.loaded &&
    before.rejected === now.rejected &&
    before.platformText === now.platformText &&
    (before.contacts === now.contacts || textOf(before.contacts) === textOf(now.contacts)) &&
    before.box?.new === now.box?.new &&
    before.box?.old === now.box?.old
  );
}

function platformTextOf({ report, snapshot: { platform } }: StatusFacts): string {
  const { address, publicPorts, sipPort } = platform;
  return [report === undefined, address?.value, publicPorts?.udp, publicPorts?.tcp, sipPort].join(' ');
}

function contactsOf(
  { object, resolved }: EvaluatedUser,
  { tenant, report }: StatusFacts,
): readonly Contact[] | undefined {
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
  evaluated: EvaluatedUser,
  loaded: Loaded,
  rejected: Finding | undefined,
  facts: StatusFacts,
): Record<string, unknown> {
  const { object: user } = evaluated;
  const { snapshot, tenant, report, now } = facts;
  const violation = evaluated.violation ?? rejected ?? evaluated.degradations[0];
  const shown = (evaluated.resolved && contactsOf(evaluated, facts)) ?? [];
  const wanted: Wanted[] = [...readiness(violation, evaluated.notices, loaded), ...live(evaluated, shown, report)];
  const generation = user.metadata.generation;
  const list: Condition[] = conditions(wanted, conditionsOf(user.status), generation, now);
  const target = targetOf(evaluated);
  return {
    observedGeneration: generation ?? 0,
    conditions: list,
    displayName: labelOf(user),
    target,
    ...(evaluated.resolved && tenant ? registrationAt(evaluated, tenant, snapshot, report) : {}),
    ...(shown.length > 0 ? { registrations: [...shown].sort(byUri).slice(0, MAX_CONTACTS).map(fitting) } : {}),
  };
}

function live(evaluated: EvaluatedUser, contacts: readonly Contact[], report: AgentReport | undefined): Wanted[] {
  if (!report) return [unknown('Registered'), unknown('Reachable')];
  if (!evaluated.resolved || evaluated.resolved.target === 'none') return [];
  const registered = contacts.length > 0;
  const reachable = contacts.some(contact => contact.state === 'Reachable');
  const unregistered = `No phone is registered; set one up with the credentials in Secret ${credentialsName(evaluated.object.metadata.name)}`;
  const silent = 'No phone answers OPTIONS; see whether it is on, and reached over the network';
  return [
    registered
      ? { type: 'Registered', status: 'True', reason: 'ContactKnown' }
      : { type: 'Registered', status: 'False', reason: 'NoContact', message: unregistered },
    reachable
      ? { type: 'Reachable', status: 'True', reason: 'AnswersOptions' }
      : { type: 'Reachable', status: 'False', reason: 'NoAnswer', message: registered ? silent : unregistered },
  ];
}

function unknown(type: string): Wanted {
  return { type, status: 'Unknown', reason: 'PbxUnavailable', message: 'The PBX pod does not report its state' };
}

/** The user's messages. A PBX that waits for its roll may still name mailboxes by extension. */
function boxOf(
  { resolved: one }: EvaluatedUser,
  report: AgentReport | undefined,
): AgentReport['mailboxes'][string] | undefined {
  return one?.mailbox ? (report?.mailboxes[one.mailbox] ?? report?.mailboxes[one.extension]) : undefined;
}

function targetOf({ object }: EvaluatedUser): string {
  const [kind] = Object.keys(object.spec.ring?.target ?? {});
  return kind ?? 'sip';
}

function registrationAt(
  evaluated: EvaluatedUser,
  tenant: Tenant,
  snapshot: TenantSnapshot,
  report: AgentReport | undefined,
): Record<string, unknown> {
  const { object: user, resolved: one } = evaluated;
  if (!one) return {};
  const plan = tenant.country ? numberingPlan(tenant.country) : undefined;
  const address = snapshot.platform.address?.value;
  const box = boxOf(evaluated, report);
  const transport = one.sip.transport === 'Any' ? 'UDP' : one.sip.transport;
  return {
    sip: {
      username: one.id,
      credentialsSecret: credentialsName(user.metadata.name),
      domain: tenant.domain,
      ...(address ? { server: address } : {}),
      port: publicPort(transport, snapshot.platform),
      transport,
    },
    ...(plan ? { dialPatterns: dialPatterns(plan) } : {}),
    ...(box ? { voicemail: { new: box.new, old: box.old } } : {}),
  };
}

/** How national and international numbers are dialled. Brackets: the prefix may be left out. */
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
