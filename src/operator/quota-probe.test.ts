import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/resource.ts';
import { createLogger } from '../runtime/log.ts';
import { QuotaProbe } from './quota-probe.ts';

it('has itself counted again by a controller that learns our kinds later, and does not write at every look', async () => {
  const clock = new FakeClock();
  let quota: (KubeObject & { spec?: { hard: object }; status?: object }) | undefined;
  let writes = 0;
  const client = {
    get: async () => quota,
    apply: async (applied: KubeObject & { spec: { hard: object } }) => {
      writes++;
      const changed = JSON.stringify(quota?.spec) !== JSON.stringify(applied.spec);
      // the real one: counts when what is allowed changes, and only what it knows by then
      quota = { ...applied, status: changed && clock.monotonic() >= 31_000 ? { used: applied.spec.hard } : {} };
      return quota;
    },
  } as unknown as KubeClient;
  const quotaProbe = new QuotaProbe();
  const stop = new AbortController();
  const done = quotaProbe.run(client, 'ringfleet', clock, createLogger('test', 'silent'), stop.signal);

  await clock.until('the probe to be ready', () => quotaProbe.ready || undefined, { limitMs: 60_000 });
  await done;
  expect(writes).toBeLessThan(6);
});
