import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Manifest } from '../core/snapshot.ts';

/** The credentials that `up` generates, as Secret manifests in the state directory; readable by their owner only. */
export class SecretFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<Manifest[]> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.#path)).filter(name => name.endsWith('.yaml')).sort();
    return Promise.all(names.map(async name => parse(await readFile(join(this.#path, name), 'utf8')) as Manifest));
  }

  async write(secret: Manifest): Promise<void> {
    const path = join(this.#path, `${secret.metadata.name}.yaml`);
    await writeFile(`${path}.new`, stringify(secret), { mode: 0o600 });
    await chmod(`${path}.new`, 0o600);
    await rename(`${path}.new`, path);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#path, `${name}.yaml`), { force: true });
  }
}
