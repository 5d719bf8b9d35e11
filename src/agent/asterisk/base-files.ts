import { join } from 'node:path';
import type { AgentFile } from '../../api/asterisk-files.ts';
import type { AmiAddress } from '../ami/client.ts';
import { LOGIN_EVENTS } from '../ami/logins.ts';
import type { AsteriskInstallation } from './installation.ts';

/** Files that only the agent can write, since only it knows where things are on this machine. */

/** Names in the directory of logs. */
export const MESSAGES = 'messages';
export const PROBLEMS = 'problems';

export interface Places {
  readonly config: string;
  readonly state: string;
  readonly run: string;
  readonly spool: string;
  readonly log: string;
}

/** All of them in one directory, for an Asterisk beside others. */
export function placesIn(directory: string): Places {
  const place = (name: string): string => join(directory, name);
  return { config: place('etc'), state: place('state'), run: place('run'), spool: place('spool'), log: place('log') };
}

/** `varlib` is where keys and local sounds would be: the data directory, read only. AstDB lives on the state volume. */
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

/** Events that the agent hears: that something may have changed. What did, it asks. */
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
 * The agent's manager, and beside it, under another name, who only hears of refused credentials: those events carry
 * what outsiders write, and nothing depends on them. A third hears only events that carry nothing of the kind, by which
 * guessers are banned. A filter goes by an event's own name, not by its text.
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

/** A manager that hears all of its classes. */
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
 * `messages` is for people. `problems` is what the agent reads for Asterisk's own words: one object a line, in which
 * nobody's text can look like another line (the plain format prints a line break of a called number as it is), and
 * without notices, since text that is no UTF-8 costs a backtrace here (measured) and notices repeat what phones send.
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

/** Everything: what an Asterisk begins with. */
export const LOGGER_CONF = loggerConf('notice,warning,error', 'warning,error');

/** By how much is written (log-levels.ts): the file that `logger reload` is given. */
export const LOGGER_FILES = {
  everything: 'logger.conf',
  refusals: 'logger_refusals.conf',
  errors: 'logger_errors.conf',
} as const satisfies Readonly<Record<string, AgentFile>>;

/** Whom Asterisk refuses, one section of sorcery's type `acl`. An Asterisk that starts refuses nobody. */
export const ACL_FILE: AgentFile = 'pjsip_acl.conf';
export const NO_BANS = '; nobody is refused\n';

export const HTTP_CONF = '[general]\nenabled=no\n';

/** All of them, by name. */
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
