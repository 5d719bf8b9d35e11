import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/runtime/clock.ts';

/**
 * Processes that outlive the one that started them. A process is known by its id and the tick of its start, since ids
 * are used again: what is ended here is what was started here.
 */
export interface Identity {
  readonly pid: number;
  readonly startTicks: string;
}

const run = promisify(execFile);

/** Runs a short command and returns what it printed. */
export async function output(file: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(file, args, { maxBuffer: 1 << 26 });
  return stdout;
}

/** The identity of a live process; `undefined` once it is gone or only waits to be reaped. */
export async function identify(pid: number): Promise<Identity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[19];
  if (!startTicks || state === 'Z' || state === 'X') return undefined;
  return { pid, startTicks };
}

export async function isRunning(process: Identity): Promise<boolean> {
  return (await identify(process.pid))?.startTicks === process.startTicks;
}

/** Starts a daemon in the folder, with its log and its identity there. */
export async function startDaemon(directory: string, name: string, words: readonly string[]): Promise<void> {
  await mkdir(join(directory, 'log'), { recursive: true });
  await mkdir(join(directory, 'run'), { recursive: true });
  const log = openSync(join(directory, 'log', `${name}.log`), 'a');
  const [file = '', ...args] = words;
  const child = spawn(file, args, { cwd: directory, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  const identity = await identify(child.pid ?? 0);
  if (!identity) throw new Error(`${name} ended at once; see ${join(directory, 'log')}`);
  await writeFile(join(directory, 'run', `${name}.json`), JSON.stringify(identity));
}

/** Ends a daemon of this folder. */
export async function stopDaemon(directory: string, name: string): Promise<void> {
  const daemon = await daemonOf(directory, name);
  if (daemon) await end(daemon);
}

/** A daemon of this folder as it was started, whether it still runs or not. */
export async function daemonOf(directory: string, name: string): Promise<Identity | undefined> {
  const text = await readFile(join(directory, 'run', `${name}.json`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Identity);
}

/** Ends a process at once: nothing here has anything to save, and the API server would take seconds to go politely. */
export async function end(process: Identity): Promise<void> {
  const deadline = systemClock.monotonic() + 5000;
  while (systemClock.monotonic() < deadline && (await isRunning(process))) {
    kill(process.pid);
    await systemClock.sleep(20);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it went by itself in between
  }
}

/** Processes whose command line has this word, such as the shims of one containerd (they are nobody's children). */
export async function processesWith(word: string): Promise<Identity[]> {
  const found: Identity[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = (await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const identity = words.includes(word) ? await identify(Number(name)) : undefined;
    if (identity) found.push(identity);
  }
  return found;
}
