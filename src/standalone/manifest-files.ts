import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Paths of all files of manifests in a directory, in order. What begins with a dot is passed over. */
export async function manifestFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(entry => {
      const path = join(directory, entry.name);
      if (entry.name.startsWith('.')) return [];
      if (entry.isDirectory()) return manifestFiles(path);
      return /\.ya?ml$/.test(entry.name) && entry.name !== 'kustomization.yaml' ? [path] : [];
    }),
  );
  return nested.flat().sort();
}
