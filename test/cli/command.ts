import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { buildPlugin } from '../../src/tools/build.ts';

/** The command line as it is installed: one file in PATH, run as a person runs it. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class InstalledCommand {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async install(): Promise<InstalledCommand> {
    const folder = await mkdtemp(join(tmpdir(), 'ringfleet-cli-'));
    await buildPlugin(folder);
    return new InstalledCommand(folder);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** `env`: beside what this process has; a value that is undefined is not there. */
  run(words: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Ran> {
    return this.runProgram('kubectl-ringfleet', words, env);
  }

  /** Any program, with the command in its PATH. */
  runProgram(
    program: string,
    words: readonly string[],
    env: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Ran> {
    // the Node that runs the tests first: the machine may have an older one
    const PATH = [this.folder, dirname(process.execPath), process.env['PATH']].join(delimiter);
    const { FORCE_COLOR: _, ...inherited } = process.env;
    const child = spawn(program, words, { stdio: 'pipe', env: { ...inherited, PATH, ...env } });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        texts[stream] += chunk;
      });
    }
    child.stdin.end();
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', code => resolve({ code: code ?? 1, ...texts }));
    });
  }
}
