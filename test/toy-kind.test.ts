import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

/**
 * What a new kind costs. `toy-kind/` has one with an extension, a limit, a destination and a status: a file of the
 * contract and a folder. Put into a copy of the sources, with a line in each of the two lists, it is everywhere.
 */
const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
const PATIENT = 120_000;

const FOLDER = 'src/core/kinds/conference-room/';
const LISTS: Readonly<Record<string, readonly (readonly [before: string, after: string])[]>> = {
  'src/api/tenant-kinds.ts': [
    ["import { integer } from './common.ts';", "import { conferenceRoomKind } from './conference-room.ts';"],
    ['export const tenantKinds = [', 'conferenceRoomKind,'],
  ],
  'src/core/kinds/index.ts': [
    ["import { location } from './location/index.ts';", "import { conferenceRoom } from './conference-room/index.ts';"],
    ['export const KINDS = {', 'ConferenceRoom: conferenceRoom,'],
  ],
};

interface Status {
  readonly conditions: readonly { type: string; status: string; reason: string; message: string }[];
  readonly [member: string]: unknown;
}

interface Look {
  readonly statuses: Readonly<Record<string, Status>>;
  readonly quota: { readonly hard: Readonly<Record<string, string>> };
  readonly complaints: readonly string[];
  readonly words: readonly string[];
  readonly text: string;
}

let copy: string;
let look: Look;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'ringfleet-toy-'));
  for (const part of [
    'src',
    'charts',
    'config',
    'crds',
    'package.json',
    'tsconfig.json',
    'test/snapshots.ts',
    'test/toy-kind/look.ts',
  ])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await cp(join(root, 'test/toy-kind/src'), join(copy, 'src'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [path, lines] of Object.entries(LISTS)) await insert(join(copy, path), lines);
  await node('src/tools/generate.ts');
  look = JSON.parse(await node('test/toy-kind/look.ts')) as Look;
}, PATIENT);

afterAll(() => rm(copy, { recursive: true, force: true }));

async function insert(path: string, lines: readonly (readonly [string, string])[]): Promise<void> {
  let text = await readFile(path, 'utf8');
  for (const [before, after] of lines) {
    expect(text.split(before)).toHaveLength(2);
    text = text.replace(before, `${before}\n${after}`);
  }
  await writeFile(path, text);
}

async function node(script: string): Promise<string> {
  const { stdout } = await run(process.execPath, [script], { cwd: copy, maxBuffer: 1e8 });
  return stdout;
}

function ready(object: string): { status: string; reason: string; message: string } | undefined {
  return look.statuses[object]?.conditions.find(({ type }) => type === 'Ready');
}

it('touches three files outside its folder, and what is generated', async () => {
  const touched = await differences();
  const byHand = touched.filter(path => path.startsWith('src/') && !path.startsWith(FOLDER));

  expect(byHand).toEqual(['src/api/conference-room.ts', ...Object.keys(LISTS)]);
  expect(touched.filter(path => !path.startsWith('src/'))).toEqual([
    'charts/ringfleet/templates/_generated.tpl',
    'charts/ringfleet/templates/crds/conferencerooms.yaml',
    'charts/ringfleet/templates/crds/organizationclasses.yaml',
    'charts/ringfleet/templates/crds/organizations.yaml',
    'charts/ringfleet/templates/policies.yaml',
    'charts/ringfleet/templates/roles.yaml',
    'charts/tenant/templates/_generated.tpl',
    'charts/tenant/values.schema.json',
    'charts/tenant/values.yaml',
    'config/classes/general.yaml',
    'config/classes/hospital.yaml',
    'config/classes/hotel.yaml',
    'config/operator/policies.yaml',
    'config/operator/rbac.yaml',
    'config/operator/roles.yaml',
    'crds/ringfleet.io_conferencerooms.yaml',
    'crds/ringfleet.io_organizationclasses.yaml',
    'crds/ringfleet.io_organizations.yaml',
  ]);
});

/** Files of the copy that are not as they were. */
async function differences(): Promise<string[]> {
  const changed: string[] = [];
  for (const top of ['src', 'charts', 'config', 'crds']) {
    const entries = await readdir(join(copy, top), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter(one => one.isFile())) {
      const path = join(entry.parentPath, entry.name).slice(copy.length + 1);
      const before = await readFile(join(root, path), 'utf8').catch(() => undefined);
      if (before !== (await readFile(join(copy, path), 'utf8'))) changed.push(path);
    }
  }
  return changed.sort();
}

it(
  'is held against the types of everything that knows kinds',
  async () => {
    const config = { extends: './tsconfig.json', include: ['src', 'test'], exclude: ['src/**/*.test.ts'] };
    await writeFile(join(copy, 'tsconfig.toy.json'), JSON.stringify(config));

    await expect(run('npx', ['tsc', '--noEmit', '-p', 'tsconfig.toy.json'], { cwd: copy })).resolves.toBeDefined();
  },
  PATIENT,
);

it('has a CRD, and is in every role, the quota, and the guard of deletion', async () => {
  const text = async (path: string): Promise<string> => readFile(join(copy, path), 'utf8');

  expect(await text('crds/ringfleet.io_conferencerooms.yaml')).toContain('- room\n');
  expect((await text('config/operator/rbac.yaml')).match(/\bconferencerooms\b/g)).toHaveLength(2);
  expect((await text('config/operator/roles.yaml')).match(/\bconferencerooms\b/g)).toHaveLength(2);
  expect(await text('config/operator/policies.yaml')).toContain('status.usage.conferenceRooms.used');
  expect(await text('crds/ringfleet.io_organizations.yaml')).toContain(
    'Maximum number of ConferenceRoom objects; the newest above it are refused. If unset, the default of the class applies, or else 2. Range: 0 to 1000.',
  );
  expect(look.quota.hard['count/conferencerooms.ringfleet.io']).toBe('2');
  expect(look.statuses['Organization/acme']).toMatchObject({ usage: { conferenceRooms: { used: 4, hard: 2 } } });
});

it('is read from a directory, and reported where its schema refuses it', () => {
  expect(look.complaints).toEqual([expect.stringMatching(/ConferenceRoom\/wrong is ignored: spec\.extension/)]);
  expect(ready('ConferenceRoom/wrong')).toMatchObject({ status: 'False', reason: 'Invalid' });
});

it('has a status with what it alone says', () => {
  expect(look.statuses['ConferenceRoom/attic']).toMatchObject({ observedGeneration: 0, dial: '7002' });
  expect(ready('ConferenceRoom/attic')?.reason).toBe('PbxUnavailable');
  expect(ready('ConferenceRoom/reserved')).toMatchObject({ status: 'False', reason: 'LimitExceeded' });
});

it('has its extension before who asks for it later, of whatever kind', () => {
  expect(ready('SipUser/late')).toMatchObject({
    reason: 'Conflict',
    message: expect.stringContaining('Extension 7002 belongs to ConferenceRoom attic'),
  });
});

it('is where calls go, by its name and by its extension, and is found in circles', () => {
  expect(look.words).toContain('conference');
  expect(look.text).toMatch(/exten => attic,1,Set\(ARRAY\(C_FULL\)=hangup:34\)/);
  expect(ready('SipUser/lost')).toMatchObject({
    reason: 'ReferenceNotFound',
    message: expect.stringContaining('there is no ConferenceRoom nowhere in this namespace'),
  });
  expect(ready('ConferenceRoom/hall')).toMatchObject({
    reason: 'RoutingLoop',
    message: expect.stringContaining('ConferenceRoom hall → jane → ConferenceRoom hall;'),
  });
  expect(ready('SipUser/jane')).toMatchObject({
    reason: 'RoutingLoop',
    message: expect.stringContaining('jane → ConferenceRoom hall → jane;'),
  });
  expect(wordsOf('1001')).toContain('hangup:19'); // instead of the circle
  expect(wordsOf('1003').filter(word => word.startsWith('conference:'))).toEqual([
    'conference:attic',
    'conference:attic',
  ]);
});

/** What the line of a user sets. */
function wordsOf(extension: string): string[] {
  const line = look.text.split('\n').find(one => one.startsWith(`exten => ${extension},1,Set(ARRAY(U_ID`));
  return line?.split(')=')[1]?.split(/[,)]/) ?? [];
}
