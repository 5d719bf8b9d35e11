import { readdir, readFile } from 'node:fs/promises';
import { systemClock } from '../../src/runtime/clock.ts';

/** What the processes of a pod on this machine use: bytes in memory, and the share of a core over a while. */
export interface PodUse {
  readonly agent: number;
  readonly asterisk: number;
  readonly cpu: number;
}

const TICKS_PER_SECOND = 100;
const PAGE = 4096;

interface Process {
  readonly command: string;
  readonly rss: number;
  readonly ticks: number;
}

export async function podUse(uid: string, overMs: number): Promise<PodUse> {
  const before = await processesOf(uid);
  await systemClock.sleep(overMs);
  const after = await processesOf(uid);
  const ticks = (list: readonly Process[]): number => list.reduce((sum, one) => sum + one.ticks, 0);
  const rss = (isIt: (command: string) => boolean): number =>
    after.filter(({ command }) => isIt(command)).reduce((sum, one) => sum + one.rss, 0);
  const isAgent = (command: string): boolean => command.includes('agent.js');
  return {
    agent: rss(isAgent),
    asterisk: rss(command => !isAgent(command) && !command.startsWith('/pause')),
    cpu: (ticks(after) - ticks(before)) / TICKS_PER_SECOND / (overMs / 1_000),
  };
}

async function processesOf(uid: string): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(pid => processOf(pid, uid).catch(() => undefined))); // it has ended
  return found.filter(one => one !== undefined);
}

async function processOf(pid: string, uid: string): Promise<Process | undefined> {
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
  if (!groups.includes(uid) && !groups.includes(uid.replaceAll('-', '_'))) return undefined;
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  const [, , rss = '0'] = /^(\d+) (\d+)/.exec(await readFile(`/proc/${pid}/statm`, 'utf8')) ?? [];
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return { command, rss: Number(rss) * PAGE, ticks: Number(stat[11]) + Number(stat[12]) };
}
