import type { Location, SipUser } from '../../api/index.ts';
import { Each } from '../each.ts';
import { Memo } from '../memo.ts';
import { credentialsName, endpointId, mailboxId } from '../names.ts';
import type { Generate } from '../plan.ts';
import { type EffectiveParts, type EffectiveSpec, effectiveSpec, type Tenant } from '../tenant.ts';
import { type Check, firstProblem, type Problem } from '../verdict.ts';
import { addressProblem } from './addresses.ts';
import { takenBy } from './claims.ts';
import { usableCodecs } from './codecs.ts';
import { FALLBACK, resolveDestination, resolveNumber } from './destinations.ts';
import { comparing, type Directory, type Reads, recording, steadyInputs } from './directory.ts';
import { emergencyContext, emergencyKey, locationName } from './emergency.ts';
import { needsOf } from './needs.ts';
import { notYet } from './not-yet.ts';
import { secretText, wrongPassword } from './secrets.ts';

/** A user as the renderer needs her: everything inherited is filled in, every destination is a word of the engine. */
export interface RenderedUser {
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

export interface JudgedUser {
  readonly user: SipUser;
  /** Why she is not rendered. */
  readonly problem?: Problem;
  /** Mistakes that leave her phone working. */
  readonly faults: readonly Problem[];
  readonly notes: readonly Problem[];
  /** What must be made at random for her. */
  readonly needs: readonly Generate[];
  readonly rendered?: RenderedUser;
}

type UserCheck = Check<SipUser, Directory>;

const overLimit: UserCheck = (user, { tenant, register }) =>
  register.over.get(user.metadata.name) === undefined
    ? undefined
    : {
        reason: 'LimitExceeded',
        message: `The organization may have ${tenant.limits.users} users and ${tenant.limits.users} older ones exist; delete one or raise spec.limits.users`,
      };

const extensionLength: UserCheck = (user, { tenant }) => {
  const bounds = tenant.organization.spec.extensions;
  const min = bounds?.minDigits ?? 2;
  const max = bounds?.maxDigits ?? 8;
  const { length } = user.spec.extension;
  if (length >= min && length <= max) return undefined;
  const message = `Extension ${user.spec.extension} has ${length} digits; this organization's have ${min} to ${max}`;
  return { reason: 'InvalidExtension', field: 'spec.extension', message };
};

const extensionReserved: UserCheck = (user, directory) => {
  const { extension } = user.spec;
  if (directory.tenant.organization.spec.extensions?.reserved?.includes(extension)) {
    const message = `Extension ${extension} is reserved by the Organization; choose another`;
    return { reason: 'ReservedExtension', field: 'spec.extension', message };
  }
  return hasCredentials(user, directory) ? undefined : callsForHelp(user, directory);
};

/** A phone that was set up keeps ringing when a Location comes that needs its number; both are told (`judgeLocation`). */
function hasCredentials({ metadata }: SipUser, { secrets }: Directory): boolean {
  const made = secrets.get(credentialsName(metadata.name));
  return made?.data['password'] !== undefined && (made.ownerUid === undefined || made.ownerUid === metadata.uid);
}

/** An extension that calls for help where its user is. */
function callsForHelp(user: SipUser, { tenant, emergency }: Directory): Problem | undefined {
  const { extension } = user.spec;
  const location = locationName(user, tenant);
  if (!emergency.get(emergencyKey(emergencyContext(location), extension))) return undefined;
  const where = location === undefined ? 'here' : `of Location ${location}`;
  const message = `Extension ${extension} is an emergency number ${where}: who dials it there calls for help; choose another extension`;
  return { reason: 'ReservedExtension', field: 'spec.extension', message };
}

const extensionTaken: UserCheck = (user, { register }) => {
  const owner = register.userByExtension.get(user.spec.extension);
  if (owner === undefined || owner === user.metadata.name) return undefined;
  const message = `Extension ${user.spec.extension} belongs to SipUser ${owner}, which is older; choose another extension or delete ${owner}`;
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
  overLimit, // the oldest are in
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
export function judgeUsers(users: readonly SipUser[], directory: Directory): readonly JudgedUser[] {
  const recorder = recording(directory);
  const saysSame = comparing(directory);
  return remembered.of(directory.tenant, users, {
    inputs: steadyInputs(directory),
    holds: ({ reads }, sameInputs) => saysSame(reads, sameInputs),
    make: user => ({ ...judgeUser(user, recorder.directory), reads: recorder.take() }),
  });
}

/** Why nobody reaches a user's phone, whatever it does; undefined: it may ring. */
export function unservedUser(user: SipUser, directory: Directory): string | undefined {
  return unserved.of(user, [directory.tenant, ...steadyInputs(directory)], () => {
    const problem = refusal(user, directory) ?? passwordOf(user, effectiveSpec(user, directory.tenant), directory);
    if (typeof problem === 'string' || problem.reason === 'CredentialsPending') return undefined;
    return problem.reason;
  });
}

/** Thousands may be led to, and the checks ask nothing but the tenant and what is steady. */
const unserved = new Memo<SipUser, string | undefined>();

/** Why a user who is served has no mailbox. */
export function unservedMailbox(user: SipUser, directory: Directory): string | undefined {
  const spec = effectiveSpec(user, directory.tenant);
  if (!spec.voicemail.enabled) return 'voicemail.enabled is false';
  const hasPin = !spec.voicemail.pinSecretRef || pinOf(user, spec, directory, []) !== '';
  return hasPin ? undefined : 'it has no PIN';
}

function refusal(user: SipUser, directory: Directory): Problem | undefined {
  const disabled = {
    reason: 'Disabled',
    message: 'spec.enabled is false: the phone cannot register and calls do not reach it',
  };
  return firstProblem(CHECKS, user, directory) ?? (user.spec.enabled === false ? disabled : undefined);
}

function judgeUser(user: SipUser, directory: Directory): JudgedUser {
  const notes = notYet('SipUser', user.spec);
  const problem = refusal(user, directory);
  if (problem) return { user, problem, faults: [], notes, needs: [] };
  const spec = effectiveSpec(user, directory.tenant);
  const needs = needsOf(user, spec, directory);
  const password = passwordOf(user, spec, directory);
  if (typeof password === 'string') {
    const made = render(user, spec, password, directory);
    return { user, needs, ...made, notes: [...notes, ...made.notes] };
  }
  return { user, problem: password, faults: [], notes, needs: password.reason === 'CredentialsPending' ? needs : [] };
}

function passwordOf(user: SipUser, spec: EffectiveSpec, { secrets }: Directory): string | Problem {
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

function render(
  user: SipUser,
  spec: EffectiveSpec,
  password: string,
  directory: Directory,
): Pick<JudgedUser, 'faults' | 'notes' | 'rendered'> {
  const { tenant } = directory;
  const elsewhere = emailTakenElsewhere(user, directory);
  const faults: Problem[] = elsewhere ? [elsewhere] : []; // the first one is told, and says who has the address
  const mailbox = tenant.features.voicemail && spec.voicemail.enabled;
  const go = (destination: unknown, field: string, otherwise: string): string => {
    if (destination === undefined) return otherwise;
    const resolved = resolveDestination(destination as Parameters<typeof resolveDestination>[0], field, directory);
    if ('word' in resolved) return resolved.word;
    faults.push(resolved.problem);
    return FALLBACK;
  };
  const own = mailbox ? `voicemail:${user.spec.extension}` : undefined;
  const onNoAnswer = go(spec.ring.onNoAnswer, 'spec.ring.onNoAnswer', own ?? FALLBACK);
  const unreachable = spec.ring.unreachable;
  const reserved = callsForHelp(user, directory);
  if (reserved) faults.push(reserved);
  const place = locationName(user, tenant);
  const location = place === undefined ? undefined : directory.locations.get(place);
  if (user.spec.location && !location) faults.push(notFound('Location', user.spec.location.name, 'spec.location'));
  const helper = location?.spec.emergency?.trunk?.name;
  const pin = pinOf(user, spec, directory, faults);
  const usable = usableCodecs(spec.sip.codecs, 'spec.sip.codecs', ['g722', 'alaw', 'ulaw']);
  if (usable.fault) faults.push(usable.fault);
  const { address, ...sip } = spec.sip;
  const wrongAddress = address === undefined ? undefined : addressProblem(user, address, directory);
  if (wrongAddress) faults.push(wrongAddress);
  const rendered: RenderedUser = {
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
      directory,
      faults,
    ),
    emergencyTrunk: helper !== undefined && directory.workingTrunks.get(helper) ? helper : '',
    emergencyNumbers: emergencyContext(location ? place : undefined),
    emergencyCallerId: resolveNumber(location?.spec.emergency?.callerId?.name, 'the Location', directory, faults),
    dial: dialClasses(user, tenant, faults),
    areaCode: areaCodeOf(location, tenant),
  };
  return { faults, notes: usable.note ? [usable.note] : [], rendered };
}

function pinOf(user: SipUser, spec: EffectiveSpec, { secrets }: Directory, faults: Problem[]): string {
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

function notFound(kind: string, name: string, field: string): Problem {
  const message = `${field}: there is no ${kind} ${name} in this namespace; create it or change the reference`;
  return { reason: 'ReferenceNotFound', field, message };
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
