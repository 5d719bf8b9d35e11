import { z } from 'zod';
import { NOT_REPORTED, statusBase } from './common.ts';

/** What the operator reports of a user. */

const registration = z
  .object({
    contact: z.string().max(512).optional().describe('Contact URI as the phone sent it.'),
    uri: z.string().max(512).optional().describe('Contact URI as Asterisk keeps it.'),
    userAgent: z.string().max(256).optional().describe('User-Agent header of the phone: its make and version.'),
    source: z.string().max(64).optional().describe('Address and port that packets of the phone come from.'),
    transport: z.string().max(8).optional().describe('Transport by which the phone registered: UDP or TCP.'),
    since: z.string().max(64).optional().describe('Time at which this contact was first seen, as in RFC 3339.'),
    state: z
      .enum(['Reachable', 'Unreachable', 'Unknown'])
      .optional()
      .describe('Whether the phone answers OPTIONS. Unknown: not asked yet.'),
  })
  .describe('A phone that is registered now.');

export const sipUserStatus = z
  .object({
    ...statusBase,
    displayName: z.string().max(160).optional().describe('Name that others see when the user calls.'),
    target: z.string().max(16).optional().describe('What rings when the user is called, as in spec.ring.target.'),
    sip: z
      .object({
        username: z.string().max(128).optional().describe('User name with which a phone registers.'),
        credentialsSecret: z
          .string()
          .max(253)
          .optional()
          .describe('Name of the Secret with the user name and password.'),
        domain: z.string().max(253).optional().describe('SIP domain, and realm of the password.'),
        server: z.string().max(253).optional().describe('Address at which a phone registers.'),
        port: z.number().int().optional().describe('Port at which a phone registers.'),
        transport: z.string().max(8).optional().describe('Transport with which a phone registers.'),
      })
      .optional()
      .describe('What to enter into a phone, so that it registers.'),
    registrations: z
      .array(registration)
      .max(10)
      .optional()
      .meta({ description: 'Phones that are registered now, 10 at most.', 'x-kubernetes-list-type': 'atomic' }),
    dialPatterns: z
      .object({
        national: z
          .string()
          .max(32)
          .optional()
          .describe('How national numbers are dialled; … is the number, and a digit in [] may be left out.'),
        international: z
          .string()
          .max(32)
          .optional()
          .describe('How international numbers are dialled; … is the number with its country code.'),
      })
      .optional()
      .describe('How numbers outside the organization are dialled.'),
    voicemail: z
      .object({
        new: z.number().int().optional().describe('Number of messages that were not heard yet.'),
        old: z.number().int().optional().describe('Number of messages that were heard and kept.'),
      })
      .optional()
      .describe('Messages in the mailbox of the user.'),
    doNotDisturb: z
      .object({
        active: z.boolean().optional().describe('Whether do-not-disturb is on.'),
        setBy: z.string().max(16).optional().describe('What turned it on: Spec or Phone.'),
      })
      .optional()
      .describe(`State of do-not-disturb. ${NOT_REPORTED}`),
  })
  .describe('Observed state of the user, written by the operator.');
