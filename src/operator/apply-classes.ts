import { builtInClasses } from '../api/built-in-classes.ts';
import type { OrganizationClass } from '../api/index.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { type Clock, until } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';

/**
 * Applies the built-in OrganizationClasses to a cluster. Helm cannot do it: it looks up the kind of every manifest before
 * it applies any, and so refuses objects of the kinds that the same chart installs. A class in which somebody edited a field
 * that this would change is left as it is.
 */
export interface ApplyClassesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly classes?: readonly OrganizationClass[];
}

const MANAGER = 'ringfleet-classes';
const DEADLINE_MS = 240_000;
const AGAIN_MS = 1_000;

/**
 * Applies the classes, waiting while the kind is not served yet or the API server does not answer.
 * @returns names of the classes that were left as they are
 * @throws when one is refused for another reason, or the kind does not come within four minutes
 */
export async function applyClasses(options: ApplyClassesOptions, signal: AbortSignal): Promise<string[]> {
  const left: string[] = [];
  for (const one of options.classes ?? builtInClasses)
    if (!(await apply(one, options, signal))) left.push(one.metadata.name);
  return left;
}

/** Resolves to false if the class was left as it is. */
function apply(
  one: OrganizationClass,
  { client, clock, log }: ApplyClassesOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { name } = one.metadata;
  return until(
    `OrganizationClass ${name} to be taken`,
    async () => {
      try {
        await client.applyUnforced({ ...one, metadata: { name } }, MANAGER, signal);
        log.info({ name }, 'Applied a built-in class');
        return true;
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        if (error.conflict) {
          log.warn(
            { name, why: error.message },
            'Left a built-in class as it is: fields were edited that this would change',
          );
          return false;
        }
        if (!error.notFound && !error.retryable) throw error;
        log.info(
          { name, code: error.code, reason: error.reason },
          'Could not apply a built-in class yet, trying again',
        );
        return undefined;
      }
    },
    { clock, deadlineMs: DEADLINE_MS, everyMs: AGAIN_MS, signal },
  );
}
