import type { Location, SipUser } from '../../api/index.ts';
import { usableCodecs } from '../checks/codecs.ts';
import { FALLBACK, notServed, resolveDestination, resolveNumber } from '../checks/destination.ts';
import { notYet } from '../checks/not-yet.ts';
import { overLimit } from '../checks/over-limit.ts';
import { missing } from '../checks/reference.ts';
import { secretText, wrongPassword } from '../checks/secrets.ts';
import { takenBy } from '../claims.ts';
import { Each } from '../each.ts';
import type { Judged } from '../kinds/module.ts';
import { Memo } from '../memo.ts';
import { credentialsName, endpointId, mailboxId } from '../names.ts';
import { type EffectiveParts, type EffectiveSpec, effectiveSpec, type Tenant } from '../tenant.ts';
import { emergencyContext, emergencyKey, locationName } from '../tenant-index/emergency.ts';
import { comparing, type Reads, recording, steadyInputs } from '../tenant-index/recording.ts';
import { named, takenApart } from '../tenant-index/register.ts';
import type { Next, TenantIndex } from '../tenant-index/tenant-index.ts';
import { type Check, firstProblem, type Problem } from '../verdict.ts';
import { addressProblem } from './addresses.ts';
import { needsOf } from './needs.ts';

/** A user as the renderer needs her: everything inherited is filled in, every destination is a word of the engine. */
export interface ResolvedUser {
  readonly user: SipUser;
  readonly id: string;
  readonly extension: string;
  readonly label: string;
  readonly password: string;
  readonly pin: string;
  /** Empty: none. */
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
  /** The trunk that emergency calls try first, by name; empty: as the others. */
  readonly emergencyTrunk: string;
  /** The context with the emergency numbers that the user dials. */
  readonly emergencyNumbers: string;
  readonly emergencyCallerId: string;
  /** Letters of the classes that may be dialled. */
  readonly dial: string;
  /** As written in the Location; empty: none. */
  readonly areaCode: string;
}

export type JudgedUser = Judged<SipUser, ResolvedUser>;

type UserCheck = Check<SipUser, TenantIndex>;

const extensionLength: UserCheck = (user, { tenant }) => {
  const bounds = tenant.organization.spec.extensions;
  const min = bounds?.minDigits ?? 2;
  const max = bounds?.maxDigits ?? 8;
  const { length } = user.spec.extension;
  if (length >= min && length <= max) return undefined;
  const message = `Extension ${user.spec.extension} has ${length} digits; this organization's have ${min} to ${max}`;
  return { reason: 'InvalidExtension', field: 'spec.extension', message };
};

const extensionReserved: UserCheck = (user, index) => {
  const { extension } = user.spec;
  if (index.tenant.organization.spec.extensions?.reserved?.includes(extension)) {
    const message = `Extension ${extension} is reserved by the Organization; choose another`;
    return { reason: 'ReservedExtension', field: 'spec.extension', message };
  }
  return hasCredentials(user, index) ? undefined : callsForHelp(user, index);
};

/** A phone that was set up keeps ringing when a Location comes that needs its number; both are told (`judgeLocation`). */
function hasCredentials({ metadata }: SipUser, { secrets }: TenantIndex): boolean {
  const made = secrets.get(credentialsName(metadata.name));
  return made?.data['password'] !== undefined && (made.ownerUid === undefined || made.ownerUid === metadata.uid);
}

/** An extension that calls for help where its user is. */
function callsForHelp(user: SipUser, { tenant, emergency }: TenantIndex): Problem | undefined {
  const { extension } = user.spec;
  const location = locationName(user, tenant);
  if (!emergency.get(emergencyKey(emergencyContext(location), extension))) return undefined;
  const where = location === undefined ? 'here' : `of Location ${location}`;
  const message = `Extension ${extension} is an emergency number ${where}: who dials it there calls for help; choose another extension`;
  return { reason: 'ReservedExtension', field: 'spec.extension', message };
}

const extensionTaken: UserCheck = (user, { register }) => {
  const owner = register.ownerOfExtension.get(user.spec.extension);
  if (owner === undefined || owner === named('SipUser', user.metadata.name)) return undefined;
  const message = `Extension ${user.spec.extension} belongs to ${owner}, which is older; choose another extension or delete ${takenApart(owner).name}`;
  return { reason: 'Conflict', field: 'spec.extension', message };
};

const emailTaken: UserCheck = (user, { register }) => {
  const email = user.spec.email?.toLowerCase();
  const local = email === undefined ? undefined : register.userByEmail.get(email);
  return local === undefined || local === user.metadata.name ? undefined : emailConflict(`SipUser ${local}`);
};

/** What a stranger does elsewhere on the platform must not stop a phone. */
const emailTakenElsewhere: UserCheck = (user, { world, emailClaims }) => {
  const email = user.spec.email?.toLowerCase();
  const holder = email === undefined ? undefined : emailClaims.get(email);
  if (!holder || holder.namespace === world.namespace) return undefined;
  const other = takenBy(holder, { namespace: world.namespace, name: user.metadata.name });
  return other === undefined ? undefined : emailConflict(other);
};

function emailConflict(holder: string): Problem {
  const message = `The e-mail address is already in use by ${holder}; use another`;
  return { reason: 'Conflict', field: 'spec.email', message };
}

const emailDomain: UserCheck = (user, { tenant }) => {
  const domains = tenant.organization.spec.allowed?.emailDomains;
  if (!domains || !user.spec.email) return undefined;
  const domain = user.spec.email.split('@')[1]?.toLowerCase() ?? '';
  if (domains.some((allowed: string) => allowed.toLowerCase() === domain)) return undefined;
  return {
    reason: 'NotAllowed',
    field: 'spec.email',
    message: `E-mail addresses of this organization must be at ${domains.join(' or ')}`,
  };
};

/** Writing her credentials there would take the Secret away from whoever made it. */
const secretNameTaken: UserCheck = (user, { foreign }) => {
  const name = credentialsName(user.metadata.name);
  if (!foreign.get(name)) return undefined;
  return {
    reason: 'NameTaken',
    message: `The credentials belong in Secret ${name}, but there is another one of this name; rename or delete that Secret, or give the SipUser another name`,
  };
};

/** What keeps a user from being rendered, in the order in which she would be told. */
const CHECKS: readonly UserCheck[] = [
  overLimit('SipUser', 'users', 'users', { saysOlder: true }), // the oldest are in
  extensionLength,
  extensionReserved,
  extensionTaken, // the older one keeps ringing
  emailDomain,
  emailTaken,
  secretNameTaken, // nothing of anybody else is overwritten
];

/** What was judged of a user, and by which answers. */
interface Remembered extends JudgedUser {
  readonly reads: Reads;
}

const remembered = new Each<Tenant, SipUser, Remembered>();

/** All users; one who is the same object, and whose every question has the same answer as before, is not judged anew. */
export function judgeUsers(users: readonly SipUser[], index: TenantIndex): readonly JudgedUser[] {
  const recorder = recording(index);
  const saysSame = comparing(index);
  return remembered.of(index.tenant, users, {
    inputs: steadyInputs(index),
    holds: ({ reads }, sameInputs) => saysSame(reads, sameInputs),
    make: user => ({ ...judgeUser(user, recorder.index), reads: recorder.take() }),
  });
}

/** Why nobody reaches a user's phone, whatever it does; undefined: it may ring. */
export function unservedUser(user: SipUser, index: TenantIndex): string | undefined {
  return unserved.of(user, [index.tenant, ...steadyInputs(index)], () => {
    const problem = refusal(user, index) ?? passwordOf(user, effectiveSpec(user, index.tenant), index);
    if (typeof problem === 'string' || problem.reason === 'CredentialsPending') return undefined;
    return problem.reason;
  });
}

/** Thousands may be led to, and the checks ask nothing but the tenant and what is steady. */
const unserved = new Memo<SipUser, string | undefined>();

/** Why a user who is served has no mailbox. */
export function unservedMailbox(user: SipUser, index: TenantIndex): string | undefined {
  const spec = effectiveSpec(user, index.tenant);
  if (!spec.voicemail.enabled) return 'voicemail.enabled is false';
  const hasPin = !spec.voicemail.pinSecretRef || pinOf(user, spec, index, []) !== '';
  return hasPin ? undefined : 'it has no PIN';
}

function refusal(user: SipUser, index: TenantIndex): Problem | undefined {
  const disabled = {
    reason: 'Disabled',
    message: 'spec.enabled is false: the phone cannot register and calls do not reach it',
  };
  return firstProblem(CHECKS, user, index) ?? (user.spec.enabled === false ? disabled : undefined);
}

function judgeUser(user: SipUser, index: TenantIndex): JudgedUser {
  const notes = notYet('SipUser', user.spec);
  const problem = refusal(user, index);
  if (problem) return { object: user, problem, faults: [], notes };
  const spec = effectiveSpec(user, index.tenant);
  const needs = needsOf(user, spec, index);
  const password = passwordOf(user, spec, index);
  if (typeof password === 'string') {
    const made = resolve(user, spec, password, index);
    return { object: user, needs, ...made, notes: [...notes, ...made.notes] };
  }
  return {
    object: user,
    problem: password,
    faults: [],
    notes,
    needs: password.reason === 'CredentialsPending' ? needs : [],
  };
}

function passwordOf(user: SipUser, spec: EffectiveSpec, { secrets }: TenantIndex): string | Problem {
  const reference = spec.sip.passwordSecretRef;
  const name = reference?.name ?? credentialsName(user.metadata.name);
  const key = reference?.key ?? 'password';
  const value = secretText(secrets.get(name), key);
  if (!value && !reference) return { reason: 'CredentialsPending', message: 'The credentials are being made' };
  const field = reference ? { field: 'spec.sip.passwordSecretRef' } : {};
  if (value === undefined) {
    const message = `Secret ${name} has no key ${key} (or does not exist); create it`;
    return { reason: 'SecretNotFound', ...field, message };
  }
  const wrong = wrongPassword(value, { min: 8, max: 128 });
  if (wrong === undefined) return value;
  const remedy = reference ? '' : `; delete that key, and a new password is made`;
  return {
    reason: 'InvalidPassword',
    ...field,
    message: `The password in key ${key} of Secret ${name} ${wrong}${remedy}`,
  };
}

function resolve(
  user: SipUser,
  spec: EffectiveSpec,
  password: string,
  index: TenantIndex,
): Pick<JudgedUser, 'faults' | 'notes' | 'resolved'> {
  const { tenant } = index;
  const elsewhere = emailTakenElsewhere(user, index);
  const faults: Problem[] = elsewhere ? [elsewhere] : []; // the first one is told, and says who has the address
  const mailbox = tenant.features.voicemail && spec.voicemail.enabled;
  const go = (destination: unknown, field: string, otherwise: string): string => {
    if (destination === undefined) return otherwise;
    const next = resolveDestination(destination as Parameters<typeof resolveDestination>[0], field, index);
    if ('word' in next) return next.word;
    faults.push(next.problem);
    return FALLBACK;
  };
  const own = mailbox ? `voicemail:${user.spec.extension}` : undefined;
  const onNoAnswer = go(spec.ring.onNoAnswer, 'spec.ring.onNoAnswer', own ?? FALLBACK);
  const unreachable = spec.ring.unreachable;
  const reserved = callsForHelp(user, index);
  if (reserved) faults.push(reserved);
  const place = locationName(user, tenant);
  const location = place === undefined ? undefined : index.objects.Location.get(place);
  if (user.spec.location && !location) faults.push(missing('Location', user.spec.location.name, 'spec.location'));
  const helper = location?.spec.emergency?.trunk?.name ?? '';
  const pin = pinOf(user, spec, index, faults);
  const usable = usableCodecs(spec.sip.codecs, 'spec.sip.codecs', ['g722', 'alaw', 'ulaw']);
  if (usable.fault) faults.push(usable.fault);
  const { address, ...sip } = spec.sip;
  const wrongAddress = address === undefined ? undefined : addressProblem(user, address, index);
  if (wrongAddress) faults.push(wrongAddress);
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
      'spec.callerId.default',
      index,
      faults,
    ),
    emergencyTrunk: index.objects.Trunk.get(helper) && index.unserved.Trunk.get(helper) === undefined ? helper : '',
    emergencyNumbers: emergencyContext(location ? place : undefined),
    emergencyCallerId: resolveNumber(location?.spec.emergency?.callerId?.name, 'the Location', index, faults),
    dial: dialClasses(user, tenant, faults),
    areaCode: areaCodeOf(location, tenant),
  };
  return { faults, notes: usable.note ? [usable.note] : [], resolved };
}

function pinOf(user: SipUser, spec: EffectiveSpec, { secrets }: TenantIndex, faults: Problem[]): string {
  const reference = spec.voicemail.pinSecretRef;
  const name = reference?.name ?? credentialsName(user.metadata.name);
  const key = reference?.key ?? 'voicemailPin';
  const pin = secretText(secrets.get(name), key) ?? '';
  if (/^[0-9]{3,12}$/.test(pin)) return pin;
  if (reference) {
    const message = `Secret ${name} needs a key ${key} with 3 to 12 digits; until then there is no mailbox`;
    faults.push({ reason: 'SecretNotFound', field: 'spec.voicemail.pinSecretRef', message });
  }
  return '';
}

/** Service numbers (a helpline, a time signal) are for who may call nationally. */
const CLASSES: Readonly<Record<string, string>> = {
  All: 'INSW',
  Internal: 'I',
  National: 'NS',
  International: 'W',
  Service: 'S',
};

/** The letters of the classes that a user may dial, all of them in words: what is not here is not allowed. */
function dialClasses({ spec }: SipUser, { organization }: Tenant, faults: Problem[]): string {
  const asked = spec.permissions?.dial ?? ['All'];
  const premium = organization.spec.dialing?.premium === 'Allow';
  if (asked.includes('Premium') && !premium) {
    const message =
      'spec.permissions.dial: Premium has no effect while the Organization forbids premium-rate numbers; set its spec.dialing.premium to Allow, or remove Premium';
    faults.push({ reason: 'NotAllowed', field: 'spec.permissions.dial', message });
  }
  const letters = new Set(['I', ...asked.flatMap(name => [...(CLASSES[name] ?? '')])]);
  if (premium && (asked.includes('Premium') || asked.includes('All'))) letters.add('P');
  return [...letters].sort().join('');
}

/** A Location in another country has no area here: see judgeLocation. */
function areaCodeOf(location: Location | undefined, { country }: Tenant): string {
  return location?.spec.country === country ? (location?.spec.areaCode ?? '') : '';
}

export function labelOf(user: SipUser): string {
  const { fullName, firstName, lastName } = user.spec;
  return fullName ?? [firstName, lastName].filter(Boolean).join(' ');
}

function toUser(
  { name, alias }: { name: string; alias?: string | undefined },
  field: string,
  index: TenantIndex,
): Next {
  if (alias !== undefined) {
    const where = `${field}.user.alias`;
    const message = `${where}: lines of a user have no effect in this release; callers get "unavailable"`;
    return { problem: { reason: 'NotImplementedYet', field: where, message } };
  }
  const extension = index.register.extensionOf.get(named('SipUser', name));
  if (extension === undefined) return { problem: missing('SipUser', name, field) };
  return (
    stranger(name, extension, field, index) ??
    notServed(`SipUser ${name}`, index.unserved.SipUser.get(name), field) ?? { word: `user:${extension}` }
  );
}

function toVoicemail({ name }: { name: string }, field: string, index: TenantIndex): Next {
  if (!index.features.voicemail) {
    const message = `${field} leads to voicemail, which features.voicemail of the Organization turns off; choose another destination`;
    return { problem: { reason: 'FeatureDisabled', field, message } };
  }
  const extension = index.register.extensionOf.get(named('SipUser', name));
  if (extension === undefined) return { problem: missing('SipUser', name, field) };
  const off = index.unserved.SipUser.get(name) ?? index.unservedMailboxes.get(name);
  return (
    stranger(name, extension, field, index) ??
    notServed(`the mailbox of SipUser ${name}`, off, field) ?? { word: `voicemail:${extension}` }
  );
}

/** A user whose extension is an older one's: the call would reach that one instead. */
function stranger(name: string, extension: string, field: string, { register }: TenantIndex): Next | undefined {
  const holder = register.ownerOfExtension.get(extension);
  if (holder === named('SipUser', name)) return undefined;
  const message = `${field} leads to SipUser ${name}, whose extension ${extension} belongs to ${holder}; give one of them another`;
  return { problem: { reason: 'ReferenceNotReady', field, message } };
}

/** How calls reach a user. */
export const USER_DESTINATIONS = { user: toUser, voicemail: toVoicemail };
