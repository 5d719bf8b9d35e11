import { createSocket } from 'node:dgram';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../runtime/clock.ts';
import { ManifestDirectory } from './directory.ts';

/** The manager's port is this much above the SIP port. */
export const MANAGER_ABOVE_SIP = 10_000;
const LAST_PORT = 65_535 - MANAGER_ABOVE_SIP;

/** Why no PBX can start from a directory, and what to do about it; undefined: it can. For the ports see `portInUse`. */
export async function whyNotStartable(directory: string, sipPort: number): Promise<string | undefined> {
  if (!Number.isInteger(sipPort) || sipPort < 1 || sipPort > LAST_PORT) {
    return `--port must be a number from 1 to ${LAST_PORT} (the port ${MANAGER_ABOVE_SIP} above it is used too)`;
  }
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory())
    return `${directory} is not a directory; give one with manifests, such as config/samples/hotel`;
  return nothingToRun(directory);
}

/** Whether the PBX ran before: then it starts with its last good configuration, even if all manifests are broken now. */
async function nothingToRun(directory: string): Promise<string | undefined> {
  const ranBefore = await stat(join(directory, '.ringfleet', 'bundle', '..data')).catch(() => undefined);
  if (ranBefore) return undefined;
  const { organizations, complaints } = await new ManifestDirectory(directory, systemClock).read();
  if (organizations.length > 0) return undefined;
  return [...complaints, `There is no Organization in ${directory} that can be read; add one`].join('\n');
}

/** Which ports of the PBX are in use, and what to do; undefined: none. Processes of an earlier run must have ended before. */
export async function portInUse(sipPort: number): Promise<string | undefined> {
  const taken = [
    ...((await isFree('udp', sipPort)) ? [] : [`UDP ${sipPort}`]),
    ...((await isFree('tcp', sipPort)) ? [] : [`TCP ${sipPort}`]),
    ...((await isFree('tcp', sipPort + MANAGER_ABOVE_SIP)) ? [] : [`TCP ${sipPort + MANAGER_ABOVE_SIP}`]),
  ];
  if (taken.length === 0) return undefined;
  return `Port ${taken.join(' and ')} is in use, perhaps by another ringfleet; stop that one, or choose another port with --port`;
}

function isFree(protocol: 'udp' | 'tcp', port: number): Promise<boolean> {
  return new Promise(resolve => {
    if (protocol === 'udp') {
      const socket = createSocket('udp4');
      socket.once('error', () => resolve(false));
      socket.bind(port, '0.0.0.0', () => socket.close(() => resolve(true)));
    } else {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
    }
  });
}
