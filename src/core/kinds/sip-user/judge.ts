import type { SipUser } from '../../../api/index.ts';
import { Each } from '../../each.ts';
import { Memo } from '../../memo.ts';
import { effectiveSpec, type Tenant } from '../../tenant.ts';
import { comparing, type Reads, recording, steadyInputs } from '../../tenant-index/recording.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';
import { refusal } from './checks.ts';
import { needsOf } from './needs.ts';
import { notYet } from './not-yet.ts';
import { type JudgedUser, resolve } from './resolve.ts';
import { passwordOf, pinOf } from './secrets.ts';

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

function judgeUser(user: SipUser, index: TenantIndex): JudgedUser {
  const notes = notYet(user.spec);
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
