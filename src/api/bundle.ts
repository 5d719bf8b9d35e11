import { z } from 'zod';

/**
 * The contract between the operator (or `up`) and the agent: the format of a configuration bundle.
 *
 * A bundle is a directory of fragments plus `manifest.json`. A fragment's key is `<file>.<shard>` (three digits); the
 * Asterisk file is the concatenation of its fragments in the order of their keys. Within a fragment each object's text
 * follows a line `;@ <Kind>/<name>`; text that belongs to no single object follows `;@ -`. No text of a user can
 * contain a line break, so a marker is always ours.
 *
 * Besides the files of Asterisk, a bundle may have settings of the agent itself: a JSON object with one member for each
 * concern of the agent, in two files, one of which is secret. They are not fragments, because an agent of an earlier release
 * would write fragments into Asterisk's directory; it ignores these files.
 *
 * Members may be added, but never change their meaning, and a reader ignores those that it does not know. `version` is raised
 * when earlier agents must not load the bundle; these then report that they cannot.
 */
export const BUNDLE_VERSION = 1;

const fragmentSchema = z.object({
  key: z.string().regex(/^[-._a-zA-Z0-9]+\.[0-9]{3}$/),
  /** Hex SHA-256 of the fragment's text. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Derived from a secret: travels in a Secret, never in a ConfigMap. */
  secret: z.boolean(),
});

const settingsSchema = z.object({
  key: z.string().regex(/^[-.a-z0-9]{1,64}$/),
  /** Hex SHA-256 of the file. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The id of a mailbox in Asterisk, which is also the name of its folder. */
const mailboxName = z.string().regex(/^[a-z]{24}$/);

export const bundleManifestSchema = z.object({
  version: z.literal(BUNDLE_VERSION),
  organization: z.string(),
  /** Hex digest of everything except the sequence: equal generations mean equal bundles. */
  generation: z.string().regex(/^[0-9a-f]{16}$/),
  /**
   * A number that rises with each bundle of a tenant, also when a later bundle equals an earlier one. It is not part of the
   * generation. Absent: the operator is of a release before there were sequences.
   */
  sequence: z.number().int().min(1).optional(),
  /** Files whose change waits for a roll. The agent uses this list, and not its own table. */
  restartFiles: z.array(z.string()),
  fragments: z.array(fragmentSchema),
  /** Number of objects that must be loaded, by type, for the types that the operator counts (`asterisk-files.ts`). */
  expects: z.record(z.string(), z.number().int()),
  /** UDP and TCP port of SIP inside the pod. */
  sipPort: z.number().int(),
  rtp: z.object({ start: z.number().int(), end: z.number().int() }),
  /** uids of SipUsers and Trunks that are not in the bundle for now but exist: their calls go on. */
  kept: z.array(z.string()).default([]),
  /** Absent: the operator is of a release before this member. Then nothing is deleted. */
  mailboxes: z
    .object({
      /** What is to be deleted once its SipUser is. */
      purge: z.array(mailboxName),
      /** Of SipUsers who exist, and whose mailboxes are not in the bundle for now. */
      idle: z.array(mailboxName),
    })
    .optional(),
  /** Absent: there are none. */
  settings: z.array(settingsSchema).max(16).optional(),
});

/** Settings by concern, as in one of the two files. Each concern validates its own. */
export const agentSettingsSchema = z.record(z.string(), z.unknown());
export type AgentSettings = z.infer<typeof agentSettingsSchema>;
export type SettingsKey = 'agent.json' | 'agent-secret.json';

/** Goes in a Secret, never in a ConfigMap. */
export const SECRET_SETTINGS: SettingsKey = 'agent-secret.json';
export const OPEN_SETTINGS: SettingsKey = 'agent.json';
/** Bytes of one file of settings, at most. */
export const MOST_SETTINGS = 256 * 1024;

export type BundleManifest = z.infer<typeof bundleManifestSchema>;

/** The name of the manifest's file in a bundle's directory. */
export const MANIFEST_KEY = 'manifest.json';
/** The beginning of a line that names the owner of the text after it. */
export const MARKER = ';@ ';
/** The marker's word for text that belongs to no single object. */
export const SHARED = '-';

/**
 * The text whose hex SHA-256 identifies a version of an object in reports about refused objects: all of its text without
 * markers, in the order of file names, and within a file as written.
 */
export function textForDigest(parts: readonly { readonly file: string; readonly text: string }[]): string {
  const inOrder = parts.toSorted((a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1));
  return inOrder.map(({ text }) => text).join('');
}

/** The Asterisk file that a fragment is a part of: its key without the shard. */
export function fileOf(key: string): string {
  return key.slice(0, -4);
}
