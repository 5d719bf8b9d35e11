import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AsteriskInstallation } from './installation.ts';

/**
 * Tells images apart in which a configuration may not boot alike: by this agent's program, Debian's record of packages,
 * and Asterisk with its modules by name, size and time. Hex; rejects where one of them cannot be read.
 */
export async function fingerprint(
  { version, modulesDir }: AsteriskInstallation,
  { program, packages }: { readonly program: string; readonly packages: string },
): Promise<string> {
  const hash = createHash('sha256').update(version);
  for (const path of [program, packages]) hash.update(await readFile(path));
  for (const name of (await readdir(modulesDir)).sort()) {
    const { size, mtimeMs } = await lstat(join(modulesDir, name));
    hash.update(`\n${name} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex');
}
