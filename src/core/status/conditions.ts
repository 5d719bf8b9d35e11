import type { Finding } from '../finding.ts';
import { cut } from './text-limit.ts';

/** metav1.Condition. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** A condition before it is known since when it holds. */
export interface Wanted {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message?: string;
}

/** Conditions to write. `lastTransitionTime` is kept from `before` while a status stays, so that nothing is written then. */
export function conditions(
  wanted: readonly Wanted[],
  before: readonly Condition[],
  generation: number | undefined,
  now: string,
): Condition[] {
  return wanted
    .map(({ type, status, reason, message }) => {
      const previous = before.find(condition => condition.type === type);
      return {
        type,
        status,
        reason,
        message: cut(message ?? '', 1024),
        lastTransitionTime: previous?.status === status ? previous.lastTransitionTime : now,
        ...(generation === undefined ? {} : { observedGeneration: generation }),
      };
    })
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** Ready, with Stalled or Reconciling by the rules of kstatus, from the violation and whether the PBX has the object. */
export function readiness(violation: Finding | undefined, notices: readonly Finding[], loaded: Loaded): Wanted[] {
  const noticeConditions = noticeConditionsOf(notices);
  if (violation) {
    const { reason, message } = violation;
    const ready = { type: 'Ready', status: 'False', reason, message } as const;
    if (reason === 'Disabled') return [ready, ...noticeConditions];
    if (reason === 'CredentialsPending' || reason === 'EngineOutdated')
      return [ready, { type: 'Reconciling', status: 'True', reason, message }, ...noticeConditions];
    return [ready, { type: 'Stalled', status: 'True', reason, message }, ...noticeConditions];
  }
  if (loaded.yes) return [{ type: 'Ready', status: 'True', reason: 'Loaded', message: '' }, ...noticeConditions];
  const waiting = { reason: loaded.reason, message: loaded.message };
  return [
    { type: 'Ready', status: 'False', ...waiting },
    { type: 'Reconciling', status: 'True', ...waiting },
    ...noticeConditions,
  ];
}

/** Whether the running PBX has loaded the current configuration of an object. */
export type Loaded =
  | { readonly yes: true }
  | { readonly yes: false; readonly reason: string; readonly message: string };

/** Fields without effect yet as condition `NotImplementedYet`, all other notices as condition `Warning`. */
function noticeConditionsOf(notices: readonly Finding[]): Wanted[] {
  if (notices.length === 0) return NO_NOTICES;
  const later = notices.filter(({ reason }) => reason === 'NotImplementedYet');
  const [first, ...others] = notices.filter(({ reason }) => reason !== 'NotImplementedYet');
  const said = (all: readonly Finding[]): string => all.map(({ message }) => message).join('; ');
  return [
    ...(later.length === 0
      ? []
      : [{ type: 'NotImplementedYet', status: 'True', reason: 'FieldHasNoEffect', message: said(later) } as const]),
    ...(first
      ? [{ type: 'Warning', status: 'True', reason: first.reason, message: said([first, ...others]) } as const]
      : []),
  ];
}

const NO_NOTICES: Wanted[] = [];

export function conditionsOf(status: unknown): readonly Condition[] {
  const list = (status as { conditions?: unknown } | undefined)?.conditions;
  return Array.isArray(list) ? (list as Condition[]) : [];
}
