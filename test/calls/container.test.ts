import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { StandInRuntime } from './stand-in/install.ts';

/** `up` with a container runtime: what it starts is ended, however it is ended itself. */

const root = join(import.meta.dirname, '../..');
const SERVES = 'Edits in the directory apply at once';
let runtime: StandInRuntime;
let directory: string;
let port: number;
const started: ChildProcess[] = [];

beforeAll(async () => {
  runtime = await StandInRuntime.install();
  directory = await mkdtemp(join(tmpdir(), 'ringfleet-container-'));
  await cp(join(root, 'config/samples/hotel'), directory, { recursive: true });
  // the demo listens up to 11,000 above: neither in a block of another file nor where connections of others begin
  port = 12_000;
});

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  await runtime.remove();
  await rm(directory, { recursive: true, force: true });
});

interface Up {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly code: Promise<number | null>;
}

function up(env: Readonly<Record<string, string>>, ...options: string[]): Up {
  const words = ['src/main.ts', 'up', directory, '--address', '127.0.0.1', '--port', String(port), ...options];
  const child = spawn(process.execPath, words, { cwd: root, env: { ...process.env, ...env } });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += String(chunk)));
  return { child, said: () => said, code: once(child, 'close').then(([code]) => code as number | null) };
}

async function serving(env: Readonly<Record<string, string>>): Promise<Up> {
  const one = up(env);
  await expect.poll(one.said, { timeout: 40_000 }).toContain(SERVES);
  return one;
}

async function ended(pid: number): Promise<void> {
  const alive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(alive, { timeout: 10_000 }).toBe(false);
}

it('lets two phones hear each other, and leaves nothing', async () => {
  const demo = up(runtime.env, '--demo');

  expect(await demo.code, demo.said()).toBe(0);
  expect(demo.said()).toContain('Building an image with Asterisk 22 by docker');
  expect(demo.said()).toContain('Both heard each other');
  expect(await runtime.started()).toBeGreaterThanOrEqual(3); // to look, the PBX, the phones
  expect(await runtime.running()).toEqual([]);
});

it('ends what a crashed run left behind', async () => {
  const crashed = await serving(runtime.env);
  const left = await runtime.running();
  crashed.child.kill('SIGKILL');
  await crashed.code;
  expect(await runtime.running()).toEqual(left);

  const next = await serving(runtime.env);

  expect(next.said()).not.toContain('Building');
  expect(next.said()).toContain('Ending an Asterisk that an earlier run left behind');
  await Promise.all(left.map(({ pid }) => ended(pid)));
  next.child.kill('SIGTERM');
  expect(await next.code).toBe(0);
  expect(await runtime.running()).toEqual([]);
});

it('starts another when it lost one, which is ended first', async () => {
  const serves = await serving(runtime.env);
  const [lost] = await runtime.running();

  process.kill(lost!.client, 'SIGKILL');

  await ended(lost!.pid);
  const others = async (): Promise<boolean[]> => (await runtime.running()).map(({ pid }) => pid !== lost!.pid);
  await expect.poll(others, { timeout: 20_000 }).toEqual([true]);
  serves.child.kill('SIGTERM');
  expect(await serves.code).toBe(0);
  expect(await runtime.running()).toEqual([]);
});

it('ends it when it is interrupted before it serves', async () => {
  const before = await runtime.started();
  const early = up(runtime.env);
  await expect.poll(() => runtime.started(), { timeout: 40_000 }).toBeGreaterThan(before + 1); // one only looked
  await expect.poll(async () => (await runtime.running()).length, { timeout: 40_000 }).toBe(1);

  early.child.kill('SIGINT');

  expect(await early.code).toBe(130);
  expect(await runtime.running()).toEqual([]);
});

it('says why it cannot be used, and goes on without', async () => {
  const offline = await StandInRuntime.install({ offline: true });
  try {
    const demo = up({ ...offline.env, RINGFLEET_ASTERISK: 'container,rootfs' }, '--demo');

    expect(await demo.code, demo.said()).toBe(0);
    expect(demo.said()).toMatch(/^docker cannot build the image with Asterisk: .*the registry cannot be reached$/m);
    expect(await offline.started()).toBe(0);
  } finally {
    await offline.remove();
  }
});
