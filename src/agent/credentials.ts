import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AmiAddress } from './ami/client.ts';

/**
 * The manager's secret: made at random when the pod starts, never leaves it. It stays in the run directory, so that an
 * agent that was killed finds its Asterisk again.
 */
export async function managerCredentials(runDir: string, port: number): Promise<AmiAddress> {
  const path = join(runDir, 'manager.json');
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined) return JSON.parse(known) as AmiAddress;
  const address: AmiAddress = { port, username: 'agent', secret: randomBytes(24).toString('hex') };
  await writeFile(path, JSON.stringify(address), { mode: 0o600 });
  return address;
}
