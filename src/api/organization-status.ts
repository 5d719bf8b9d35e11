import { z } from 'zod';
import { NOT_REPORTED, statusBase } from './common.ts';
import { compliance, features, limits } from './organization-settings.ts';
import { type LimitName, limitedKinds } from './tenant-kinds.ts';

/** What the operator reports of an Organization. */

const used = z
  .object({
    used: z
      .union([z.string(), z.number()])
      .optional()
      .meta({ description: 'How much is in use now.', 'x-ringfleet-quantity': true }),
    hard: z
      .union([z.string(), z.number()])
      .optional()
      .meta({ description: 'How much may be in use at most.', 'x-ringfleet-quantity': true }),
  })
  .describe('How much is in use, and how much may be.');

const pod = z
  .object({
    name: z.string().max(253).describe('Name of the pod.'),
    ready: z.boolean().optional().describe('Whether Asterisk in the pod answers SIP.'),
    generationLoaded: z
      .string()
      .max(64)
      .optional()
      .describe('Generation of the configuration that Asterisk was seen to have loaded.'),
    calls: z.number().int().optional().describe('Number of calls that are up.'),
    rolling: z.boolean().optional().describe('Whether the pod is about to be replaced, once it has no call.'),
    asteriskVersion: z.string().max(128).optional().describe('Version of Asterisk that runs in the pod.'),
  })
  .describe('A pod of the PBX.');

const quarantined = z
  .object({
    kind: z.string().max(64).describe('Kind of the refused object.'),
    name: z.string().max(253).describe('Name of the refused object.'),
    uid: z.string().max(64).optional().describe('The metadata.uid of the refused object.'),
    generation: z.number().int().optional().describe('The metadata.generation of the object when this was written.'),
    reason: z.string().max(1024).optional().describe('What Asterisk said when it refused the object.'),
  })
  .describe('An object whose configuration Asterisk refused to load.');

const usedOf = (description: string) => used.optional().describe(description);

/** The use of each limit that counts objects. */
function usageOfKinds(): Record<LimitName, z.ZodOptional<typeof used>> {
  const members = limitedKinds.map(({ kind, limit: { name } }) => [name, usedOf(`Number of ${kind} objects.`)]);
  return Object.fromEntries(members) as Record<LimitName, z.ZodOptional<typeof used>>;
}

export const organizationStatus = z
  .object({
    ...statusBase,
    effective: z
      .object({ limits: limits.optional(), features: features.optional(), compliance: compliance.optional() })
      .optional()
      .describe('What applies after the defaults of the class were added and refused values replaced.'),
    usage: z
      .object({
        ...usageOfKinds(),
        queues: usedOf(`Number of CallQueue objects. ${NOT_REPORTED}`),
        concurrentCalls: usedOf('Calls that are up now.'),
        minutesThisMonth: usedOf(`Minutes of calls in this month. ${NOT_REPORTED}`),
        storage: usedOf(`Storage of voicemail and recordings. ${NOT_REPORTED}`),
      })
      .optional()
      .describe('How much of each limit is in use.'),
    sip: z
      .object({
        address: z.string().max(253).optional().describe('Address at which phones register.'),
        addressSource: z
          .string()
          .max(32)
          .optional()
          .describe('Where the address comes from, for example LoadBalancer or ClusterIP.'),
        ports: z
          .object({
            udp: z.number().int().optional().describe('Port for SIP over UDP.'),
            tcp: z.number().int().optional().describe('Port for SIP over TCP.'),
            tls: z.number().int().optional().describe(`Port for SIP over TLS. ${NOT_REPORTED}`),
          })
          .optional()
          .describe('Ports at which phones register.'),
        domain: z.string().max(253).optional().describe('SIP domain, and realm of the passwords of phones.'),
      })
      .optional()
      .describe('How phones reach the PBX.'),
    pbx: z
      .object({
        pods: z
          .array(pod)
          .max(10)
          .optional()
          .meta({
            description: 'Pods of the PBX.',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
          }),
        quarantined: z.array(quarantined).max(100).optional().meta({
          description: 'Objects that Asterisk refused to load, 100 at most. All others are in service.',
          'x-kubernetes-list-type': 'atomic',
        }),
      })
      .optional()
      .describe('State of the running PBX.'),
    api: z
      .object({
        serviceAccount: z.string().max(253).optional().describe('Name of the ServiceAccount.'),
        credentialsSecret: z.string().max(253).optional().describe('Name of the Secret with its token.'),
        rotatedAt: z.string().max(64).optional().describe('Time of the last rotation of the token, as in RFC 3339.'),
      })
      .optional()
      .describe(`Credentials of the organization for the Kubernetes API. ${NOT_REPORTED}`),
  })
  .describe('Observed state of the organization and its PBX, written by the operator.');
