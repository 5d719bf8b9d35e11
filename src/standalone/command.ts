import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '../runtime/clock.ts';

/** Runs commands of this machine. */

export type Say = (line: string) => void;

export interface CommandOptions {
  readonly say: Say;
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a long command, with a line of progress every ten seconds. The error has the end of its output. */
export async function command(file: string, args: readonly string[], options: CommandOptions): Promise<void> {
  const { say, signal, cwd, env } = options;
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal ? { signal } : {}),
    ...(cwd ? { cwd } : {}),
    ...(env ? { env } : {}),
  });
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const done = new AbortController();
  const progress = (async () => {
    for (let seconds = 10; ; seconds += 10) {
      await systemClock.sleep(10_000, done.signal);
      say(`  … ${seconds} s: ${tail.trim().split('\n').pop()?.slice(0, 100) ?? ''}`);
    }
  })().catch(() => undefined);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => done.abort());
  await progress;
  if (code !== 0) throw new Error(`${file} failed (${code}): ${tail.trim().split('\n').slice(-5).join(' | ')}`);
}

/** Whether a command exists here and succeeds. */
export function works(file: string, args: readonly string[]): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn(file, args, { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('close', code => resolve(code === 0));
  });
}

const SHORT_MS = 10_000;

/** The output of a short command; undefined: it does not exist, fails or takes too long. */
export async function answer(file: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(file, args, { timeout: SHORT_MS })).stdout;
  } catch {
    return undefined; // the caller does not need the reason
  }
}

/** Installs Debian packages. `what` they are needed for is in the error when that is not possible. */
export async function installPackages(
  what: string,
  packages: readonly string[],
  options: CommandOptions,
): Promise<void> {
  const root = process.getuid?.() === 0;
  if (!root && !(await works('sudo', ['-n', 'true']))) {
    throw new Error(`${what}: packages are missing and cannot be installed without root: ${packages.join(' ')}`);
  }
  options.say(`Installing with apt-get: ${packages.join(' ')}`);
  const apt = async (...args: string[]): Promise<void> => {
    const words = [...(root ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
    await command(words[0] ?? '', words.slice(1), options);
  };
  await apt('update');
  await apt('install', '-y', '--no-install-recommends', ...packages);
}
