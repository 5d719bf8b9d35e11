import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { until } from '../../src/runtime/clock.ts';

/** A tenant on loopback as `up` runs it: a process of its own, with an Asterisk that is its child. */
export interface Use {
  /** Bytes. */
  readonly rss: number;
  /** Open files and sockets. */
  readonly handles: number;
}

export interface TenantUse {
  readonly agent: Use;
  readonly asterisk: Use;
}

const ROOT = join(import.meta.dirname, '../..');
/** What `up` says once it serves. */
const SERVES = 'Edits in the directory apply at once';

export class Tenant {
  readonly #directory: string;
  readonly #process: ChildProcess;
  #asterisk = 0;

  private constructor(directory: string, child: ChildProcess) {
    this.#directory = directory;
    this.#process = child;
  }

  static async start(port: number, manifests: readonly Record<string, unknown>[]): Promise<Tenant> {
    const directory = await mkdtemp(join(tmpdir(), 'ringfleet-bench-'));
    await writeFile(join(directory, 'tenant.yaml'), manifests.map(one => stringify(one)).join('---\n'));
    const words = [join(ROOT, 'src/main.ts'), 'up', directory, '--address', '127.0.0.1', '--port', String(port)];
    const env = { RINGFLEET_ASTERISK: 'path,rootfs', ...process.env };
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const tenant = new Tenant(directory, child);
    try {
      await tenant.#serves();
    } catch (error) {
      await tenant.stop(); // nobody else knows it
      throw error;
    }
    return tenant;
  }

  async #serves(): Promise<void> {
    let said = '';
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const isUp = async (): Promise<true | undefined> => {
      if (this.#process.exitCode !== null) throw new Error(`up ended with ${this.#process.exitCode}:\n${said}`);
      if (!said.includes(SERVES)) return undefined;
      this.#asterisk = await this.#findAsterisk();
      return this.#asterisk > 0 || undefined;
    };
    await until('up to serve', isUp, { deadlineMs: 120_000 });
  }

  async use(): Promise<TenantUse> {
    return { agent: await useOf(this.#process.pid ?? 0), asterisk: await useOf(this.#asterisk) };
  }

  /** The first interruption waits for calls, every other one ends them. */
  async stop(): Promise<void> {
    const end = (): true | undefined => {
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) return true;
      this.#process.kill('SIGINT');
      return undefined;
    };
    await until('up to end', end, { deadlineMs: 30_000, everyMs: 300 });
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #findAsterisk(): Promise<number> {
    const children = await readFile(`/proc/${this.#process.pid}/task/${this.#process.pid}/children`, 'utf8');
    for (const pid of children.split(' ').filter(Boolean)) {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it has ended
      if (words.includes(join(this.#directory, '.ringfleet/asterisk/asterisk.conf'))) return Number(pid);
    }
    return 0;
  }
}

async function useOf(pid: number): Promise<Use> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rss = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  return { rss, handles: (await readdir(`/proc/${pid}/fd`)).length };
}
