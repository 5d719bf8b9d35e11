import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MANIFEST_KEY } from '../../api/bundle.ts';
import { BundleReader, IncompleteBundleError, UnknownBundleError } from './bundle-reader.ts';

const JANE = { 'pjsip_aor.conf.000': ';@ SipUser/jane u1\n[acme_1]\n' };
const JOHN = { 'pjsip_aor.conf.001': ';@ SipUser/john u2\n[acme_2]\n' };

let volume: string;

beforeEach(async () => {
  volume = await mkdtemp(join(tmpdir(), 'ringfleet-bundle-'));
});

afterEach(async () => {
  await rm(volume, { recursive: true, force: true });
});

/** As the kubelet does: a new directory, then the link. `promised` is in the manifest, `there` are the files. */
async function swap(
  name: string,
  promised: Record<string, string>,
  there = promised,
  more: Record<string, unknown> = {},
): Promise<void> {
  const manifest = {
    version: 1,
    organization: 'acme',
    generation: digestOf(name).slice(0, 16),
    fragments: Object.entries(promised).map(([key, text]) => ({ key, digest: digestOf(text), secret: false })),
    expects: {},
    restartFiles: [],
    sipPort: 5060,
    rtp: { start: 10_000, end: 10_100 },
    ...more,
  };
  await mkdir(join(volume, name));
  await writeFile(join(volume, name, MANIFEST_KEY), JSON.stringify(manifest));
  for (const [key, text] of Object.entries(there)) await writeFile(join(volume, name, key), text);
  await symlink(name, join(volume, '..data_tmp'));
  await rename(join(volume, '..data_tmp'), join(volume, '..data'));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('a bundle', () => {
  it('is read section by section, in the order of keys', async () => {
    await swap('..1', { ...JOHN, ...JANE });

    const { sections } = await new BundleReader(volume).read();

    expect(sections).toEqual([
      { file: 'pjsip_aor.conf', owner: 'SipUser/jane', uid: 'u1', text: '[acme_1]\n' },
      { file: 'pjsip_aor.conf', owner: 'SipUser/john', uid: 'u2', text: '[acme_2]\n' },
    ]);
  });

  it.each([
    ['missing', {}],
    ['not what the manifest says', { ...JANE, 'pjsip_aor.conf.001': 'something else\n' }],
  ])('with a fragment that is %s is incomplete', async (_, there) => {
    await swap('..1', { ...JANE, ...JOHN }, there);

    await expect(new BundleReader(volume).read()).rejects.toThrow(IncompleteBundleError);
  });

  it('keeps what it knows by its digest, whatever became of the file', async () => {
    const reader = new BundleReader(volume);
    await swap('..1', JANE);
    const before = await reader.read();
    await swap('..2', { ...JANE, ...JOHN }, JOHN);

    const after = await reader.read();

    expect(after.sections).toHaveLength(2);
    expect(after.sections[0]).toBe(before.sections[0]);
  });

  it('of which a fragment changed has the new one', async () => {
    const reader = new BundleReader(volume);
    await swap('..1', JANE);
    await reader.read();
    const [key = ''] = Object.keys(JANE);
    await swap('..2', { [key]: ';@ SipUser/jane u1\n[acme_9]\n' });

    expect((await reader.read()).sections.map(({ text }) => text)).toEqual(['[acme_9]\n']);
  });
});

describe('settings of the agent', () => {
  const OPEN = '{"webhooks":{"url":"https://hooks.example"}}';
  const SECRET = '{"webhooks":{"key":"not-for-everybody"}}';
  const named = (texts: Record<string, string>) => ({
    settings: Object.entries(texts).map(([key, text]) => ({ key, digest: digestOf(text) })),
  });

  it('are read apart from what Asterisk reads', async () => {
    const texts = { 'agent.json': OPEN, 'agent-secret.json': SECRET };
    await swap('..1', JANE, { ...JANE, ...texts }, named({ ...texts, 'agent-later.json': 'x' }));

    const { sections, settings } = await new BundleReader(volume).read();

    expect(settings).toEqual({ open: JSON.parse(OPEN), secret: JSON.parse(SECRET) });
    expect(sections.map(({ file }) => file)).toEqual(['pjsip_aor.conf']);
  });

  it('are none where the manifest names none, whatever lies there', async () => {
    await swap('..1', JANE, { ...JANE, 'agent.json': OPEN });

    expect((await new BundleReader(volume).read()).settings).toEqual({ open: {}, secret: {} });
  });

  it.each([
    ['missing', { 'agent-secret.json': SECRET }, {}],
    ['not what the manifest says', { 'agent-secret.json': SECRET }, { 'agent-secret.json': OPEN }],
    ['no JSON', { 'agent-secret.json': SECRET.slice(0, -2) }, { 'agent-secret.json': SECRET.slice(0, -2) }],
    ['no object', { 'agent-secret.json': '["not-for-everybody"]' }, { 'agent-secret.json': '["not-for-everybody"]' }],
  ])('that are %s make the bundle incomplete, and no error has them', async (_what, promised, there) => {
    await swap('..1', JANE, { ...JANE, ...there }, named(promised));

    const error = await new BundleReader(volume).read().catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(IncompleteBundleError);
    expect(`${error} ${(error as Error).cause}`).not.toContain('everybody');
  });
});

it('a bundle of a later version is told from one that is not complete', async () => {
  await swap('..1', JANE, JANE, { version: 2, fragments: 'elsewhere' });

  const error = await new BundleReader(volume).read().catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(UnknownBundleError);
  expect(error).toMatchObject({ generation: digestOf('..1').slice(0, 16) });
  expect(String(error)).toContain('of version 2, and 1 is the newest');
});
