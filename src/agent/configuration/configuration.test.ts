import { mkdir, rmdir } from 'node:fs/promises';
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
  SILENT,
  YES,
} from '../../../test/scripted-asterisk.ts';
import { systemClock } from '../../runtime/clock.ts';
import { type AmiClient, AmiError } from '../ami/client.ts';
import { UnknownBundleError } from './bundle-reader.ts';
import { Configuration } from './configuration.ts';
import type { Loader } from './loader.ts';
import { sectionsOfFragment } from './sections.ts';
import { readGood, readOwners } from './state-files.ts';

describe('a bundle that booted in an earlier life', () => {
  it('is not tried again on the same image', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader, { provenBy: 'one', fingerprint: 'one' });

    expect(await made.boot(bundle(GOOD))).toBe(true);
    expect(loader).toMatchObject({ boots: 0, disk: GOOD });
    await made.onConnected(asterisk);
    expect(made.report().bundle.loaded).toBeUndefined(); // not read back from the live one yet
    expect(await made.apply(bundle(GOOD), asterisk)).toBe('loaded');
    expect(made.report()).toMatchObject({ bundle: { loaded: GOOD }, restartSafe: { status: 'True' } });
  });

  const more = [...SECTIONS, ...sectionsOfFragment('pjsip_auth.conf.000', ';@ SipUser/jane u1\n[acme_1]\n')];
  it.each([
    ['on another image', { provenBy: 'one', fingerprint: 'other' }, bundle(GOOD)],
    ['when nobody knows on which image that was', { fingerprint: 'one' }, bundle(GOOD)],
    ['when nobody knows which image this is', { provenBy: 'one' }, bundle(GOOD)],
    ['when it is another one', { provenBy: 'one', fingerprint: 'one' }, bundle(NEW)],
    ['when something of it was left out then', { provenBy: 'one', fingerprint: 'one' }, bundle(GOOD, more)],
  ])('is tried again %s', async (_when, image, wanted) => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader, image);

    expect(await made.boot(wanted)).toBe(true);
    expect(loader).toMatchObject({ boots: 1, disk: wanted.manifest.generation });
    expect((await readGood(root))?.generation).toBe(wanted.manifest.generation);
  });

  it('is known by what this life proved', async () => {
    const first = await configuration(new ScriptedLoader({}), { fingerprint: 'one' });
    await first.boot(bundle(NEW));
    const loader = new ScriptedLoader({});
    const places = { config: root, state: root, run: root, spool: root, log: root };
    const second = new Configuration(loader as unknown as Loader, {
      places,
      log: SILENT,
      clock: systemClock,
      fingerprint: 'one',
    });
    await second.loadState();

    expect(await second.boot(bundle(NEW))).toBe(true);
    expect(loader).toMatchObject({ boots: 0, disk: NEW });
  });
});

describe('a last known good of the bundle that is wanted', () => {
  const john = sectionsOfFragment('pjsip_aor.conf.001', ';@ SipUser/john u2\n[acme_2]\n');
  const [changed] = sectionsOfFragment('pjsip_aor.conf.000', ';@ SipUser/jane u1\n[acme_1]\nx=1\n');
  const whole = [...(changed ? [changed] : []), ...john];

  it('does not hide which objects it lacks, when the bundle does not boot', async () => {
    const loader = new ScriptedLoader({ [GOOD]: [NO, YES] });
    const made = await configuration(loader, { provenBy: 'one', fingerprint: 'one' });

    expect(await made.boot(bundle(GOOD, whole))).toBe(true);
    expect(loader).toMatchObject({ boots: 1, disk: GOOD });
    const refused = { digest: expect.any(String), reason: NO.ok ? '' : NO.error };
    expect(made.report().quarantined).toEqual([
      { object: 'SipUser/jane', ...refused },
      { object: 'SipUser/john', ...refused },
    ]);
    expect((await readGood(root))?.parts).toEqual(SECTIONS);
  });

  it('makes way for the whole of it once that boots', async () => {
    let now = 0;
    const clock = { ...systemClock, monotonic: () => now };
    const loader = new ScriptedLoader({ [GOOD]: [NO, YES] });
    const made = await configuration(loader, { provenBy: 'one', fingerprint: 'one', clock });
    await made.boot(bundle(GOOD, whole));
    expect(await made.apply(bundle(GOOD, whole), asterisk)).toBeUndefined();

    expect(await made.retryRejected()).toBe(false);
    now += 60_000;
    expect(await made.retryRejected()).toBe(true);
    expect(await made.apply(bundle(GOOD, whole), asterisk)).toBe('loaded');
    expect(made.report().quarantined).toEqual([]);
  });
});

describe('a state volume that takes nothing', () => {
  it('does not keep Asterisk from starting, and the last known good is kept once it does', async () => {
    const loader = new ScriptedLoader({});
    const made = await configuration(loader);
    const stuck = join(root, 'last-known-good.json.new');
    await mkdir(stuck); // it cannot be written

    expect(await made.boot(bundle(NEW))).toBe(true);
    expect(loader.disk).toBe(NEW);
    expect(made.settled).toBe(false);

    await rmdir(stuck);
    expect(await made.check()).toBe(false);
    expect(made.settled).toBe(true);
    expect((await readGood(root))?.generation).toBe(NEW);
  });

  it('does not keep the agent from its Asterisk, nor a removed user in it', async () => {
    const forgotten: string[] = [];
    const live = {
      action: async (_name: string, { Key }: { Key: string }) => void forgotten.push(Key),
      command: async () => '/registrar/contact/acme_1;@0123: {}\n',
      list: async () => [],
    } as unknown as AmiClient;
    const jane = sectionsOfFragment('pjsip_endpoint.conf.000', ';@ SipUser/jane u1\n[acme_1]\n');
    const made = await configuration(new ScriptedLoader({}));
    await made.apply(bundle(GOOD, jane), asterisk);
    const stuck = join(root, 'owners.json.new');
    await mkdir(stuck);

    await expect(made.apply(bundle(NEW, []), live)).rejects.toThrow('EISDIR');
    await made.onConnected(live);
    expect(forgotten).toEqual(['acme_1;@0123', 'acme_1;@0123']);

    await rmdir(stuck);
    expect(await made.apply(bundle(NEW, []), live)).toBe('loaded');
    expect(await readOwners(root)).toEqual(new Map());
  });
});

it('is not told as loaded before who left with it is gone', async () => {
  const made = await configuration(new ScriptedLoader({}));
  const jane = sectionsOfFragment('pjsip_endpoint.conf.000', ';@ SipUser/jane u1\n[acme_1]\n');
  await made.apply(bundle(GOOD, jane), asterisk);
  const told: unknown[] = [];
  const busy = {
    action: async () => undefined,
    command: async () => {
      told.push(made.report().bundle.loaded);
      return '/registrar/contact/acme_1;@0123: {}\n';
    },
    list: async () => [],
  } as unknown as AmiClient;

  expect(await made.apply(bundle(NEW, []), busy)).toBe('loaded');

  expect(told).toEqual([GOOD]);
  expect(made.report().bundle.loaded).toBe(NEW);
});

describe('one who left and cannot be seen off yet', () => {
  const jane = sectionsOfFragment('pjsip_endpoint.conf.000', ';@ SipUser/jane u1\n[acme_1]\n');
  /** Whose manager fails as often as said when a contact is to be forgotten. */
  const failing = (times: number, message: string): AmiClient => {
    const action = async (name: string): Promise<void> => {
      if (name === 'DBDel' && times-- > 0) throw new AmiError(message);
    };
    const command = async (): Promise<string> => '/registrar/contact/acme_1;@0123: {}\n';
    return { action, command, list: async () => [] } as unknown as AmiClient;
  };

  it('keeps the bundle untold and not refused, and it counts as loaded the next time', async () => {
    const made = await configuration(new ScriptedLoader({}));
    await made.apply(bundle(GOOD, jane), asterisk);
    const busy = failing(1, 'Timeout');

    await expect(made.apply(bundle(NEW, []), busy)).rejects.toThrow('Timeout');
    made.failed(NEW, 'Asterisk did not take it');
    expect(made.report().bundle).toEqual({ seen: NEW, loaded: GOOD, restartPending: [] });

    expect(await made.apply(bundle(NEW, []), busy)).toBe('loaded');
    expect(made.report().bundle).toEqual({ seen: NEW, loaded: NEW, restartPending: [] });
  });

  it('does not keep it from being told for ever', async () => {
    const made = await configuration(new ScriptedLoader({}));
    await made.apply(bundle(GOOD, jane), asterisk);
    const broken = failing(9, 'Timeout');

    await expect(made.apply(bundle(NEW, []), broken)).rejects.toThrow('Timeout');
    await made.rollbackFrom(bundle(NEW, []), 'Asterisk did not take it', broken);
    expect(made.report().bundle).toEqual({ seen: NEW, loaded: NEW, restartPending: [] });
    await expect(made.apply(bundle(NEW, []), broken)).rejects.toThrow('Timeout'); // and is tried again
  });

  it('may have gone by herself', async () => {
    const made = await configuration(new ScriptedLoader({}));
    await made.apply(bundle(GOOD, jane), asterisk);

    expect(await made.apply(bundle(NEW, []), failing(1, 'Database entry could not be deleted'))).toBe('loaded');
  });
});

it('boots with the last known good of this image although nothing can be checked', async () => {
  const loader = new ScriptedLoader({ [NEW]: [NO], [GOOD]: [NO] });
  const made = await configuration(loader, { provenBy: 'one', fingerprint: 'one' });

  expect(await made.boot(bundle(NEW))).toBe(true);
  await made.onConnected(asterisk);
  expect(made.report()).toMatchObject({ bundle: { seen: NEW, loaded: GOOD, error: expect.any(String) } });
});

it('is loaded once, although something else was to be read again', async () => {
  const loader = new ScriptedLoader({});
  const made = await configuration(loader, { provenBy: 'one', fingerprint: 'one' });
  await made.boot(bundle(GOOD));
  await made.onConnected(asterisk);

  expect(await made.apply(bundle(NEW), asterisk)).toBe('loaded');
  expect(made.report().bundle.loaded).toBe(NEW);
  expect(await made.apply(bundle(NEW), asterisk)).toBeUndefined();
});

it('is not told as loaded as long as the live one may have another', async () => {
  const made = await configuration(new ScriptedLoader({ [NEW]: [NO] }));
  await made.apply(bundle(NEW), asterisk);
  await made.check(); // takes it back

  await made.onConnected(asterisk);
  expect(made.report().bundle.loaded).toBe(NEW);
  await made.apply(bundle(NEW), asterisk);
  expect(made.report().bundle.loaded).toBe(GOOD);
});

it('keeps what was found good although a newer one came meanwhile', async () => {
  const loader = new ScriptedLoader({});
  const made = await configuration(loader);
  await made.apply(bundle(NEW), asterisk);
  loader.meanwhile = async () => {
    await made.apply(bundle('cccccccccccccccc'), asterisk);
  };

  expect(await made.check()).toBe(false);

  expect((await readGood(root))?.generation).toBe(NEW);
  expect(made.report()).toMatchObject({ bundle: { loaded: 'cccccccccccccccc' }, restartSafe: { status: 'Unknown' } });
});

it('is applied again when its check leaves out what had fallen back to its old text already', async () => {
  const loader = new ScriptedLoader({});
  const made = await configuration(loader);
  const bad = sectionsOfFragment('pjsip_aor.conf.000', ';@ SipUser/jane u1\n[acme_1]\nbad=1\n');
  loader.refuses = ['SipUser/jane']; // live: the new text; then, in the check, the old one too
  await made.apply(bundle(NEW, bad), asterisk);

  expect(await made.check()).toBe(true);
  expect(made.report().quarantined.map(({ object }) => object)).toEqual(['SipUser/jane']);
  expect(await made.apply(bundle(NEW, bad), asterisk)).toBe('loaded');
});

describe('a bundle that does not boot', () => {
  it('boots the second time on a machine that was only busy, as the last known good does meanwhile', async () => {
    const loader = new ScriptedLoader({ [NEW]: [NO, YES] });
    const made = await configuration(loader);

    expect(await made.boot(bundle(NEW))).toBe(true);
    expect(loader).toMatchObject({ boots: 3, disk: NEW });
    expect((await readGood(root))?.generation).toBe(NEW);
    expect(made.report().bundle.loaded).toBeUndefined(); // there is no Asterisk yet that has it
    await made.onConnected(asterisk);
    expect(made.report()).toMatchObject({ bundle: { loaded: NEW }, restartSafe: { status: 'True' } });
    expect(made.settled).toBe(true);
  });

  it('makes way for the last known good, is tried again later, and then comes into force', async () => {
    const loader = new ScriptedLoader({ [NEW]: [NO, NO, NO, YES] });
    const made = await configuration(loader);

    expect(await made.boot(bundle(NEW))).toBe(true);
    await made.onConnected(asterisk);
    expect(made.report()).toMatchObject({ bundle: { loaded: GOOD, seen: NEW, error: expect.any(String) } });
    expect(made.settled).toBe(false);
    expect(await made.check()).toBe(false);
    expect(await made.apply(bundle(NEW), asterisk)).toBeUndefined();

    expect(await made.check()).toBe(true);
    expect(await made.apply(bundle(NEW), asterisk)).toBe('loaded');
    expect(made.report().bundle).toEqual({ seen: NEW, loaded: NEW, restartPending: [] });
  });

  it('is forgotten when another one comes into force', async () => {
    const loader = new ScriptedLoader({ [NEW]: [NO] });
    const made = await configuration(loader);
    await made.boot(bundle(NEW));

    expect(await made.apply(bundle('cccccccccccccccc'), asterisk)).toBe('loaded');
    expect(await made.check()).toBe(false);
    expect(made.settled).toBe(true);
    expect(loader).toMatchObject({ running: 'cccccccccccccccc', disk: 'cccccccccccccccc' });
    expect((await readGood(root))?.generation).toBe('cccccccccccccccc');
  });

  it('leaves nothing to check again once the live Asterisk refuses another one', async () => {
    const loader = new ScriptedLoader({ [NEW]: [NO] });
    const made = await configuration(loader);
    await made.boot(bundle(NEW));
    expect(made.settled).toBe(false);
    loader.lives.push(NO);
    await made.apply(bundle('cccccccccccccccc'), asterisk);

    expect(made.settled).toBe(true);
    expect(made.report()).toMatchObject({ bundle: { loaded: GOOD, seen: 'cccccccccccccccc' }, quarantined: [] });
  });

  it('is taken back when only it does not boot', async () => {
    const loader = new ScriptedLoader({ [NEW]: [NO] });
    const made = await configuration(loader);
    await made.apply(bundle(NEW), asterisk);

    expect(await made.check()).toBe(true);
    await made.apply(bundle(NEW), asterisk);
    expect(made.report()).toMatchObject({ bundle: { loaded: GOOD, seen: NEW, error: expect.any(String) } });
  });

  it('stays while nothing boots on this machine, or when it boots the second time', async () => {
    const nothing = await configuration(new ScriptedLoader({ [NEW]: [NO], [GOOD]: [NO] }));
    await nothing.apply(bundle(NEW), asterisk);
    expect(await nothing.check()).toBe(false);
    expect(nothing.report()).toMatchObject({ bundle: { loaded: NEW }, restartSafe: { status: 'False' } });

    const busy = await configuration(new ScriptedLoader({ [NEW]: [NO, YES] }));
    await busy.apply(bundle(NEW), asterisk);
    expect(await busy.check()).toBe(false);
    expect(busy.report()).toMatchObject({ bundle: { loaded: NEW }, restartSafe: { status: 'True' } });
  });
});

describe('a bundle that this agent does not know how to read', () => {
  it('is told of with what keeps it out, until one comes that it knows', async () => {
    const made = await configuration(new ScriptedLoader({}), { provenBy: 'one', fingerprint: 'one' });
    await made.boot(bundle(GOOD));
    await made.apply(bundle(GOOD), asterisk);

    made.note(new UnknownBundleError('00000000000000ff', 2));
    expect(made.report().bundle).toMatchObject({
      seen: '00000000000000ff',
      loaded: GOOD,
      error: expect.stringContaining('needs the image'),
    });

    await made.apply(bundle(GOOD), asterisk);
    expect(made.report().bundle).toEqual({ seen: GOOD, loaded: GOOD, restartPending: [] });
  });
});
