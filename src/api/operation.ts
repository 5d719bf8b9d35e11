import { z } from 'zod';

/**
 * What the operator asks of an agent, over the connection by which it hears its reports: one POST for each. They can be
 * asked twice: the second changes nothing. An agent that knows no such verb answers 404.
 */
const operationSchema = z.discriminatedUnion('verb', [
  /** Empty the PBX for a roll. A lease: to be asked again within a minute (`agent/operations/drainer.ts`). */
  z.object({
    verb: z.literal('drain'),
    /** From when the drain began; absent: what the agent was started with. */
    deadlineSeconds: z.number().int().min(0).max(999_999).optional(),
  }),
  /** Take it back into service. */
  z.object({ verb: z.literal('undrain') }),
]);

export type Operation = z.infer<typeof operationSchema>;

const ROOT = '/v1/';

/** The path and query of its request. */
export function pathOf({ verb, ...more }: Operation): string {
  const query = Object.entries(more).map(([name, value]) => `${name}=${value}`);
  return `${ROOT}${verb}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** The operation that a path and query ask for; undefined: none that is known. Members that nobody knows are passed over. */
export function operationOf(path: string): Operation | undefined {
  const [place = '', query = ''] = path.split('?', 2);
  if (!place.startsWith(ROOT)) return undefined;
  const members = [...new URLSearchParams(query)].map(([name, value]) => [name, Number(value)] as const);
  const read = operationSchema.safeParse({ ...Object.fromEntries(members), verb: place.slice(ROOT.length) });
  return read.success ? read.data : undefined;
}
