import type { SipUser } from '../../../api/index.ts';
import { ListMemo } from '../../list-memo.ts';
import { Memo } from '../../memo.ts';
import { effectiveSpec, type Tenant } from '../../tenant.ts';
import { comparing, type Reads, recording, steadyInputs } from '../../tenant-index/recording.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import { refusal } from './checks.ts';
import { notYet } from './not-yet.ts';
import { type EvaluatedUser, resolve } from './resolve.ts';
import { secretRequestsOf } from './secret-requests.ts';
import { passwordOf, pinOf } from './secrets.ts';

/** The evaluation of a user, and the lookups that it depends on. */
interface Remembered extends EvaluatedUser {
  readonly reads: Reads;
}

const remembered = new ListMemo<Tenant, SipUser, Remembered>();

/** Evaluates all users. A user object that is identical, and whose lookups return the same, keeps the earlier result. */
export function evaluateUsers(users: readonly SipUser[], index: TenantIndex): readonly EvaluatedUser[] {
  const recorder = recording(index);
  const saysSame = comparing(index);
  return remembered.of(index.tenant, users, {
    inputs: steadyInputs(index),
    holds: ({ reads }, sameInputs) => saysSame(reads, sameInputs),
    make: user => ({ ...evaluateUser(user, recorder.index), reads: recorder.take() }),
  });
}

/** Why a user's phone cannot be called, even if it registers; undefined: it can. */
export function unservedUser(user: SipUser, index: TenantIndex): string | undefined {
  return unserved.of(user, [index.tenant, ...steadyInputs(index)], () => {
    const violation = refusal(user, index) ?? passwordOf(user, effectiveSpec(user, index.tenant), index);
    if (typeof violation === 'string' || violation.reason === 'CredentialsPending') return undefined;
    return violation.reason;
  });
}

/** Results are kept, because thousands of users may be destinations. They depend on the tenant and `steadyInputs` only. */
const unserved = new Memo<SipUser, string | undefined>();

/** Why a user who is in service has no mailbox; undefined: there is one. */
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
