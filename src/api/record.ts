import { z } from 'zod';
import { organizationClassSchema } from './organization-class.ts';

/**
 * What the operator remembers of a tenant between its passes and over its own restarts, in a ConfigMap of its own
 * namespace, where no tenant can write. It is read by the next release too: members are only ever added, and one that
 * cannot be read counts as absent.
 */
const inForce = z.object({
  /** uid of the Organization that it is of: one that was made anew under the same name inherits nothing. */
  organization: z.string().optional(),
  domain: z.string(),
  class: z.object({ name: z.string(), spec: organizationClassSchema.shape.spec }).optional(),
  limits: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Kind of Service; absent: the built-in one. */
  signalling: z.string().optional(),
  /** Version of the engine that the PBX last said it runs, or will boot. */
  engine: z.number().int().optional().catch(undefined),
});

const replaced = z.object({
  /** uid of the pod that was deleted. */
  pod: z.string(),
  /** What the roll is about (`core/roll.ts`): only rolls about the same wait for each other. */
  cause: z.string(),
  /** RFC 3339. */
  at: z.string(),
});

export const tenantRecordSchema = z.object({
  /** The values of those fields that an Organization can be refused for, as they last were good. */
  inForce: inForce.optional().catch(undefined),
  /** A roll replaced this tenant's PBX, and it has not served since. */
  replaced: replaced.optional().catch(undefined),
});
export type TenantRecord = z.infer<typeof tenantRecordSchema>;
export type InForce = z.infer<typeof inForce>;
export type Replaced = z.infer<typeof replaced>;
