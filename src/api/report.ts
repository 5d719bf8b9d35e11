import { z } from 'zod';

/** The wire between the agent and the operator: what is true of the live PBX. Nothing here is a secret. */

const contactSchema = z.object({
  uri: z.string(),
  userAgent: z.string(),
  /** Where its packets come from, `address:port`. */
  source: z.string(),
  transport: z.string(),
  /** RFC 3339; when this contact was first seen. A refresh does not move it. */
  since: z.string(),
  state: z.enum(['Reachable', 'Unreachable', 'Unknown']),
});

const trunkReportSchema = z.object({
  registration: z.enum(['Registered', 'Unregistered', 'Rejected', 'Stopped', 'Unknown']),
  reachable: z.enum(['Reachable', 'Unreachable', 'Unknown']),
  lastCode: z.number().int().optional(),
  lastText: z.string().optional(),
});

const quarantineSchema = z.object({
  /** `<Kind>/<name>` as in the bundle's markers; `-` when it is text of no single object. */
  object: z.string(),
  /** Hex SHA-256 of the object's text in all files, in the order of file names: says whether it is still the same text. */
  digest: z.string(),
  /** Asterisk's own words, shortened, without credentials. */
  reason: z.string(),
});

export const agentReportSchema = z.object({
  agentVersion: z.string(),
  asteriskVersion: z.string(),
  ready: z.boolean(),
  draining: z.boolean(),
  /**
   * Whether contacts, trunks, calls, channels and mailboxes are known: false from when the agent starts, or loses its
   * Asterisk, until Asterisk was asked. What they say then is from before, or empty, and nothing to act on.
   */
  observed: z.boolean(),
  bundle: z.object({
    /** Newest complete bundle on disk. */
    seen: z.string().optional(),
    /** Bundle that was applied and read back. */
    loaded: z.string().optional(),
    /** Files whose change waits for a roll. */
    restartPending: z.array(z.string()),
    /** Why `seen` is not `loaded`, when it is not: the last known good is in force. */
    error: z.string().optional(),
  }),
  restartSafe: z.object({ status: z.enum(['True', 'False', 'Unknown']), message: z.string() }),
  quarantined: z.array(quarantineSchema),
  /** By AOR id. */
  contacts: z.record(z.string(), z.array(contactSchema)),
  /** By endpoint id. */
  trunks: z.record(z.string(), trunkReportSchema),
  /** Calls that people would count: channels that parties hold, grouped by linked id. */
  calls: z.number().int(),
  channels: z.number().int(),
  /** Open to the SIP port, in steps of 50. Absent: fewer than that, or not known. */
  tcpConnections: z.number().int().optional(),
  /** Absent: there is memory enough, as far as is known. Stays for ten minutes after something was refused for want of it. */
  memoryPressure: z
    .object({
      /** Calls: new ones but those for help, and lamps too. Lamps: only new subscriptions to extensions. */
      refused: z.enum(['Lamps', 'Calls']),
      /** The endpoint that watches more extensions than any phone would. */
      watcher: z.string().optional(),
    })
    .optional(),
  /** By mailbox number. */
  mailboxes: z.record(z.string(), z.object({ new: z.number().int(), old: z.number().int() })),
});

export type Contact = z.infer<typeof contactSchema>;
export type TrunkReport = z.infer<typeof trunkReportSchema>;
export type Quarantine = z.infer<typeof quarantineSchema>;
export type AgentReport = z.infer<typeof agentReportSchema>;
