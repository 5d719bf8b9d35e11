import type { SipUser } from '../../../api/index.ts';
import { Each } from '../../each.ts';
import { Memo } from '../../memo.ts';
import { effectiveSpec, type Tenant } from '../../tenant.ts';
import { comparing, type Reads, recording, steadyInputs } from '../../tenant-index/recording.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import { refusal } from './checks.ts';
import { notYet } from './not-yet.ts';
import { type EvaluatedUser, resolve } from './resolve.ts';
import { secretRequestsOf } from './secret-requests.ts';
import { passwordOf, pinOf } from './secrets.ts';

/** What was judged of a user, and by which answers. */
interface Remembered extends EvaluatedUser {
  readonly reads: Reads;
}

const remembered = new Each<Tenant, SipUser, Remembered>();

/** All users; one who is the same object, and whose every question has the same answer as before, is not judged anew. */
export function evaluateUsers(users: readonly SipUser[], index: TenantIndex): readonly EvaluatedUser[] {
  const recorder = recording(index);
  const saysSame = comparing(index);
  return remembered.of(index.tenant, users, {
    inputs: steadyInputs(index),
    holds: ({ reads }, sameInputs) => saysSame(reads, sameInputs),
    make: user => ({ ...evaluateUser(user, recorder.index), reads: recorder.take() }),
  });
}

/** Why nobody reaches a user's phone, whatever it does; undefined: it may ring. */
export function unservedUser(user: SipUser, index: TenantIndex): string | undefined {
  return unserved.of(user, [index.tenant, ...steadyInputs(index)], () => {
    const violation = refusal(user, index) ?? passwordOf(user, effectiveSpec(user, index.tenant), index);
    if (typeof violation === 'string' || violation.reason === 'CredentialsPending') return undefined;
    return violation.reason;
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

function evaluateUser(user: SipUser, index: TenantIndex): EvaluatedUser {
  const notices = notYet(user.spec);
  const violation = refusal(user, index);
  if (violation) return { object: user, violation, degradations: [], notices };
  const spec = effectiveSpec(user, index.tenant);
  const secretRequests = secretRequestsOf(user, spec, index);
  const password = passwordOf(user, spec, index);
  if (typeof password === 'string') {
    const made = resolve(user, spec, password, index);
    return { object: user, secretRequests, ...made, notices: [...notices, ...made.notices] };
  }
  return {
    object: user,
    violation: password,
    degradations: [],
    notices,
    secretRequests: password.reason === 'CredentialsPending' ? secretRequests : [],
  };
}
