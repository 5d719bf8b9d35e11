import { describe, expect, it } from 'vitest';
import {
  asterisk,
  bundle,
  configuration,
  GOOD,
  NEW,
  NO,
  root,
  ScriptedLoader,
  SILENT,
  YES,
} from '../../../test/scripted-asterisk.ts';
import { systemClock } from '../../runtime/clock.ts';
import { UnknownBundleError } from './bundle-reader.ts';
import { Configuration } from './configuration.ts';
import type { Loader } from './loader.ts';

describe('an Asterisk that fails in the middle of a load', () => {
  it('reads again what was in force, when the edit is taken back', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader);
    await made.apply(bundle(GOOD), asterisk);
    loader.lives.push(new Error('Asterisk went'));

    await expect(made.apply(bundle(NEW), asterisk)).rejects.toThrow('Asterisk went');
    expect(loader).toMatchObject({ running: undefined, disk: GOOD }); // what it starts with, if it is gone
    expect(await made.apply(bundle(GOOD), asterisk)).toBe('loaded');
    expect(loader).toMatchObject({ running: GOOD, disk: GOOD });
    expect(made.report().bundle).toEqual({ seen: GOOD, loaded: GOOD, restartPending: [] });
  });

  it('does not hide why a bundle was refused, nor count as having what worked before', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader);
    await made.apply(bundle(GOOD), asterisk);
    loader.lives.push({ ok: false, error: 'The real reason' }, NO, new Error('Timeout'));

    for (const reason of [/Failed to bring back/, 'Timeout']) {
      await expect(made.apply(bundle(NEW), asterisk)).rejects.toThrow(reason);
      made.failed(NEW, 'Asterisk did not take it');
      expect(loader).toMatchObject({ running: undefined, disk: GOOD });
    }
    await made.rollbackFrom(bundle(NEW), 'Asterisk did not take it', asterisk);
    expect(made.report().bundle).toMatchObject({ seen: NEW, loaded: GOOD, error: 'The real reason' });

    expect(await made.apply(bundle(NEW), asterisk)).toBe('reverted');
    expect(loader).toMatchObject({ running: GOOD, disk: GOOD });
    expect(await made.apply(bundle(NEW), asterisk)).toBeUndefined();
    expect(loader.loads).toBe(5); // NEW was read once
  });

  it('has what worked on disk in the end, although the disk was full when that was to be brought back', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader);
    await made.apply(bundle(GOOD), asterisk);
    loader.lives.push(NO, NO);
    loader.full = 1;

    await expect(made.apply(bundle(NEW), asterisk)).rejects.toThrow('No space');
    expect(await made.apply(bundle(NEW), asterisk)).toBe('reverted');
    expect(loader).toMatchObject({ running: GOOD, disk: GOOD });
    expect(made.report().bundle).toMatchObject({ seen: NEW, loaded: GOOD, error: expect.any(String) });
  });

  it('is read from again, although the disk was full when that was to be brought back', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader);
    await made.apply(bundle(GOOD), asterisk);
    loader.lives.push(new Error('Asterisk went'));
    loader.full = 1;

    await expect(made.apply(bundle(NEW), asterisk)).rejects.toThrow('No space');
    expect(await made.apply(bundle(GOOD), asterisk)).toBe('loaded');
    expect(loader).toMatchObject({ running: GOOD, disk: GOOD });
  });
});

it('is read again after a refused bundle, although the disk was full when that was to be taken back', async () => {
  const loader = new ScriptedLoader({});
  const made = await configuration(loader);
  await made.apply(bundle(GOOD), asterisk);
  loader.lives.push(NO);
  loader.full = 1;

  await expect(made.apply(bundle(NEW), asterisk)).rejects.toThrow('No space');
  expect(await made.apply(bundle(GOOD), asterisk)).toBe('loaded'); // the edit is taken back
  expect(loader).toMatchObject({ running: GOOD, disk: GOOD });
});

describe('why a bundle is not in force', () => {
  const LATER = 'cccccccccccccccc';

  it('is said of that bundle alone', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader);
    await made.apply(bundle(GOOD), asterisk);
    loader.lives.push({ ok: false, error: 'The real reason' }, YES, new Error('Asterisk went'));
    await made.apply(bundle(NEW), asterisk);
    expect(made.report().bundle.error).toBe('The real reason');

    await expect(made.apply(bundle(LATER), asterisk)).rejects.toThrow('Asterisk went');
    expect(made.report().bundle).toEqual({ seen: LATER, loaded: GOOD, restartPending: [] });
  });

  it('is said again when it comes back after another one, and Asterisk is not asked again', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader);
    await made.apply(bundle(GOOD), asterisk);
    loader.lives.push({ ok: false, error: 'The real reason' });
    await made.apply(bundle(NEW), asterisk);
    await made.apply(bundle(GOOD), asterisk);
    expect(made.report().bundle).toEqual({ seen: GOOD, loaded: GOOD, restartPending: [] });

    expect(await made.apply(bundle(NEW), asterisk)).toBeUndefined();
    expect(made.report().bundle).toMatchObject({ seen: NEW, loaded: GOOD, error: 'The real reason' });
    expect(loader).toMatchObject({ loads: 3, running: GOOD, disk: GOOD });
  });

  it('stays with one that cannot be read, whatever the restart check finds', async () => {
    const made = await configuration(new ScriptedLoader({ [NEW]: [NO] }));
    await made.apply(bundle(NEW), asterisk);
    made.note(new UnknownBundleError('00000000000000ff', 2));

    expect(await made.check()).toBe(true); // takes NEW back
    expect(made.report().bundle.error).toContain('needs the image');
  });
});

it('counts a bundle that was given up as reverted, also when nothing worked before', async () => {
  const loader = new ScriptedLoader({});
  const places = { config: root, state: root, run: root, spool: root, log: root };
  const made = new Configuration(loader as unknown as Loader, { places, log: SILENT, clock: systemClock });
  loader.lives.push(new Error('Asterisk went'));
  await expect(made.apply(bundle(NEW), asterisk)).rejects.toThrow('Asterisk went');
  await made.rollbackFrom(bundle(NEW), 'Asterisk did not take it', asterisk);

  expect(await made.apply(bundle(NEW), asterisk)).toBe('reverted');
  expect(made.report().bundle).toEqual({ seen: NEW, restartPending: [], error: 'Asterisk did not take it' });
});
