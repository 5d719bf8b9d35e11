import { stat } from 'node:fs/promises';
import { join } from 'node:path';
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
  SECTIONS,
} from '../../../test/scripted-asterisk.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Configuration } from './configuration.ts';
import { sectionsOfFragment } from './sections.ts';

describe('what was refused', () => {
  const MINUTE = 60_000;
  const john = [...SECTIONS, ...sectionsOfFragment('pjsip_aor.conf.001', ';@ SipUser/john u2\n[acme_2]\n')];
  let now = 0;
  const clock: Clock = { ...systemClock, monotonic: () => now };

  /** Asks once a minute, as the agent does; the minutes in which a throw-away Asterisk was booted. */
  async function minutes(made: Configuration, loader: ScriptedLoader, count: number): Promise<number[]> {
    const booted: number[] = [];
    for (let minute = 0; minute < count; minute++) {
      const before = loader.boots;
      expect(await made.retryRejected()).toBe(false);
      if (loader.boots > before) booted.push(minute);
      now += MINUTE;
    }
    return booted;
  }

  it('is tried again after a minute, two, four, and in the end once an hour, and nothing is written', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader, { clock });
    loader.refuses = ['SipUser/john'];
    await made.apply(bundle(NEW, john), asterisk);
    await made.check();
    const written = await stat(join(root, 'last-known-good.json'));

    expect(await minutes(made, loader, 190)).toEqual([1, 3, 7, 15, 31, 63, 123, 183]);
    expect(loader).toMatchObject({ loads: 1, running: NEW, disk: NEW });
    expect((await stat(join(root, 'last-known-good.json'))).mtimeMs).toBe(written.mtimeMs);
    expect(await made.apply(bundle(NEW, john), asterisk)).toBeUndefined();
  });

  it('comes into force once a throw-away Asterisk takes it', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader, { clock });
    loader.refuses = ['SipUser/john'];
    await made.apply(bundle(NEW, john), asterisk);
    await made.check();
    await made.retryRejected();
    loader.refuses = [];
    now += MINUTE;

    expect(await made.retryRejected()).toBe(true);
    expect(await made.apply(bundle(NEW, john), asterisk)).toBe('loaded');
    expect(made.report()).toMatchObject({ bundle: { loaded: NEW }, quarantined: [] });
    expect(await made.apply(bundle(NEW, john), asterisk)).toBeUndefined();
    await made.check();
    expect(await minutes(made, loader, 5)).toEqual([]);
  });

  it('as a whole comes into force then, too', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader, { clock });
    await made.apply(bundle(GOOD), asterisk);
    await made.check();
    loader.lives.push(NO);
    await made.apply(bundle(NEW), asterisk);
    await made.check();
    expect(made.report().bundle).toMatchObject({ loaded: GOOD, seen: NEW });
    expect(loader).toMatchObject({ running: GOOD, disk: GOOD });
    await made.retryRejected();
    now += MINUTE;

    expect(await made.retryRejected()).toBe(true);
    expect(loader).toMatchObject({ running: GOOD, disk: GOOD }); // not yet
    expect(await made.apply(bundle(NEW), asterisk)).toBe('loaded');
    expect(loader).toMatchObject({ running: NEW, disk: NEW });
    expect(made.report().bundle).toEqual({ seen: NEW, loaded: NEW, restartPending: [] });
  });

  it('comes into force although the same bundle was read meanwhile, as it is every other second', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader, { clock });
    loader.refuses = ['SipUser/john'];
    await made.apply(bundle(NEW, john), asterisk);
    await made.check();
    await made.retryRejected();
    loader.refuses = [];
    now += MINUTE;
    loader.meanwhile = async () => {
      await made.apply(bundle(NEW, john), asterisk);
    };

    expect(await made.retryRejected()).toBe(true);
    expect(await made.apply(bundle(NEW, john), asterisk)).toBe('loaded');
    expect(made.report()).toMatchObject({ bundle: { loaded: NEW }, quarantined: [] });
  });

  it('is not tried when nothing but an edit can change it', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader, { clock });
    const twice = [...SECTIONS, ...sectionsOfFragment('pjsip_aor.conf.001', ';@ SipUser/john u2\n[acme_1]\n')];
    await made.apply(bundle(NEW, twice), asterisk);
    await made.check();

    expect(await minutes(made, loader, 5)).toEqual([]);
  });
});
