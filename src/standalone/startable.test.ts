import { createSocket } from 'node:dgram';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { portInUse, whyNotStartable } from './startable.ts';

let directory: string;
const ORGANIZATION =
  'apiVersion: ringfleet.io/v1alpha1\nkind: Organization\nmetadata: { name: acme, namespace: acme }\nspec: {}\n';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ringfleet-startable-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A port that was free a moment ago, with its manager's. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if ((await portInUse(port)) === undefined) return port;
  }
}

test('a good directory', async () => {
  await writeFile(join(directory, 'organization.yaml'), ORGANIZATION);
  expect(await whyNotStartable(directory, 5060)).toBeUndefined();
});

test.each([Number.NaN, 0, 1.5, 55_536])('port %s is none', async port => {
  expect(await whyNotStartable(directory, port)).toContain('--port must be a number from 1 to 55535');
});

test('a directory that is not there, or a file', async () => {
  const file = join(directory, 'file');
  await writeFile(file, '');
  for (const path of [file, join(directory, 'gone')])
    expect(await whyNotStartable(path, 5060)).toContain('is not a directory');
});

test('without an Organization, also where that is because of a mistake', async () => {
  expect(await whyNotStartable(directory, 5060)).toContain('There is no Organization');
  await writeFile(join(directory, 'organization.yaml'), ORGANIZATION.replace('spec: {}', 'spec: { nmae: x }'));
  expect(await whyNotStartable(directory, 5060)).toMatch(/nmae[\s\S]*There is no Organization/);
});

test('what ran before runs on, whatever the manifests are now', async () => {
  await mkdir(join(directory, '.ringfleet', 'bundle', '..data'), { recursive: true });
  expect(await whyNotStartable(directory, 5060)).toBeUndefined();
});

test('ports in use are named', async () => {
  const port = await freePort();
  const udp = createSocket('udp4');
  await new Promise<void>(resolve => udp.bind(port, '0.0.0.0', resolve));
  const tcp = createServer();
  await new Promise<void>(resolve => tcp.listen(port + 10_000, '127.0.0.1', resolve));
  try {
    expect(await portInUse(port)).toContain(`Port UDP ${port} and TCP ${port + 10_000} is in use`);
  } finally {
    udp.close();
    tcp.close();
  }
});
