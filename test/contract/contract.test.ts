import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BundleReader } from '../../src/agent/configuration/bundle-reader.ts';
import { Candidate, missingDefinitions } from '../../src/agent/configuration/candidate.ts';
import { currentOf } from '../../src/agent/configuration/current.ts';
import { modulesFor } from '../../src/agent/configuration/modules.ts';
import { definitions } from '../../src/agent/configuration/sections.ts';
import { readGood, readMailboxNotes, readOwners } from '../../src/agent/configuration/state-files.ts';
import { bundleManifestSchema, MANIFEST_KEY } from '../../src/api/bundle.ts';
import { readReport } from '../../src/api/report.ts';

/**
 * Operator and agent are of two releases for as long as an upgrade takes: what either of them ever wrote must be read by
 * the other's successor. `fixtures` has each form as it was once written; they are added to and never changed.
 */
const FIXTURES = join(import.meta.dirname, 'fixtures');

async function fixture(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(FIXTURES, name), 'utf8'));
}

describe('a report', () => {
  it.each(['report-0', 'report-0-idle', 'report-1'])('as it was in %s is read whole', async name => {
    const report = await fixture(`${name}.json`);

    expect(readReport(JSON.stringify(report))).toEqual({ report });
  });

  it('with members that nobody knows yet is read for the others', async () => {
    const report = (await fixture('report-1.json')) as Record<string, object>;
    const more = { ...report, weather: 'fine', bundle: { ...report['bundle'], colour: 'red' } };

    expect(readReport(JSON.stringify(more))).toEqual({ report });
  });

  it('without all that may be missing says that the rest is not known', () => {
    const said = { ready: true, observed: true, channels: 2, contacts: {}, trunks: {} };

    expect(readReport(JSON.stringify(said))).toEqual({
      report: {
        ...said,
        agentVersion: '',
        asteriskVersion: '',
        draining: false,
        bundle: { restartPending: [] },
        restartSafe: { status: 'Unknown', message: '' },
        quarantined: [],
        calls: 0,
        mailboxes: {},
      },
    });
  });

  it('with words that nobody knows yet is read for the others', async () => {
    const report = (await fixture('report-1.json')) as Record<string, unknown>;
    const [contact] = (report['contacts'] as Record<string, object[]>)['acme_1002'] ?? [];
    const later = {
      ...report,
      restartSafe: { status: 'Perhaps', message: 7 },
      contacts: { acme_1002: [{ ...contact, state: 'Asleep', userAgent: 'x'.repeat(5_000) }], acme_1003: 'gone' },
      trunks: { 'acme_t-carrier': { registration: 'Paused', reachable: 'Reachable' }, 'acme_t-other': 1 },
    };

    const unknown = { registration: 'Unknown', reachable: 'Unknown' };
    expect(readReport(JSON.stringify(later))).toEqual({
      report: {
        ...report,
        restartSafe: { status: 'Unknown', message: '' },
        contacts: { acme_1002: [{ ...contact, state: 'Unknown', userAgent: 'x'.repeat(1_024) }], acme_1003: [] },
        trunks: { 'acme_t-carrier': { ...unknown, reachable: 'Reachable' }, 'acme_t-other': unknown },
      },
    });
  });

  it.each([
    ['no JSON', 'a < b', 'it is no JSON'],
    ['no object', '[]', 'it lacks everything'],
    ['empty', '{}', 'it lacks channels, contacts, observed, ready, trunks'],
    ['nothing', 'null', 'it lacks everything'],
    ['without the number of channels', { channels: undefined }, 'it lacks channels'],
    ['with less than no channel', { channels: -1 }, 'it lacks channels'],
    ['of a later version', { version: 2 }, 'it is of version 2, and 1 is the newest that is known'],
    ['of no version at all', { version: '`rm`' }, 'it is of version NaN, and 1 is the newest that is known'],
  ])('that is %s cannot be read, and it is said why', async (_what, said, unreadable) => {
    const report = (await fixture('report-1.json')) as object;
    const line = typeof said === 'string' ? said : JSON.stringify({ ...report, ...said });

    expect(readReport(line)).toEqual({ unreadable });
  });
});

describe('a bundle', () => {
  let volume: string;

  beforeEach(async () => {
    volume = await mkdtemp(join(tmpdir(), 'ringfleet-contract-'));
    await bring('bundle-1');
  });

  afterEach(() => rm(volume, { recursive: true, force: true }));

  const bring = (name: string): Promise<void> => cp(join(FIXTURES, name), volume, { recursive: true });

  it('as it was in bundle-1 is complete, and defines what it promises', async () => {
    const { manifest, sections } = await new BundleReader(volume).read();

    expect(manifest).toEqual(await fixture('bundle-1/manifest.json'));
    expect([...new Set(sections.map(({ owner }) => owner))].sort()).toEqual([
      '-',
      'PhoneNumber/front-desk',
      'SipUser/jane',
      'SipUser/john',
      'Trunk/carrier',
    ]);
    expect(missingDefinitions(manifest, sections)).toBeUndefined();
  });

  it('as it was in bundle-1-settings has all that it had', async () => {
    await bring('bundle-1-settings');

    const { manifest, sections, settings } = await new BundleReader(volume).read();

    expect(manifest).toEqual(await fixture('bundle-1-settings/manifest.json'));
    expect(sections.map(({ owner }) => owner)).toEqual(['SipUser/jane']);
    expect(settings).toEqual({
      open: await fixture('bundle-1-settings/agent.json'),
      secret: await fixture('bundle-1-settings/agent-secret.json'),
    });
  });

  it('waits for a roll with the files that it names itself, whatever the agent knows of them', async () => {
    const manifest = bundleManifestSchema.parse(await fixture('bundle-1/manifest.json'));
    const restartFiles = ['pjsip_aor.conf', 'weather.conf'];
    await writeFile(join(volume, MANIFEST_KEY), JSON.stringify({ ...manifest, restartFiles }));

    const bundle = await new BundleReader(volume).read();

    expect(currentOf(new Candidate(manifest.generation, bundle.sections, []), bundle).restartFiles).toEqual(
      restartFiles,
    );
  });

  it('without what was added later, and with members that nobody knows yet, is complete', async () => {
    const { kept: _, mailboxes: __, ...before } = bundleManifestSchema.parse(await fixture('bundle-1/manifest.json'));
    await writeFile(join(volume, MANIFEST_KEY), JSON.stringify({ ...before, weather: 'fine' }));
    await writeFile(join(volume, 'weather.json'), '{}');

    const { manifest } = await new BundleReader(volume).read();

    expect(manifest).toEqual({ ...before, kept: [] });
  });
});

describe('a last known good', () => {
  let state: string;

  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'ringfleet-contract-'));
  });

  afterEach(() => rm(state, { recursive: true, force: true }));

  it.each([
    ['0', 'voicemail.conf', '1001'],
    ['1', 'voicemail_users.conf', 'abcdefghijklmnopabcdefgh'],
  ])('as it was in last-known-good-%s is read, and what is in it is known', async (form, mailboxes, mailbox) => {
    const written = await fixture(`last-known-good-${form}.json`);
    await cp(join(FIXTURES, `last-known-good-${form}.json`), join(state, 'last-known-good.json'));

    const good = await readGood(state);

    expect(good).toEqual(written);
    const files = new Candidate('0123456789abcdef', good?.parts ?? [], []).files();
    expect(files.get(mailboxes)?.text).toContain(`${mailbox} => 4711,`);
    expect(definitions(good?.parts ?? []).map(({ type, id, owner }) => `${owner} ${type} ${id}`)).toEqual([
      'SipUser/jane users 1001',
      'SipUser/jane aor acme_1001',
      '- endpoint rf-probe',
      'SipUser/jane endpoint acme_1001',
      `SipUser/jane mailbox ${mailbox}`,
    ]);
    expect(modulesFor([...files.keys()])).toEqual(['res_pjsip.so', 'pbx_config.so', 'app_voicemail.so']);
  });

  it.each([
    'null',
    '[]',
    '{}',
    '{"generation":"0123456789abcdef"}',
    '{"generation":1,"parts":[]}',
    '{"parts":[null]}',
    'x',
  ])('of which only %s can be read counts as none', async text => {
    for (const name of ['last-known-good', 'mailboxes', 'owners']) await writeFile(join(state, `${name}.json`), text);

    expect(await readGood(state)).toBeUndefined();
    expect(await readMailboxNotes(state)).toBeUndefined();
    if (text !== '{}' && !text.endsWith('f"}')) expect(await readOwners(state)).toBeUndefined();
  });
});
