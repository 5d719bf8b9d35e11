/**
 * The table of Asterisk's files: each file that a PBX has, who writes it, what reads it, and what of it can be told apart.
 * The core writes by it and the agent loads by it, so that what is known of a file is said once.
 *
 * Operator and agent may be of two releases, whose tables differ. What was written says how it travels: the manifest names
 * the files that wait for a roll (`restartFiles`) and the fragments that are secret, and the agent goes by the manifest,
 * because the operator rolls by the same words; `restart` and `secret` here are what an operator of this release puts into
 * a manifest. What is to be done with the files is the agent's: it reloads, reads back and attributes complaints by its own
 * table, because that is made for the Asterisk of its image.
 */

/** What Asterisk reloads by name, in the order in which the agent does: a line of the dialplan may name an endpoint. */
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

/** How Asterisk is asked for all objects of a type: a list of its manager, or a command, in whose output `id` finds each. */
export type Listing =
  | { readonly action: string; readonly header: string }
  | { readonly command: string; readonly id: RegExp };

/** Objects of one type, each of which begins in a line of its own. */
interface ObjectsByLine {
  readonly type: string;
  /** Its first group is the id. */
  readonly line: RegExp;
  readonly list: Listing;
  /**
   * The manifest says how many there must be (`expects`). Of what is not counted an agent of before counts none, and would
   * refuse a bundle that promises some.
   */
  readonly counted?: true;
}

/** Extensions of contexts to which objects add one each. The type of such an extension is its context. */
interface ObjectsByContext {
  readonly contexts: readonly string[];
}

export interface AsteriskFile {
  /** `agent`: it alone knows what is in it, and no bundle has it. Otherwise it is a file of the bundle. */
  readonly by?: 'agent';
  /** What must be reloaded when the file has changed. Absent: Asterisk reads it when it starts, or somebody asks otherwise. */
  readonly module?: Reloadable;
  /** A change waits for a roll: Asterisk reads it only when it starts, or must not read it under running calls. */
  readonly restart?: true;
  /** Derived from secrets: it travels in a Secret, never in a ConfigMap. */
  readonly secret?: true;
  /** The file that alone says that this one is read: while that one waits for a roll, so does what this one defines. */
  readonly includedBy?: string;
  readonly defines?: ObjectsByLine | ObjectsByContext;
  /** Sources of Asterisk that complain of it in the log. What others say there is about calls. */
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
  // these are of the PBX itself: no object of a tenant has a part of them
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

  // their module is asked by who writes them: log-levels.ts and acl-files.ts of the agent
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

/** Who writes another file than these does not compile: what reads it has to be in the table first. */
export type AgentFile = FileWith<{ by: 'agent' }>;
export type BundleFile = Exclude<keyof Table, AgentFile>;
/** Of which sections are counted. */
export type SectionFile = FileWith<{ defines: { counted: true } }>;
/** Of which no part may travel in a ConfigMap. */
export type SecretFile = FileWith<{ secret: true }>;

/** What is known of a file. Undefined: a file of an operator of another release. */
export function asteriskFile(name: keyof Table): AsteriskFile;
export function asteriskFile(name: string): AsteriskFile | undefined;
export function asteriskFile(name: string): AsteriskFile | undefined {
  return Object.hasOwn(ASTERISK_FILES, name) ? ASTERISK_FILES[name as keyof Table] : undefined;
}

const ALL: readonly AsteriskFile[] = Object.values(ASTERISK_FILES);

/** Contexts whose extensions are objects. */
export const CONTEXTS: readonly string[] = ALL.flatMap(({ defines }) =>
  defines && 'contexts' in defines ? defines.contexts : [],
);

/** How each type of object is asked for. */
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

/** Sources in Asterisk that speak of configuration. */
export const COMPLAINING: ReadonlySet<string> = new Set(ALL.flatMap(({ complaints = [] }) => complaints));

/** An object of Asterisk: an endpoint, a mailbox, an extension of one of the contexts. */
export interface AsteriskObject {
  readonly type: string;
  readonly id: string;
}

/** The objects that text in a file defines, in its order. Of a file that is not in the table: none. */
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

/** Types whose objects Asterisk need not have yet, while these files wait for a roll. */
export function typesWaiting(pending: readonly string[]): string[] {
  const waits = (name: string, { includedBy = '' }: AsteriskFile): boolean =>
    pending.includes(name) || pending.includes(includedBy);
  return Object.entries<AsteriskFile>(ASTERISK_FILES).flatMap(([name, file]) => {
    const { defines } = file;
    if (!defines || !waits(name, file)) return [];
    return 'type' in defines ? [defines.type] : defines.contexts;
  });
}
