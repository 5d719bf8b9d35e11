import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import {
  asterisk,
  bundle,
  configuration,
  GOOD,
  NEW,
  root,
  ScriptedLoader,
  SILENT,
} from '../../../test/scripted-asterisk.ts';
import { BundleLoop } from './bundle-loop.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import type { Configuration } from './configuration.ts';

const GONE = new Error('Timeout');
let stop: AbortController;
let clock: FakeClock;
let applied: string[];
let newest: CompleteBundle;
let made: Configuration;
let loader: ScriptedLoader;

beforeEach(async () => {
  stop = new AbortController();
  clock = new FakeClock();
  applied = [];
  newest = bundle(NEW);
  loader = new ScriptedLoader({});
  made = await configuration(loader, { clock });
  await made.apply(bundle(GOOD), asterisk);
});

afterEach(() => stop.abort(new Error('The test is over')));

function begin(): BundleLoop {
  const loop = new BundleLoop({
    bundleDir: root,
    bundles: { read: async () => newest },
    configuration: made,
    client: () => asterisk,
    applied: async result => void applied.push(`${result} ${newest.manifest.generation}`),
    changed: () => undefined,
    clock,
    log: SILENT,
  });
  void loop.run(stop.signal).catch(() => undefined);
  return loop;
}

it('applies what comes, once', async () => {
  const loop = begin();
  loop.notify();
  await clock.advance(20_000);

  expect(applied).toEqual([`loaded ${NEW}`]);
});

it('brings back what worked once Asterisk has not taken a bundle three times', async () => {
  loader.lives.push(GONE, GONE, GONE);
  begin();
  await clock.advance(5_000);
  expect(made.report().bundle).toMatchObject({ seen: NEW, loaded: GOOD, error: 'Asterisk did not take it: Timeout' });
  expect(applied).toEqual([]);

  await clock.advance(120_000);
  expect(applied).toEqual([`reverted ${NEW}`]);
  expect(loader).toMatchObject({ running: GOOD, disk: GOOD });
});

it('brings back what worked, although the disk was full for some time', async () => {
  loader.lives.push(...Array.from({ length: 9 }, () => GONE));
  loader.full = 5;
  begin();
  await clock.advance(300_000);
  loader.lives.length = 0;

  await clock.advance(300_000);
  expect(applied).toEqual([`reverted ${NEW}`]);
  expect(loader).toMatchObject({ running: GOOD, disk: GOOD });
});

it('does not have a newer bundle wait for one that Asterisk did not take', async () => {
  loader.lives.push(...Array.from({ length: 9 }, () => GONE));
  const loop = begin();
  await clock.advance(30_000);
  loader.lives.length = 0;
  newest = bundle('cccccccccccccccc');
  loop.notify();
  await clock.advance(1);

  expect(applied).toEqual(['loaded cccccccccccccccc']);
});
