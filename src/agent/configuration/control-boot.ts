import type { Logger } from '../../runtime/log.ts';
import type { Candidate } from './candidate.ts';
import type { Current } from './current.ts';
import type { Loader, Outcome } from './loader.ts';

/** `byItself`: a failure is caused by this candidate, and not by the machine. */
export type BootVerdict = Outcome & { readonly byItself: boolean };

/**
 * Whether an Asterisk boots with a candidate. After a failure the last known good (`good`) is booted for comparison: if that
 * fails too, the machine is the cause; if it boots, the candidate gets a second try.
 */
export async function bootVerdict(
  candidate: Candidate,
  good: () => Current | undefined,
  loader: Pick<Loader, 'check'>,
  log: Logger,
): Promise<BootVerdict> {
  const outcome = await loader.check(candidate);
  const control = outcome.ok ? undefined : good()?.candidate;
  if (outcome.ok || !control || control.generation === candidate.generation) return { ...outcome, byItself: true };
  const other = await loader.check(control);
  if (other.ok) return { ...(await loader.check(candidate)), byItself: true };
  log.warn({ reason: other.error, refused: outcome.error }, 'Found no configuration that boots, checking again later');
  return { ...outcome, byItself: false };
}
