import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { FakeClock } from '../../test/fake-clock.ts';
import { createCA, issue, type Pair } from '../operator/certificates.ts';
import { systemClock } from '../runtime/clock.ts';
import { inCluster, type ServerAccess } from './credentials.ts';
import { Transport } from './transport.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const now = systemClock.now();

async function tlsOf(ca: Pair): Promise<{ cert: string; key: string }> {
  const { certificate, key } = await issue(ca, 'localhost', now);
  return { cert: certificate, key };
}

it('follows the cluster to a new authority and a new token', async () => {
  const [before, after] = [await createCA(now), await createCA(now)];
  const folder = await mkdtemp(join(tmpdir(), 'ringfleet-account-'));
  open.push({ close: () => rm(folder, { recursive: true }) });
  const mount = async (ca: string, token: string): Promise<void> => {
    await writeFile(join(folder, 'ca.crt'), ca);
    await writeFile(join(folder, 'token'), `${token}\n`);
  };
  const clock = new FakeClock();
  const first = await FakeApiServer.started({ clock, tls: await tlsOf(before) });
  first.accept('one');
  const port = Number(new URL(first.url).port);
  await mount(before.certificate, 'one');
  const access: ServerAccess = inCluster('localhost', String(port), folder);
  const transport = new Transport(access, clock);
  open.push({ close: () => transport.close() });
  const namespaces = async (): Promise<number> =>
    (await transport.request<{ items: unknown[] }>('GET', '/api/v1/namespaces')).items.length;
  const old = await namespaces();

  await first.stop();
  const second = await FakeApiServer.started({ clock, tls: await tlsOf(after), port });
  open.push({ close: () => second.stop() });
  second.accept('two');
  await mount(after.certificate, 'two');

  expect([old, await namespaces()]).toEqual([1, 1]);
});
