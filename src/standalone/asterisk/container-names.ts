import { randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';

/**
 * Names of containers, made of their owner: the PID namespace, the PID, and the start time of the process, since PIDs are used
 * again. Whether a process in another PID namespace runs is not known.
 */
const NAME = /^ringfleet-(\d+)-(\d+)-(\d+)-[0-9a-f]+$/;

export class ContainerNames {
  readonly #owner: string;

  private constructor(owner: string) {
    this.#owner = owner;
  }

  static async create(): Promise<ContainerNames> {
    return new ContainerNames([await pidNamespace(), process.pid, await startedAt(process.pid)].join('-'));
  }

  next(): string {
    return `ringfleet-${this.#owner}-${randomBytes(4).toString('hex')}`;
  }
}

/** Whether the process that started a container has ended. */
export async function isOrphan(container: string): Promise<boolean> {
  const [, namespace, pid, started] = NAME.exec(container) ?? [];
  if (namespace !== (await pidNamespace())) return false;
  return (await startedAt(Number(pid))) !== started;
}

async function pidNamespace(): Promise<string> {
  return /\d+/.exec(await readlink('/proc/self/ns/pid'))?.[0] ?? '0';
}

const START_FIELD = 22;

/** Start time of a process in clock ticks since boot; undefined: it does not exist. The name in /proc may contain anything. */
async function startedAt(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD - 3];
}
