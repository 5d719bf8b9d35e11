import { z } from 'zod';

/**
 * The contract between the agent and the operator: the agent's report about the live PBX. It has no secrets.
 *
 * During an upgrade the two are of different releases, for more than one night if there are many PBXs. So:
 * - Members may be added, but never change their meaning. A new concern gets a section of its own. Members of the first
 *   release stay at the top level, where its operator requires them; only this file groups them by concern.
 * - A reader ignores members that it does not know, and treats missing or unknown values as not known. A report is unreadable
 *   only if it lacks a member by which calls could be ended.
 * - `version` is raised when operators of earlier releases would misunderstand a report.
 */
export const REPORT_VERSION = 1;

/** Longest text in a report, in characters. Longer ones are cut. */
const LONGEST = 1_024;

const text = z
  .string()
  .overwrite(value => (value.length > LONGEST ? value.slice(0, LONGEST) : value))
  .catch('');
const count = z.number().int().min(0);

const contactSchema = z.object({
  uri: text,
  userAgent: text,
  /** The source of its packets, `address:port`. */
  source: text,
  transport: text,
  /** When this contact was first seen, RFC 3339. A refresh of the registration does not change it. */
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
  /** Hex SHA-256 of the refused text of the object (`textForDigest` of bundle.ts). */
  digest: text,
  /** Asterisk's own words, shortened, without credentials. */
  reason: text,
});

/** The sender of the report. */
const reporter = {
  /** Absent: 0, the first release. */
  version: count.optional(),
  agentVersion: text,
  asteriskVersion: text,
};

/** Whether the PBX is in service. */
const service = {
  ready: z.boolean(),
  draining: z.boolean().catch(false),
};

/** The state of the bundle. */
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

/** The state of the live Asterisk. */
const live = {
  /**
   * Whether this section is known. False after the agent has started or lost its connection, until it has asked Asterisk
   * again: until then the section is empty or out of date, and must not be acted on.
   */
  observed: z.boolean(),
  /** By AOR id. */
  contacts: z.record(z.string(), z.array(contactSchema).catch([])),
  /** By endpoint id. */
  trunks: z.record(z.string(), trunkReportSchema.catch({ registration: 'Unknown', reachable: 'Unknown' })),
  /** Number of calls as people count them: the channels of one call have the same linked id. */
  calls: count.catch(0),
  channels: count,
  /** Open TCP connections to the SIP port, in steps of 50. Absent: fewer, or not known. */
  tcpConnections: count.optional().catch(undefined),
  /** Present for ten minutes after something was refused for lack of memory. */
  memoryPressure: z
    .object({
      /** Lamps: new subscriptions to extensions. Calls: these, and new calls except emergency calls. */
      refused: z.enum(['Lamps', 'Calls']),
      /** The endpoint with more subscriptions to extensions than any phone needs. */
      watcher: text.optional(),
    })
    .optional()
    .catch(undefined),
  /** By mailbox number. */
  mailboxes: z.record(z.string(), z.object({ new: count.catch(0), old: count.catch(0) })).catch({}),
};

const agentReportSchema = z.object({ ...reporter, ...service, ...configuration, ...engine, ...live });

/** Reads a report of an agent of any release. `unreadable`: why it cannot be read, without text of the agent. */
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
