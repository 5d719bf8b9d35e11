import { randomBytes } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';

/**
 * Names of containers that tell whose they are: the namespace of process numbers, the number, and when that process
 * started, since numbers are used again. Of a process in another namespace nothing can be told.
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

/** Whether a container of ours has lost the process that started it. */
export async function isOrphan(container: string): Promise<boolean> {
  const [, namespace, pid, started] = NAME.exec(container) ?? [];
  if (namespace !== (await pidNamespace())) return false;
  return (await startedAt(Number(pid))) !== started;
}

async function pidNamespace(): Promise<string> {
  return /\d+/.exec(await readlink('/proc/self/ns/pid'))?.[0] ?? '0';
}

const START_FIELD = 22;

/** In clock ticks since boot; undefined when there is no such process. The second field, a name, may hold anything. */
async function startedAt(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[START_FIELD - 3];
}
