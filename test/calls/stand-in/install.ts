import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureRootfs, rootfsInstallation } from '../../../src/standalone/asterisk/rootfs.ts';

/** What the stand-in for a container runtime is told. */
export interface StandIn {
  readonly folder: string;
  readonly rootfs: string;
  /** Words that run the Asterisk in there. */
  readonly asterisk: readonly string[];
  /** It can build nothing. */
  readonly offline: boolean;
}

/** A `docker` that is found before any other; see runtime.ts. */
export class StandInRuntime {
  readonly env: Readonly<Record<string, string>>;
  readonly #folder: string;

  private constructor(standIn: StandIn) {
    this.#folder = standIn.folder;
    this.env = {
      PATH: `${standIn.folder}:${process.env['PATH']}`,
      RINGFLEET_STAND_IN: JSON.stringify(standIn),
      RINGFLEET_ASTERISK: 'container',
    };
  }

  static async install(options: { offline?: boolean } = {}): Promise<StandInRuntime> {
    const say = (line: string): void => console.log(line);
    const { directory: rootfs } = await ensureRootfs(say);
    const { command: asterisk } = (await rootfsInstallation(say)).launch([]);
    const folder = await mkdtemp(join(tmpdir(), 'ringfleet-stand-in-'));
    const client = join(folder, 'docker');
    const script = join(import.meta.dirname, 'runtime.ts');
    await writeFile(client, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
    await chmod(client, 0o755);
    return new StandInRuntime({ folder, rootfs, asterisk, offline: false, ...options });
  }

  /** How many were started so far. */
  async started(): Promise<number> {
    const text = await readFile(join(this.#folder, 'runs'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).length;
  }

  /** Process numbers of those that were not ended. */
  async running(): Promise<{ pid: number; client: number }[]> {
    const folder = join(this.#folder, 'containers');
    const texts = (await readdir(folder).catch(() => [])).map(name =>
      readFile(join(folder, name), 'utf8').catch(() => undefined),
    );
    return (await Promise.all(texts)).filter(Boolean).map(text => JSON.parse(text ?? ''));
  }

  async remove(): Promise<void> {
    for (const { pid } of await this.running()) process.kill(pid, 'SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }
}
