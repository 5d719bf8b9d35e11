import { z } from 'zod';

/**
 * How the operator sends a bundle to an agent over the connection of its reports. The kubelet brings the same bundle later, in
 * the volume of the pod. First the operator offers the manifest, and the answer names the files that the agent lacks. Then
 * it supplies these, some at a time, and each answer names those that are still missing. When there are none, the agent
 * takes the bundle as if it had come by the volume. 409: the agent has a later one, or got another offer meanwhile.
 */
export const OFFER_PATH = '/v1/bundle';
export const SUPPLY_PATH = '/v1/bundle/files';

/** Most bytes of one request: three times the size limit of a Kubernetes object, into which each file fits. */
export const MOST_DELIVERED = 4 * 1024 * 1024;

export const supplySchema = z.object({
  /** Generation of the offered manifest. */
  generation: z.string(),
  /** Whole files, by key. */
  files: z.record(z.string(), z.string()),
});

export const deliveryAnswerSchema = z.object({ missing: z.array(z.string()) });
