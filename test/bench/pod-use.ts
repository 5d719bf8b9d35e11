import { readdir, readFile } from 'node:fs/promises';
import { systemClock } from '../../src/runtime/clock.ts';

/** What the processes of a pod on this machine use: bytes in memory, and shares of a core over a while. */
export interface PodUse {
  readonly agent: number;
  readonly asterisk: number;
  /** Of all its containers, and what was run in them now and then. */
  readonly cpu: number;
  /** Of the agent alone. */
  readonly agentCpu: number;
}

const PAGE = 4096;
const NS_PER_MS = 1e6;

interface Process {
  readonly pid: string;
  readonly command: string;
  readonly rss: number;
  /** What the kernel counts it to: its container. */
  readonly account: string;
}

export async function podUse(uid: string, overMs: number): Promise<PodUse> {
  const [before, began] = [await accountsOf(uid), systemClock.monotonic()];
  await systemClock.sleep(overMs);
  const [after, processes, ended] = [await accountsOf(uid), await processesOf(uid), systemClock.monotonic()];
  const rss = (isIt: (command: string) => boolean): number =>
    processes.filter(({ command }) => isIt(command)).reduce((sum, one) => sum + one.rss, 0);
  const share = (account: string): number =>
    ((after.get(account) ?? 0) - (before.get(account) ?? 0)) / NS_PER_MS / (ended - began);
  const agent = processes.find(({ command }) => isAgent(command));
  return {
    agent: rss(isAgent),
    asterisk: rss(command => !isAgent(command) && !command.startsWith('/pause')),
    cpu: [...after.keys()].reduce((sum, account) => sum + share(account), 0),
    agentCpu: agent ? share(agent.account) : 0,
  };
}

function isAgent(command: string): boolean {
  return command.includes('agent.js');
}

/** The first process of a pod whose command begins so; undefined: there is none. */
export async function pidOf(uid: string, command: string): Promise<string | undefined> {
  return (await processesOf(uid)).find(one => one.command.startsWith(command))?.pid;
}

/** Nanoseconds that each container of the pod has used. Exact, where the ticks of processes are a sample. */
async function accountsOf(uid: string): Promise<Map<string, number>> {
  const accounts = new Set((await processesOf(uid)).map(({ account }) => account));
  const read = async (account: string): Promise<[string, number]> => [account, await usageOf(account)];
  return new Map(await Promise.all([...accounts].map(read)));
}

/** Of a control group: the one hierarchy tells it in microseconds (v2), the many in nanoseconds (v1). */
async function usageOf(account: string): Promise<number> {
  const unified = await readFile(`/sys/fs/cgroup${account}/cpu.stat`, 'utf8').catch(() => '');
  const [, microseconds] = /^usage_usec (\d+)$/m.exec(unified) ?? [];
  if (microseconds !== undefined) return Number(microseconds) * 1000;
  return Number(await readFile(`/sys/fs/cgroup/cpuacct${account}/cpuacct.usage`, 'utf8'));
}

async function processesOf(uid: string): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(pid => processOf(pid, uid).catch(() => undefined))); // it has ended
  return found.filter(one => one !== undefined);
}

async function processOf(pid: string, uid: string): Promise<Process | undefined> {
  const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8');
  if (!groups.includes(uid) && !groups.includes(uid.replaceAll('-', '_'))) return undefined;
  const [, account = ''] = /^\d+:(?:[^:]*\bcpuacct\b[^:]*)?:(.*)$/m.exec(groups) ?? [];
  const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  const [, , rss = '0'] = /^(\d+) (\d+)/.exec(await readFile(`/proc/${pid}/statm`, 'utf8')) ?? [];
  return { pid, command, rss: Number(rss) * PAGE, account };
}
