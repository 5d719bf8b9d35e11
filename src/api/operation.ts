import { z } from 'zod';

/**
 * Operations that the operator requests from an agent, each by a POST over the connection of the reports. They are
 * idempotent. An agent answers 404 to a verb that it does not know.
 */
const operationSchema = z.discriminatedUnion('verb', [
  /** Drains the PBX for a roll. A lease, which must be renewed within a minute (`agent/operations/drainer.ts`). */
  z.object({
    verb: z.literal('drain'),
    /** Seconds since the beginning of the drain; absent: the default of the agent. */
    deadlineSeconds: z.number().int().min(0).max(999_999).optional(),
  }),
  /** Takes the PBX back into service. */
  z.object({ verb: z.literal('undrain') }),
]);

export type Operation = z.infer<typeof operationSchema>;

const ROOT = '/v1/';

/** The path and query of the request for an operation. */
export function pathOf({ verb, ...more }: Operation): string {
  const query = Object.entries(more).map(([name, value]) => `${name}=${value}`);
  return `${ROOT}${verb}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** The operation that a path and query request; undefined: an unknown one. Unknown parameters are ignored. */
export function operationOf(path: string): Operation | undefined {
  const [place = '', query = ''] = path.split('?', 2);
  if (!place.startsWith(ROOT)) return undefined;
  const members = [...new URLSearchParams(query)].map(([name, value]) => [name, Number(value)] as const);
  const read = operationSchema.safeParse({ ...Object.fromEntries(members), verb: place.slice(ROOT.length) });
  return read.success ? read.data : undefined;
}
