import { z } from 'zod';

/**
 * How a bundle reaches an agent by the connection over which the operator hears it, beside the pod's volume, where the
 * kubelet brings the same later. First the manifest is offered, and the answer says which of its files the agent lacks;
 * these are supplied, some at a time, and each answer says what is still missing. When nothing is, the agent takes the
 * bundle as if its volume had it. 409: it has a later one, or was offered another meanwhile.
 */
export const OFFER_PATH = '/v1/bundle';
export const SUPPLY_PATH = '/v1/bundle/files';

/** Bytes of one request, at most: an object of Kubernetes, in which each file fits, is a third of it. */
export const MOST_DELIVERED = 4 * 1024 * 1024;

export const supplySchema = z.object({
  /** Of the manifest that was offered. */
  generation: z.string(),
  /** Whole files, by key. */
  files: z.record(z.string(), z.string()),
});

export const deliveryAnswerSchema = z.object({ missing: z.array(z.string()) });
