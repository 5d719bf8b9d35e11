import type { Location, SipUser } from '../../../api/index.ts';
import { usableCodecs } from '../../checks/codecs.ts';
import { FALLBACK, resolveDestination, resolveNumber } from '../../checks/destination.ts';
import { missing } from '../../checks/reference.ts';
import { emergencyNumber } from '../../checks/reserved.ts';
import type { Finding } from '../../finding.ts';
import { endpointId, mailboxId } from '../../names.ts';
import type { EffectiveParts, EffectiveSpec, Tenant } from '../../tenant.ts';
import { emergencyContext, locationName } from '../../tenant-index/emergency.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import type { Evaluated } from '../module.ts';
import { addressViolation, emailTakenElsewhere } from './checks.ts';
import { pinOf } from './secrets.ts';

/** A user as the renderer needs it: with inherited settings, and each destination as a word of the engine. */
export interface ResolvedUser {
  readonly user: SipUser;
  readonly id: string;
  readonly extension: string;
  readonly label: string;
  readonly password: string;
  readonly pin: string;
  /** Id of the mailbox; empty: there is none. */
  readonly mailbox: string;
  readonly sip: EffectiveParts['sip'];
  readonly ringSeconds: number;
  readonly target: 'sip' | 'none';
  readonly onNoAnswer: string;
  readonly onBusy: string;
  readonly onOffline: string;
  readonly offlineDirectOnly: boolean;
  readonly offlineSeconds?: number;
  readonly callerId: string;
  /** Name of the trunk that emergency calls try first; empty: the usual order. */
  readonly emergencyTrunk: string;
  /** The context with the emergency numbers that the user can dial. */
  readonly emergencyNumbers: string;
  readonly emergencyCallerId: string;
  /** Letters of the classes that may be dialled. */
  readonly dial: string;
  /** As written in the Location; empty: none. */
  readonly areaCode: string;
}

export type EvaluatedUser = Evaluated<SipUser, ResolvedUser>;

/** Resolves a user who is in service. Mistakes that are found here are degradations: the phone works. */
export function resolve(
  user: SipUser,
  spec: EffectiveSpec,
  password: string,
  index: TenantIndex,
): Pick<EvaluatedUser, 'degradations' | 'notices' | 'resolved'> {
  const { tenant } = index;
  const elsewhere = emailTakenElsewhere(user, index);
  const degradations: Finding[] = elsewhere ? [elsewhere] : []; // first, because only the first one is reported
  const mailbox = tenant.features.voicemail && spec.voicemail.enabled;
  const go = (destination: unknown, field: string, otherwise: string): string => {
    if (destination === undefined) return otherwise;
    const next = resolveDestination(destination as Parameters<typeof resolveDestination>[0], field, index);
    if ('word' in next) return next.word;
    degradations.push(next.violation);
    return FALLBACK;
  };
  const own = mailbox ? `voicemail:${user.spec.extension}` : undefined;
  const onNoAnswer = go(spec.ring.onNoAnswer, 'spec.ring.onNoAnswer', own ?? FALLBACK);
  const unreachable = spec.ring.unreachable;
  const reserved = emergencyNumber(user.spec.extension, user.spec.location?.name, index);
  if (reserved) degradations.push(reserved);
  const place = locationName(user.spec.location?.name, tenant);
  const location = place === undefined ? undefined : index.objects.Location.get(place);
  if (user.spec.location && !location) degradations.push(missing('Location', user.spec.location.name, 'spec.location'));
  const helper = location?.spec.emergency?.trunk?.name;
  const pin = pinOf(user, spec, index, degradations);
  const usable = usableCodecs(spec.sip.codecs, 'spec.sip.codecs', ['g722', 'alaw', 'ulaw']);
  if (usable.degradation) degradations.push(usable.degradation);
  const { address, ...sip } = spec.sip;
  const wrongAddress = address === undefined ? undefined : addressViolation(user, address, index);
  if (wrongAddress) degradations.push(wrongAddress);
  const resolved: ResolvedUser = {
    user,
    id: endpointId(tenant.name, user.spec.extension),
    extension: user.spec.extension,
    label: labelOf(user),
    password,
    pin,
    mailbox: mailbox && pin !== '' ? mailboxId(user.metadata) : '',
    sip: { ...sip, codecs: usable.codecs, ...(address !== undefined && !wrongAddress && { address }) },
    ringSeconds: spec.ring.seconds,
    target: spec.ring.target && 'none' in spec.ring.target && spec.ring.target.none ? 'none' : 'sip',
    onNoAnswer,
    onBusy: go(spec.ring.onBusy, 'spec.ring.onBusy', spec.ring.onNoAnswer ? onNoAnswer : (own ?? 'hangup:17')),
    onOffline: go(unreachable?.destination, 'spec.ring.unreachable.destination', ''),
    offlineDirectOnly: unreachable?.directCallsOnly === true,
    ...(unreachable?.seconds === undefined ? {} : { offlineSeconds: unreachable.seconds }),
    callerId: resolveNumber(
      (spec.callerId?.default ?? tenant.organization.spec.callerId?.default)?.name,
      spec.callerId?.default ? 'spec.callerId.default' : 'spec.callerId.default of the Organization',
      index,
      degradations,
    ),
    emergencyTrunk: helper !== undefined && index.served.Trunk.get(helper) ? helper : '',
    emergencyNumbers: emergencyContext(location ? place : undefined),
    emergencyCallerId: resolveNumber(location?.spec.emergency?.callerId?.name, 'the Location', index, degradations),
    dial: dialClasses(user, tenant, degradations),
    areaCode: areaCodeOf(location, tenant),
  };
  return { degradations, notices: usable.notice ? [usable.notice] : [], resolved };
}

/** Classes of numbers that each permission allows. Service numbers (a helpline) come with national calls. */
const CLASSES: Readonly<Record<string, string>> = {
  All: 'INSW',
  Internal: 'I',
  National: 'NS',
  International: 'W',
  Service: 'S',
};

/** Letters of the classes that a user may dial: I internal, N national, S service, W world, P premium. */
function dialClasses({ spec }: SipUser, { organization }: Tenant, degradations: Finding[]): string {
  const asked = spec.permissions?.dial ?? ['All'];
  const premium = organization.spec.dialing?.premium === 'Allow';
  if (asked.includes('Premium') && !premium) {
    const message =
      'spec.permissions.dial: Premium has no effect, because the Organization does not allow premium-rate numbers; set its spec.dialing.premium to Allow, or remove Premium';
    degradations.push({ reason: 'NotAllowed', field: 'spec.permissions.dial', message });
  }
  const letters = new Set(['I', ...asked.flatMap(name => [...(CLASSES[name] ?? '')])]);
  if (premium && (asked.includes('Premium') || asked.includes('All'))) letters.add('P');
  return [...letters].sort().join('');
}

/** The area code of a Location in the Organization's country; of another one it has no effect (location/checks.ts). */
function areaCodeOf(location: Location | undefined, { country }: Tenant): string {
  return location?.spec.country === country ? (location?.spec.areaCode ?? '') : '';
}

export function labelOf(user: SipUser): string {
  const { fullName, firstName, lastName } = user.spec;
  return fullName ?? [firstName, lastName].filter(Boolean).join(' ');
}
