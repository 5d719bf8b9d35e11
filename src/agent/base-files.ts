import { join } from 'node:path';
import type { AsteriskInstallation } from './installation.ts';

/** Files that only the agent can write, since only it knows where things are on this machine. */

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

export function managerConf(port: number, username: string, secret: string): string {
  return `[general]
enabled=yes
port=${port}
bindaddr=127.0.0.1
displayconnects=no
[${username}]
secret=${secret}
deny=0.0.0.0/0.0.0.0
permit=127.0.0.1/255.255.255.255
read=system,call,reporting,dialplan,security
write=system,call,reporting,command,config,originate
writetimeout=5000
`;
}

/** The file `messages` is what the agent reads for Asterisk's own words. */
export const LOGGER_CONF = `[general]
dateformat=%F %T.%3q
appendhostname=no
rotatestrategy=rotate
queue_log=no
logger_queue_limit=20000
[logfiles]
console => error
messages => notice,warning,error
`;

export const HTTP_CONF = '[general]\nenabled=no\n';
