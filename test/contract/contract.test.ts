import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BundleReader } from '../../src/agent/bundle-reader.ts';
import { brokenPromise } from '../../src/agent/candidate.ts';
import { bundleManifestSchema, MANIFEST_KEY } from '../../src/api/bundle.ts';
import { agentReportSchema } from '../../src/api/report.ts';

/**
 * Operator and agent are of two releases for as long as an upgrade takes: what either of them ever wrote must be read by
 * the other's successor. `fixtures` has each form as it was once written; they are added to and never changed.
 */
const FIXTURES = join(import.meta.dirname, 'fixtures');

async function fixture(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(FIXTURES, name), 'utf8'));
}

describe('a report', () => {
  it.each(['report-0', 'report-0-idle'])('as it was in %s is read whole', async name => {
    const report = await fixture(`${name}.json`);

    expect(agentReportSchema.parse(report)).toEqual(report);
  });

  it('with members that nobody knows yet is read for the others', async () => {
    const report = (await fixture('report-0.json')) as Record<string, object>;
    const more = { ...report, weather: 'fine', bundle: { ...report['bundle'], colour: 'red' } };

    expect(agentReportSchema.parse(more)).toEqual(report);
  });
});

describe('a bundle', () => {
  let volume: string;

  beforeEach(async () => {
    volume = await mkdtemp(join(tmpdir(), 'ringfleet-contract-'));
    await cp(join(FIXTURES, 'bundle-1'), volume, { recursive: true });
  });

  afterEach(() => rm(volume, { recursive: true, force: true }));

  it('as it was in bundle-1 is complete, and defines what it promises', async () => {
    const { manifest, parts } = await new BundleReader(volume).read();

    expect(manifest).toEqual(await fixture('bundle-1/manifest.json'));
    expect([...new Set(parts.map(({ owner }) => owner))].sort()).toEqual([
      '-',
      'PhoneNumber/front-desk',
      'SipUser/jane',
      'SipUser/john',
      'Trunk/carrier',
    ]);
    expect(brokenPromise(manifest, parts)).toBeUndefined();
  });

  it('without what was added later, and with members that nobody knows yet, is complete', async () => {
    const { kept: _, mailboxes: __, ...before } = bundleManifestSchema.parse(await fixture('bundle-1/manifest.json'));
    await writeFile(join(volume, MANIFEST_KEY), JSON.stringify({ ...before, weather: 'fine' }));
    await writeFile(join(volume, 'weather.json'), '{}');

    const { manifest } = await new BundleReader(volume).read();

    expect(manifest).toEqual({ ...before, kept: [] });
  });
});
