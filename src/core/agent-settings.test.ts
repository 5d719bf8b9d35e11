import { describe, expect, it } from 'vitest';
import { carryOut, NOW, settle, snapshot, user } from '../../test/snapshots.ts';
import { withSettings } from '../../test/with-settings.ts';
import { bundleManifestSchema, MANIFEST_KEY } from '../api/bundle.ts';
import { SettingsWriter } from './agent-settings.ts';
import { renderBundle } from './asterisk/render.ts';
import { compile } from './compile.ts';

const OPEN = { webhooks: { url: 'https://hooks.example/calls' } };
const SECRET = { webhooks: { key: 'not-for-everybody' } };

const render: typeof renderBundle = (...given) => withSettings(renderBundle(...given), OPEN, SECRET);

describe('settings of the agent', () => {
  it('travel with the manifest, and what is secret of them in a Secret alone', () => {
    const { snapshot: before } = settle(snapshot({ users: [user('jane', '1001')] }));
    const { apply, bundle } = compile(before, NOW, render);
    const withKey = (key: string) => apply.filter(({ data }) => Object.hasOwn((data as object) ?? {}, key));

    expect(withKey('agent.json').map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['ConfigMap', 'acme-pbx'],
    ]);
    expect(withKey('agent-secret.json').map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['Secret', 'acme-pbx-auth-0'],
    ]);
    const open = JSON.stringify(apply.filter(({ kind }) => kind !== 'Secret'));
    expect(open).toContain('hooks.example');
    expect(open).not.toContain('not-for-everybody');
    expect(bundle?.manifest.fragments.map(({ key }) => key)).not.toContain('agent.json');
  });

  it('make another generation, and where there are none the bundle is as it was before there were any', () => {
    const { snapshot: before, plan } = settle(snapshot({ users: [user('jane', '1001')] }));
    const { bundle } = compile(before, NOW, render);
    const other = compile(before, NOW, (...given) => withSettings(renderBundle(...given), OPEN, {}));

    const generations = [plan.bundle, bundle, other.bundle].map(one => one?.manifest.generation);
    expect(new Set(generations).size).toBe(3);
    expect(plan.bundle?.manifest).not.toHaveProperty('settings');
    expect(bundleManifestSchema.parse(JSON.parse(JSON.stringify(bundle?.manifest)))).toEqual(bundle?.manifest);
  });

  it('cost one write when they change, and none after that', () => {
    const { snapshot: before } = settle(snapshot({ users: [user('jane', '1001')] }));
    const now = carryOut(before, compile(before, NOW, render));
    expect(compile(now, NOW, render).apply).toEqual([]);

    const changed = { webhooks: { url: 'https://hooks.example/other' } };
    const next = compile(now, NOW, (...given) => withSettings(renderBundle(...given), changed, SECRET));

    expect(next.apply.map(({ metadata }) => metadata.name)).toEqual(['acme-pbx']);
    expect(Object.keys((next.apply[0] as { data?: object }).data ?? {})).toContain(MANIFEST_KEY);
  });
});

describe('the writer of settings', () => {
  it('gives the same bytes in whatever order they were written, and no file without any', () => {
    const texts = [
      ['mail', 'webhooks'],
      ['webhooks', 'mail'],
    ].map(order => {
      const writer = new SettingsWriter();
      for (const concern of order) writer.write(concern, { enabled: true });
      return [...writer.seal()];
    });

    expect(texts[0]).toEqual([['agent.json', '{"mail":{"enabled":true},"webhooks":{"enabled":true}}']]);
    expect(texts[1]).toEqual(texts[0]);
  });

  it('has a bound', () => {
    const writer = new SettingsWriter();
    writer.write('mail', { text: 'x'.repeat(300_000) });

    expect(() => writer.seal()).toThrow('262144 fit');
  });
});
