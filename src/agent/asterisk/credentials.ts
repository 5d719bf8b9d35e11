import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AmiAddress } from '../ami/client.ts';

const FILE = 'manager.json';

/**
 * The secret of the manager: it is generated when the pod starts, and never leaves the pod. It is in the run directory, so
 * that an agent that was restarted can connect to its Asterisk.
 */
export async function managerCredentials(runDir: string, port: number): Promise<AmiAddress> {
  const known = await knownCredentials(runDir);
  if (known) return known;
  const address: AmiAddress = { port, username: 'agent', secret: randomBytes(24).toString('hex') };
  const path = join(runDir, FILE);
  await writeFile(`${path}.new`, JSON.stringify(address), { mode: 0o600 });
  await rename(`${path}.new`, path);
  return address;
}

/** The credentials that an agent generated; undefined: there are none yet. */
export async function knownCredentials(runDir: string): Promise<AmiAddress | undefined> {
  const text = await readFile(join(runDir, FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as AmiAddress);
}
