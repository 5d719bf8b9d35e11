import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fingerprint } from './fingerprint.ts';
import { directly } from './installation.ts';

let root: string;
let modulesDir: string;
let program: string;
let packages: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ringfleet-fingerprint-'));
  modulesDir = join(root, 'modules');
  program = join(root, 'agent.js');
  packages = join(root, 'status');
  await mkdir(modulesDir);
  await writeFile(program, 'the agent');
  await writeFile(packages, 'Package: libsrtp2-1');
  await writeFile(join(modulesDir, 'res_pjsip.so'), 'a module');
  await utimes(join(modulesDir, 'res_pjsip.so'), 1_000, 1_000);
});

afterEach(() => rm(root, { recursive: true }));

const taken = (version = '22.10.1') =>
  fingerprint({ version, modulesDir, dataDir: '', ...directly() }, { program, packages });

it('is the same for the same image', async () => {
  expect(await taken()).toBe(await taken());
});

it.each<[string, () => Promise<void>]>([
  ['another agent', () => writeFile(program, 'another agent')],
  ['another library', () => writeFile(packages, 'Package: libsrtp3-1')],
  ['one module more', () => writeFile(join(modulesDir, 'app_voicemail.so'), '')],
  ['a module of another size', () => writeFile(join(modulesDir, 'res_pjsip.so'), 'another module')],
  ['a module of another time', () => utimes(join(modulesDir, 'res_pjsip.so'), 2_000, 2_000)],
])('is another with %s', async (_what, change) => {
  const before = await taken();
  await change();

  expect(await taken()).not.toBe(before);
});

it('is another with another Asterisk', async () => {
  expect(await taken('22.10.2')).not.toBe(await taken());
});

it('is not known where something cannot be read', async () => {
  await rm(packages);

  await expect(taken()).rejects.toThrow('ENOENT');
});
