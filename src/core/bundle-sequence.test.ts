import { describe, expect, it } from 'vitest';
import { carryOut, IDLE_REPORT, NOW, settle, snapshot, user, withParts } from '../../test/snapshots.ts';
import { bundleManifestSchema } from '../api/bundle.ts';
import { compile } from './compile.ts';
import type { TenantSnapshot } from './snapshot.ts';

const [jane, john] = [user('jane', '1001'), user('john', '1002')];

/** The snapshot after its plan was carried out, and the number of its bundle. */
function applied(before: TenantSnapshot): { now: TenantSnapshot; sequence: number | undefined } {
  const { snapshot: filled, plan } = settle(before);
  return { now: carryOut(filled, plan), sequence: plan.bundle?.manifest.sequence };
}

/** An agent that took bundles up to this one. */
const took = (sequence: number, seen = 'f00dfeed00000000') => ({
  report: { ...IDLE_REPORT, bundle: { seen, sequence, restartPending: [] } },
});

describe('the sequence of bundles', () => {
  it('rises with each other bundle, and when an earlier one comes back', () => {
    const first = applied(snapshot({ users: [jane] }));
    const second = applied(withParts(first.now, { users: [jane, john] }));
    const third = applied(withParts(second.now, { users: [jane] }));

    expect([first, second, third].map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(compile(third.now, NOW).bundle?.manifest.generation).toBe(
      compile(first.now, NOW).bundle?.manifest.generation,
    );
  });

  it('stays while nothing changes, and writes nothing', () => {
    const { now } = applied(applied(snapshot({ users: [jane] })).now);
    const { generation } = compile(now, NOW).bundle?.manifest ?? {};

    for (const report of [undefined, took(1, generation).report, took(1).report]) {
      const plan = compile({ ...now, ...(report && { report }) }, NOW);
      expect(plan.bundle?.manifest.sequence).toBe(1);
      expect(plan.apply).toEqual([]);
    }
  });

  it('goes on behind what the agent took when what was written is lost, whenever the agent is heard', () => {
    const { now } = applied(withParts(applied(snapshot({ users: [jane] })).now, { users: [jane, john] }));
    const children = now.children.filter(({ metadata }) => metadata.name !== 'acme-pbx');

    expect(applied({ ...now, children, ...took(57) }).sequence).toBe(58);
    const unheard = applied({ ...now, children });
    expect(unheard.sequence).toBe(1);
    expect(applied({ ...unheard.now, ...took(57) }).sequence).toBe(58);
  });

  it('is one that agents can read behind the last number that there is', () => {
    const { now } = applied(snapshot({ users: [jane] }));
    const last = { ...now, ...took(Number.MAX_SAFE_INTEGER) };
    for (const before of [last, { ...withParts(last, { users: [jane, john] }), ...took(Number.MAX_SAFE_INTEGER) }]) {
      const { manifest } = settle(before).plan.bundle ?? {};
      expect(bundleManifestSchema.safeParse(manifest).success).toBe(true);
      const after = applied(before).now;
      expect(compile(after, NOW).apply).toEqual([]);
    }
  });

  it('begins with the next bundle where there was none before', () => {
    const { now } = applied(snapshot({ users: [jane] }));
    const children = now.children.map(child => {
      const data = child['data'] as Record<string, string> | undefined;
      const text = data?.['manifest.json'];
      return text === undefined
        ? child
        : { ...child, data: { ...data, 'manifest.json': text.replace(/,"sequence":1/, '') } };
    });
    const before = { ...now, children };
    const same = compile(before, NOW);
    expect(same.apply).toEqual([]);
    expect(same.bundle?.manifest).not.toHaveProperty('sequence');

    expect(applied(withParts(before, { users: [jane, john] })).sequence).toBe(1);
  });

  it('is nothing of the generation, and there is none with `up`', () => {
    const { platform } = snapshot();
    const directory = { platform: { ...platform, mode: 'directory' as const } };
    const [cluster, up] = [snapshot({ users: [jane] }), snapshot({ users: [jane], ...directory })].map(
      one => settle(one).plan.bundle?.manifest,
    );

    expect(up).not.toHaveProperty('sequence');
    expect(up?.generation).toBe(cluster?.generation);
  });
});
