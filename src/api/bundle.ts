import { z } from 'zod';

/**
 * The wire between the operator (or `up`) and the agent: what a configuration bundle is.
 *
 * A bundle is a directory of fragments plus `manifest.json`. A fragment's key is `<file>.<shard>` (three digits); the
 * Asterisk file is the concatenation of its fragments in the order of their keys. Within a fragment each object's text
 * follows a line `;@ <Kind>/<name>`; text that belongs to no single object follows `;@ -`. No text of a user can
 * contain a line break, so a marker is always ours.
 *
 * Beside what Asterisk reads, a bundle may have settings of the agent itself: one JSON object whose members are concerns
 * of the agent, in two files, of which one is secret. They are no fragments, because an agent that does not know of them
 * would write those into Asterisk's directory; it passes over the member and the files.
 *
 * Members are added and never change their meaning; a reader takes what it knows. `version` rises when an agent of before
 * must not take it, which then says so in its report.
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

/** The name of a mailbox inside Asterisk, and of its folder. */
const mailboxName = z.string().regex(/^[a-z]{24}$/);

export const bundleManifestSchema = z.object({
  version: z.literal(BUNDLE_VERSION),
  organization: z.string(),
  /** Hex digest of all else but the sequence: equal generation = equal bundle. */
  generation: z.string().regex(/^[0-9a-f]{16}$/),
  /**
   * Rises with each bundle of a tenant, also when a later one says what an earlier one said; nothing of the generation.
   * Absent: it was written before there were sequences.
   */
  sequence: z.number().int().min(1).optional(),
  /** Files of which a change waits for a roll. The agent goes by this list, whatever it knows of the files itself. */
  restartFiles: z.array(z.string()),
  fragments: z.array(fragmentSchema),
  /** How many objects must be loaded afterwards, by type: of those types that the operator counts (`asterisk-files.ts`). */
  expects: z.record(z.string(), z.number().int()),
  /** UDP and TCP port of SIP inside the pod. */
  sipPort: z.number().int(),
  rtp: z.object({ start: z.number().int(), end: z.number().int() }),
  /** uids of SipUsers and Trunks that are not in the bundle for now but exist: their calls go on. */
  kept: z.array(z.string()).default([]),
  /** Absent: from an operator that does not know of it, and nothing is purged. */
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

/** Settings by concern, as they are in one of the two files. What is in them is read, and judged, by each concern. */
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
/** What a line begins with that says whose text follows. */
export const MARKER = ';@ ';
/** The marker's word for text that belongs to no single object. */
export const SHARED = '-';

/**
 * The text whose hex SHA-256 tells one version of an object from another, in what the agent reports as refused: all that
 * the object has, without markers, in the order of file names, and in one file as it was written.
 */
export function textForDigest(parts: readonly { readonly file: string; readonly text: string }[]): string {
  const inOrder = parts.toSorted((a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1));
  return inOrder.map(({ text }) => text).join('');
}

/** The Asterisk file that a fragment is a part of: its key without the shard. */
export function fileOf(key: string): string {
  return key.slice(0, -4);
}
