import { join } from 'node:path';
import type { AgentFile } from '../../api/asterisk-files.ts';
import type { AmiAddress } from '../ami/client.ts';
import { LOGIN_EVENTS } from '../ami/logins.ts';
import type { AsteriskInstallation } from './installation.ts';

/** The files of Asterisk that depend on the machine (paths, ports), which the agent writes. */

/** Names of files in the log directory. */
export const MESSAGES = 'messages';
export const PROBLEMS = 'problems';

export interface Places {
  readonly config: string;
  readonly state: string;
  readonly run: string;
  readonly spool: string;
  readonly log: string;
}

/** All places in one directory, for an Asterisk beside others. */
export function placesIn(directory: string): Places {
  const place = (name: string): string => join(directory, name);
  return { config: place('etc'), state: place('state'), run: place('run'), spool: place('spool'), log: place('log') };
}

/** `varlib`, for keys and local sounds, is the read-only data directory. AstDB is on the state volume. */
export function asteriskConf(places: Places, installation: AsteriskInstallation): string {
  return `[directories]
astetcdir => ${places.config}
astmoddir => ${installation.modulesDir}
astvarlibdir => ${installation.dataDir}
astdbdir => ${places.state}
astkeydir => ${places.state}
astdatadir => ${installation.dataDir}
astagidir => ${installation.dataDir}/agi-bin
astspooldir => ${places.spool}
astrundir => ${places.run}
astlogdir => ${places.log}
astsbindir => /usr/sbin
[options]
live_dangerously=no
hideconnect=yes
nofork=yes
dumpcore=no
lightbackground=yes
verbose=0
systemname=ringfleet
documentation_language=en_US
`;
}

/** Events that the agent gets. They only mean that something may have changed; then the agent asks Asterisk. */
const EVENTS = [
  'Newchannel',
  'Hangup',
  'BridgeEnter',
  'BridgeLeave',
  'AttendedTransfer',
  'ContactStatus',
  'Registry',
  'MessageWaiting',
] as const;

/**
 * Three manager users. That of the agent; one that only gets events about refused credentials, which have text that outsiders
 * choose and on which nothing depends; and one that only gets the events by which guessers are banned, which have no such
 * text. The filters match the name of an event and not its text.
 */
export function managerConf(port: number, username: string, secret: string): string {
  return `${openManagerConf(port, username, secret, 'system,call,reporting')}${only(EVENTS)}
${user(watcher(username), secret)}read=security\nwrite=
${user(guardian(username), secret)}read=security\nwrite=\n${only(LOGIN_EVENTS)}`;
}

function only(events: readonly string[]): string {
  return events.map(name => `eventfilter(action(include),name(${name})) =\n`).join('');
}

export function watcher(username: string): string {
  return `${username}-watch`;
}

export function guardian(username: string): string {
  return `${username}-guard`;
}

/** A manager user that gets all events of its classes. */
export function openManagerConf(port: number, username: string, secret: string, read: string): string {
  return `[general]
enabled=yes
port=${port}
bindaddr=127.0.0.1
displayconnects=no
${user(username, secret)}read=${read}
write=system,call,reporting,command,config,originate
`;
}

function user(name: string, secret: string): string {
  return `[${name}]
secret=${secret}
deny=0.0.0.0/0.0.0.0
permit=127.0.0.1/255.255.255.255
writetimeout=5000
`;
}

/**
 * `messages` is for people. `problems` is for the agent: it has one JSON object in a line, so that no text of a caller can
 * look like another line (the plain format does not escape a line break in a dialled number). It has no notices, because
 * these repeat what phones send, and text that is not UTF-8 makes Asterisk print a backtrace here (measured).
 */
function loggerConf(messages: string, problems: string): string {
  return `[general]
dateformat=%F %T.%3q
appendhostname=no
rotatestrategy=rotate
queue_log=no
logger_queue_limit=20000
[logfiles]
console => error
${MESSAGES} => ${messages}
${PROBLEMS} => [json]${problems}
`;
}

/** All levels: the file with which Asterisk starts. */
export const LOGGER_CONF = loggerConf('notice,warning,error', 'warning,error');

/** The file for `logger reload`, by what is to be written (log-levels.ts). */
export const LOGGER_FILES = {
  everything: 'logger.conf',
  refusals: 'logger_refusals.conf',
  errors: 'logger_errors.conf',
} as const satisfies Readonly<Record<string, AgentFile>>;

/** The bans: one section of sorcery's type `acl`. An Asterisk that starts has none. */
export const ACL_FILE: AgentFile = 'pjsip_acl.conf';
export const NO_BANS = '; nobody is refused\n';

export const HTTP_CONF = '[general]\nenabled=no\n';

/** The text of each file by name. */
export function baseFiles(
  places: Places,
  installation: AsteriskInstallation,
  manager: AmiAddress,
): Map<AgentFile, string> {
  return new Map<AgentFile, string>([
    ['asterisk.conf', asteriskConf(places, installation)],
    ['manager.conf', managerConf(manager.port, manager.username, manager.secret)],
    [LOGGER_FILES.everything, LOGGER_CONF],
    [LOGGER_FILES.refusals, loggerConf('error', 'warning,error')],
    [LOGGER_FILES.errors, loggerConf('error', 'error')],
    ['http.conf', HTTP_CONF],
    [ACL_FILE, NO_BANS],
  ]);
}
