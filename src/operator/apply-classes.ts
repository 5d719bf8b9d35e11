import { builtInClasses } from '../api/built-in-classes.ts';
import type { OrganizationClass } from '../api/index.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { type Clock, until } from '../runtime/clock.ts';
import type { Logger } from '../runtime/log.ts';

/**
 * The built-in classes as objects of the cluster. What installs Ringfleet by manifests that are checked before the CRDs
 * are there (Helm) cannot bring them itself. A class of which somebody changed what this would change is left as it is.
 */
export interface BringClassesOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly classes?: readonly OrganizationClass[];
}

const MANAGER = 'ringfleet-classes';
const DEADLINE_MS = 240_000;
const AGAIN_MS = 1_000;

/**
 * Applies them, waiting while the kind is not served yet or the API server does not answer.
 * @returns names of the classes that were left as they are
 * @throws when one is refused for another reason, or the kind does not come within four minutes
 */
export async function bringClasses(options: BringClassesOptions, signal: AbortSignal): Promise<string[]> {
  const left: string[] = [];
  for (const one of options.classes ?? builtInClasses)
    if (!(await bring(one, options, signal))) left.push(one.metadata.name);
  return left;
}

/** Whether it is now as it is built in. */
function bring(
  one: OrganizationClass,
  { client, clock, log }: BringClassesOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { name } = one.metadata;
  return until(
    `OrganizationClass ${name} to be taken`,
    async () => {
      try {
        await client.applyUnforced({ ...one, metadata: { name } }, MANAGER, signal);
        log.info({ name }, 'Brought in a class');
        return true;
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        if (error.conflict) {
          log.warn({ name, why: error.message }, 'Left a class as somebody changed it');
          return false;
        }
        if (!error.notFound && !error.retryable) throw error;
        log.info({ name, code: error.code, reason: error.reason }, 'Could not bring in a class yet');
        return undefined;
      }
    },
    { clock, deadlineMs: DEADLINE_MS, everyMs: AGAIN_MS, signal },
  );
}
