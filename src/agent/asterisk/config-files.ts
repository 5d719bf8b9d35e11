import { chmod, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The directory of Asterisk's configuration. Files are replaced by rename, so that none is ever incomplete. */

export async function readTexts(directory: string): Promise<Map<string, string>> {
  const names = await readdir(directory).catch(() => [] as string[]);
  const files = names.filter(name => name.endsWith('.conf'));
  const texts = await Promise.all(
    files.map(async name => [name, await readFile(join(directory, name), 'utf8')] as const),
  );
  return new Map(texts);
}

/** Names of the files whose text differs from what is on disk. */
export function changedFiles(wanted: ReadonlyMap<string, string>, present: ReadonlyMap<string, string>): string[] {
  return [...wanted]
    .filter(([name, text]) => present.get(name) !== text)
    .map(([name]) => name)
    .sort();
}

export async function moveIn(
  directory: string,
  texts: ReadonlyMap<string, string>,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    await writeFile(`${path}.new`, texts.get(name) ?? '', { mode: 0o600 });
    await chmod(`${path}.new`, 0o600);
    await rename(`${path}.new`, path);
  }
}

/** Writes the files whose text differs from what is on disk. */
export async function moveInChanged(directory: string, texts: ReadonlyMap<string, string>): Promise<void> {
  await moveIn(directory, texts, changedFiles(texts, await readTexts(directory)));
}
