import { z } from 'zod';

/**
 * The wire between the agent and the operator: what is true of the live PBX. Nothing here is a secret.
 *
 * The two are of two releases for as long as an upgrade lasts, and there are more agents than one release can roll in a
 * night. So:
 * - Members are added and never change their meaning. A new concern has a section of its own; those of the first release
 *   stay at the top, where its operator requires them, and are grouped by concern here alone.
 * - A reader takes what it knows. What is missing or is nothing that it knows counts as not known. Only without what
 *   decisions about calls hang on there is no report at all.
 * - `version` rises when a reader of the version before must not believe what it reads.
 */
export const REPORT_VERSION = 1;

/** No text of it is longer, whoever wrote it. */
const LONGEST = 1_024;

const text = z
  .string()
  .overwrite(value => (value.length > LONGEST ? value.slice(0, LONGEST) : value))
  .catch('');
const count = z.number().int().min(0);

const contactSchema = z.object({
  uri: text,
  userAgent: text,
  /** Where its packets come from, `address:port`. */
  source: text,
  transport: text,
  /** RFC 3339; when this contact was first seen. A refresh does not move it. */
  since: text,
  state: z.enum(['Reachable', 'Unreachable', 'Unknown']).catch('Unknown'),
});

const trunkReportSchema = z.object({
  registration: z.enum(['Registered', 'Unregistered', 'Rejected', 'Stopped', 'Unknown']).catch('Unknown'),
  reachable: z.enum(['Reachable', 'Unreachable', 'Unknown']).catch('Unknown'),
  lastCode: z.number().int().optional().catch(undefined),
  lastText: text.optional(),
});

const quarantineSchema = z.object({
  /** `<Kind>/<name>` as in the bundle's markers; `-` when it is text of no single object. */
  object: text,
  /** Hex SHA-256 of the object's text in all files, in the order of file names: says whether it is still the same text. */
  digest: text,
  /** Asterisk's own words, shortened, without credentials. */
  reason: text,
});

/** Who tells. */
const teller = {
  /** Absent: of the first release, 0. */
  version: count.optional(),
  agentVersion: text,
  asteriskVersion: text,
};

/** Whether the PBX is at work. */
const service = {
  ready: z.boolean(),
  draining: z.boolean().catch(false),
};

/** What became of the bundle. */
const configuration = {
  bundle: z
    .object({
      /** Newest complete bundle on disk. */
      seen: z.string().optional().catch(undefined),
      /** Bundle that was applied and read back. */
      loaded: z.string().optional().catch(undefined),
      /** The highest sequence of a bundle that this pod's agent took: it takes none that is lower. */
      sequence: count.optional().catch(undefined),
      /** Files whose change waits for a roll. */
      restartPending: z.array(z.string()).catch([]),
      /** Why `seen` is not `loaded`, when it is not: the last known good is in force. */
      error: text.optional(),
    })
    .catch({ restartPending: [] }),
  restartSafe: z
    .object({ status: z.enum(['True', 'False', 'Unknown']).catch('Unknown'), message: text })
    .catch({ status: 'Unknown', message: '' }),
  quarantined: z.array(quarantineSchema).catch([]),
};

/** The dialplan that Asterisk started with. */
const engine = {
  /** Absent: no Asterisk runs, or it does not say. */
  engine: z.object({ version: count }).optional().catch(undefined),
};

/** What goes on in Asterisk. */
const live = {
  /**
   * Whether all of this is known: false from when the agent starts, or loses its Asterisk, until Asterisk was asked. What
   * it says then is from before, or empty, and nothing to act on.
   */
  observed: z.boolean(),
  /** By AOR id. */
  contacts: z.record(z.string(), z.array(contactSchema).catch([])),
  /** By endpoint id. */
  trunks: z.record(z.string(), trunkReportSchema.catch({ registration: 'Unknown', reachable: 'Unknown' })),
  /** Calls that people would count: channels that parties hold, grouped by linked id. */
  calls: count.catch(0),
  channels: count,
  /** Open to the SIP port, in steps of 50. Absent: fewer than that, or not known. */
  tcpConnections: count.optional().catch(undefined),
  /** Absent: there is memory enough, as far as is known. Stays for ten minutes after something was refused for want of it. */
  memoryPressure: z
    .object({
      /** Calls: new ones but those for help, and lamps too. Lamps: only new subscriptions to extensions. */
      refused: z.enum(['Lamps', 'Calls']),
      /** The endpoint that watches more extensions than any phone would. */
      watcher: text.optional(),
    })
    .optional()
    .catch(undefined),
  /** By mailbox number. */
  mailboxes: z.record(z.string(), z.object({ new: count.catch(0), old: count.catch(0) })).catch({}),
};

const agentReportSchema = z.object({ ...teller, ...service, ...configuration, ...engine, ...live });

/** Reads what an agent of any release sent. `unreadable` says why it is no report, in words of ours alone. */
export function readReport(line: string): { readonly report: AgentReport } | { readonly unreadable: string } {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return { unreadable: 'it is no JSON' };
  }
  const version = (said as { version?: unknown } | null)?.version ?? 0;
  if (typeof version !== 'number' || version > REPORT_VERSION)
    return { unreadable: `it is of version ${Number(version)}, and ${REPORT_VERSION} is the newest that is known` };
  const read = agentReportSchema.safeParse(said);
  if (read.success) return { report: read.data };
  const lacks = [...new Set(read.error.issues.map(({ path }) => String(path[0] ?? 'everything')))].sort();
  return { unreadable: `it lacks ${lacks.join(', ')}` };
}

export type Contact = z.infer<typeof contactSchema>;
export type TrunkReport = z.infer<typeof trunkReportSchema>;
export type Quarantine = z.infer<typeof quarantineSchema>;
export type AgentReport = z.infer<typeof agentReportSchema>;
