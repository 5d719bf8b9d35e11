import type { Logger } from '../../runtime/log.ts';
import type { Candidate } from './candidate.ts';
import type { Current } from './current.ts';
import type { Loader, Outcome } from './loader.ts';

/** `byItself`: it says something of this candidate, and not only of the machine. */
export type BootVerdict = Outcome & { readonly byItself: boolean };

/**
 * Whether an Asterisk boots with a candidate, or would by itself: a machine on which what worked (`good`) does not boot
 * either, or on which it boots the second time, says nothing of what is new.
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
