import { createHash } from 'node:crypto';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AsteriskInstallation } from './installation.ts';

/**
 * A fingerprint of the image: in images with the same one a configuration boots or does not boot alike. It covers the program
 * of the agent, the list of Debian packages, and Asterisk and its modules by name, size and time. Hex. Rejects when one of
 * them cannot be read.
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
