import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AsteriskInstallation } from './installation.ts';

/**
 * What decides, beside the configuration, whether an Asterisk boots: this agent's program, and Asterisk with its modules
 * by name, size and time. The same in every pod of an image. Hex.
 */
export async function fingerprint({ version, modulesDir }: AsteriskInstallation, program: string): Promise<string> {
  const hash = createHash('sha256')
    .update(version)
    .update(await readFile(program));
  for (const name of (await readdir(modulesDir)).sort()) {
    const { size, mtimeMs } = await stat(join(modulesDir, name));
    hash.update(`\n${name} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex');
}
