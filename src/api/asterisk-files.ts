/**
 * The table of Asterisk's files: each file that a PBX has, who writes it, which module reads it, and which objects it defines.
 * The core uses it to write the files, and the agent to load them, so that each fact about a file is in one place.
 *
 * Operator and agent may be of two releases with different tables. `restart` and `secret` are for the operator, which writes
 * them into the manifest (`restartFiles`, and `secret` of fragments). The agent uses the manifest for these, because the
 * operator decides about rolls by the same list. All else is for the agent: it reloads modules, asks for what is loaded and
 * attributes complaints by its own table, which fits the Asterisk of its image.
 */

/** Modules that can be reloaded, in the order in which the agent reloads them: PJSIP first, as the dialplan names endpoints. */
export const RELOADABLE = [
  'res_pjsip.so',
  'res_pjsip_notify.so',
  'pbx_config.so',
  'app_voicemail.so',
  'features',
  'res_musiconhold.so',
  'res_rtp_asterisk.so',
  'indications',
  'cdr',
  'logger',
] as const;

export type Reloadable = (typeof RELOADABLE)[number];

/** How to ask Asterisk for all objects of a type: by a list action, or by a command in whose output `id` matches each. */
export type Listing =
  | { readonly action: string; readonly header: string }
  | { readonly command: string; readonly id: RegExp };

/** A file that defines objects of one type, each of which begins on a line of its own. */
interface ObjectsByLine {
  readonly type: string;
  /** Its first group is the id. */
  readonly line: RegExp;
  readonly list: Listing;
  /**
   * The manifest has the number of these objects (`expects`). Do not set it for further types: agents of earlier releases do
   * not find objects of these, and would reject the bundle as incomplete.
   */
  readonly counted?: true;
}

/** A file that defines extensions: each object of the tenant adds one to one of these contexts. Their type is the context. */
interface ObjectsByContext {
  readonly contexts: readonly string[];
}

export interface AsteriskFile {
  /** `agent`: the agent writes the file, and no bundle has it. Absent: it comes with the bundle. */
  readonly by?: 'agent';
  /** The module to reload when the file has changed. Absent: Asterisk reads it only when it starts, or it is reloaded elsewhere. */
  readonly module?: Reloadable;
  /** A change waits for a roll, because Asterisk reads it only when it starts, or must not reload it during calls. */
  readonly restart?: true;
  /** Derived from secrets: it travels in a Secret, never in a ConfigMap. */
  readonly secret?: true;
  /** The file that includes this one. While that waits for a roll, the objects of this file may not be loaded either. */
  readonly includedBy?: string;
  readonly defines?: ObjectsByLine | ObjectsByContext;
  /** Source files of Asterisk that log complaints about this file. Messages of others are about calls. */
  readonly complaints?: readonly string[];
}

/** `[id]` or `[id](template)`; `[id](!)` is a template, which is no object. */
const SECTION = /^\[([^\]\s]+)\](?:\((?![^)]*!)[^)]*\))?\s*$/gm;
const MAILBOX = /^([0-9a-z]+)\s*=>/gm;
const CONTEXT_OR_EXTENSION = /^(?:\[([a-z-]+)\].*|exten => ([^,\s]+),1,.*)$/gm;

const PARSER = ['config.c'] as const;
const SORCERY = [...PARSER, 'config_options.c', 'sorcery.c', 'res_sorcery_config.c'] as const;
const DIALPLAN = [...PARSER, 'pbx_config.c', 'pbx.c'] as const;
const VOICEMAIL = [...PARSER, 'app_voicemail.c'] as const;
const MAILBOXES = {
  type: 'mailbox',
  line: MAILBOX,
  list: { action: 'VoicemailUsersList', header: 'VoiceMailbox' },
} as const;

export const ASTERISK_FILES = {
  'modules.conf': { restart: true, complaints: PARSER },
  'sorcery.conf': { restart: true, complaints: PARSER },

  'pjsip_endpoint.conf': {
    module: 'res_pjsip.so',
    defines: {
      type: 'endpoint',
      line: SECTION,
      list: { action: 'PJSIPShowEndpoints', header: 'ObjectName' },
      counted: true,
    },
    complaints: [...SORCERY, 'pjsip_configuration.c', 'res_pjsip_endpoint_identifier_user.c'],
  },
  'pjsip_auth.conf': {
    module: 'res_pjsip.so',
    secret: true,
    defines: {
      type: 'auth',
      line: SECTION,
      list: { action: 'PJSIPShowAuths', header: 'ObjectName' },
      counted: true,
    },
    complaints: [...SORCERY, 'config_auth.c', 'res_pjsip_outbound_authenticator_digest.c'],
  },
  'pjsip_aor.conf': {
    module: 'res_pjsip.so',
    defines: {
      type: 'aor',
      line: SECTION,
      list: { action: 'PJSIPShowAors', header: 'ObjectName' },
      counted: true,
    },
    complaints: [...SORCERY, 'location.c'],
  },
  'pjsip_registration.conf': {
    module: 'res_pjsip.so',
    defines: {
      type: 'registration',
      line: SECTION,
      list: { action: 'PJSIPShowRegistrationsOutbound', header: 'ObjectName' },
      counted: true,
    },
    complaints: [...SORCERY, 'res_pjsip_outbound_registration.c'],
  },
  'pjsip_identify.conf': {
    module: 'res_pjsip.so',
    defines: {
      type: 'identify',
      line: SECTION,
      list: { command: 'pjsip show identifies', id: /Identify:\s+([^/\s<]+)/g },
      counted: true,
    },
    complaints: [...SORCERY, 'res_pjsip_endpoint_identifier_ip.c'],
  },
  // these are about the PBX as a whole; no object of a tenant adds to them
  'pjsip_transport.conf': { module: 'res_pjsip.so', restart: true, complaints: [...SORCERY, 'config_transport.c'] },
  'pjsip_global.conf': { module: 'res_pjsip.so', complaints: [...SORCERY, 'config_global.c'] },
  'pjsip_system.conf': { module: 'res_pjsip.so', restart: true, complaints: [...SORCERY, 'config_system.c'] },
  'pjsip_notify.conf': { module: 'res_pjsip_notify.so', complaints: PARSER },
  'pjsip.conf': { complaints: PARSER },

  'extensions.conf': { module: 'pbx_config.so', restart: true, complaints: DIALPLAN },
  'extensions_tenant.conf': {
    module: 'pbx_config.so',
    defines: { contexts: ['users', 'names', 'numbers', 'trunks'] },
    complaints: DIALPLAN,
  },
  'extensions_generation.conf': { by: 'agent', module: 'pbx_config.so', complaints: DIALPLAN },

  'voicemail.conf': {
    module: 'app_voicemail.so',
    restart: true,
    defines: MAILBOXES, // in bundles of operators that had no file for them
    complaints: VOICEMAIL,
  },
  'voicemail_users.conf': {
    module: 'app_voicemail.so',
    secret: true,
    includedBy: 'voicemail.conf',
    defines: MAILBOXES,
    complaints: VOICEMAIL,
  },

  'features.conf': { module: 'features', complaints: PARSER },
  'musiconhold.conf': { module: 'res_musiconhold.so', complaints: PARSER },
  'rtp.conf': { module: 'res_rtp_asterisk.so', complaints: PARSER },
  'indications.conf': { module: 'indications', complaints: PARSER },
  'cdr.conf': { module: 'cdr', complaints: PARSER },

  // stubs without which a module does not load; they never change
  'acl.conf': { complaints: PARSER },
  'ccss.conf': { complaints: PARSER },
  'cel.conf': { complaints: PARSER },
  'pjproject.conf': { complaints: PARSER },
  'stasis.conf': { complaints: PARSER },
  'udptl.conf': { complaints: PARSER },

  // log-levels.ts and acl-files.ts of the agent write these, and reload the module themselves
  'logger.conf': { by: 'agent', module: 'logger' },
  'logger_refusals.conf': { by: 'agent' },
  'logger_errors.conf': { by: 'agent' },
  'pjsip_acl.conf': { by: 'agent' },

  'asterisk.conf': { by: 'agent' },
  'manager.conf': { by: 'agent', secret: true },
  'http.conf': { by: 'agent' },
} as const satisfies Readonly<Record<string, AsteriskFile>>;

type Table = typeof ASTERISK_FILES;
type FileWith<Trait> = { [F in keyof Table]: Table[F] extends Trait ? F : never }[keyof Table];

/** The names of all files, so that a file that is not in the table cannot be written: the code would not compile. */
export type AgentFile = FileWith<{ by: 'agent' }>;
export type BundleFile = Exclude<keyof Table, AgentFile>;
/** Files whose objects the manifest counts. */
export type SectionFile = FileWith<{ defines: { counted: true } }>;
/** Files that must not get into a ConfigMap. */
export type SecretFile = FileWith<{ secret: true }>;

/** The entry of a file; undefined: it is not in the table, since it comes from an operator of another release. */
export function asteriskFile(name: keyof Table): AsteriskFile;
export function asteriskFile(name: string): AsteriskFile | undefined;
export function asteriskFile(name: string): AsteriskFile | undefined {
  return Object.hasOwn(ASTERISK_FILES, name) ? ASTERISK_FILES[name as keyof Table] : undefined;
}

const ALL: readonly AsteriskFile[] = Object.values(ASTERISK_FILES);

/** All contexts to which objects of the tenant add extensions. */
export const CONTEXTS: readonly string[] = ALL.flatMap(({ defines }) =>
  defines && 'contexts' in defines ? defines.contexts : [],
);

/** How to ask Asterisk for the objects of each type. */
export const LISTINGS: ReadonlyMap<string, Listing> = new Map(
  ALL.flatMap(({ defines }) => {
    if (!defines) return [];
    if ('type' in defines) return [[defines.type, defines.list] as const];
    return defines.contexts.map(context => [context, extensionsOf(context)] as const);
  }),
);

function extensionsOf(context: string): Listing {
  return { command: `dialplan show ${context}`, id: /^ {2}'([^']*)' => /gm };
}

/** All source files of Asterisk that log complaints about its configuration. */
export const COMPLAINING: ReadonlySet<string> = new Set(ALL.flatMap(({ complaints = [] }) => complaints));

/** An object of Asterisk: an endpoint, a mailbox, an extension of one of the contexts. */
export interface AsteriskObject {
  readonly type: string;
  readonly id: string;
}

/** The objects that a text of a file defines, in their order; none for a file that is not in the table. */
export function objectsIn(file: string, text: string): AsteriskObject[] {
  const defines = asteriskFile(file)?.defines;
  if (!defines) return [];
  if ('type' in defines) {
    return [...text.matchAll(defines.line)].map(([, id = '']) => ({ type: defines.type, id }));
  }
  const found: AsteriskObject[] = [];
  let type = '';
  for (const [, context, id] of text.matchAll(CONTEXT_OR_EXTENSION)) {
    if (context !== undefined) type = context;
    else if (id !== undefined && defines.contexts.includes(type)) found.push({ type, id });
  }
  return found;
}

/** Types of which Asterisk may still have the old objects while these files wait for a roll. */
export function typesWaiting(pending: readonly string[]): string[] {
  const waits = (name: string, { includedBy = '' }: AsteriskFile): boolean =>
    pending.includes(name) || pending.includes(includedBy);
  return Object.entries<AsteriskFile>(ASTERISK_FILES).flatMap(([name, file]) => {
    const { defines } = file;
    if (!defines || !waits(name, file)) return [];
    return 'type' in defines ? [defines.type] : defines.contexts;
  });
}
