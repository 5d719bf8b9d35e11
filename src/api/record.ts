import { z } from 'zod';
import { organizationClassSchema } from './organization-class.ts';

/**
 * What the operator remembers of a tenant between its passes and over its own restarts, in a ConfigMap of its own
 * namespace, where no tenant can write. It is read by the next release too: members are only ever added, and one that
 * cannot be read counts as absent.
 */
const inForce = z.object({
  /** uid of the Organization: a later one of the same name inherits nothing. */
  organization: z.string().optional(),
  domain: z.string(),
  class: z.object({ name: z.string(), spec: organizationClassSchema.shape.spec }).optional(),
  limits: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Kind of Service; absent: the built-in one. */
  signalling: z.string().optional(),
  /** Version of the engine that the PBX runs by its last report, or will boot. */
  engine: z.number().int().optional().catch(undefined),
});

const replaced = z.object({
  /** uid of the pod that was deleted. */
  pod: z.string(),
  /** The cause of the roll (`core/roll.ts`): only rolls with the same cause wait for each other. */
  cause: z.string(),
  /** RFC 3339. */
  at: z.string(),
});

export const tenantRecordSchema = z.object({
  /** The last accepted values of those fields for which an Organization can be refused. */
  inForce: inForce.optional().catch(undefined),
  /** Set while the PBX of this tenant was replaced by a roll and is not ready again. */
  replaced: replaced.optional().catch(undefined),
});
export type TenantRecord = z.infer<typeof tenantRecordSchema>;
export type InForce = z.infer<typeof inForce>;
export type Replaced = z.infer<typeof replaced>;
