import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import { ManifestDirectory } from './directory.ts';

const JANE = `apiVersion: ringfleet.io/v1alpha1
kind: SipUser
metadata: {name: jane}
spec: {extension: '1001', fullName: Jane}
`;
const clock = new FakeClock();
let root: string;
let directory: ManifestDirectory;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ringfleet-manifests-'));
  directory = new ManifestDirectory(root, clock);
});

afterEach(() => rm(root, { recursive: true }));

const write = (file: string, text: string): Promise<void> => writeFile(join(root, file), text);
const save = (text: string): Promise<void> => write('jane.yaml', text);
const away = (file: string): Promise<void> => rm(join(root, file));

async function seen(afterMs = 0): Promise<{ users: string[]; unsettled: boolean }> {
  await clock.advance(afterMs);
  const { objects, unsettled } = await directory.read();
  return { users: objects.SipUser.map(({ spec }) => spec.extension), unsettled };
}

/** What the directory says once nothing in it has changed for long. */
async function settled(): Promise<{
  users: string[];
  refused: string[];
  said: readonly string[];
  unread: readonly string[];
}> {
  await directory.read();
  await clock.advance(5_000);
  const { objects, invalid, complaints, unread } = await directory.read();
  const refused = invalid.map(({ metadata }) => metadata.uid ?? '');
  return { users: objects.SipUser.map(({ spec }) => spec.extension), refused, said: complaints, unread };
}

describe('a directory of manifests', () => {
  it('has a file at once that is new', async () => {
    await save(JANE);

    expect(await seen()).toEqual({ users: ['1001'], unsettled: false });
  });

  it.each([
    ['emptied', () => save(''), 1_900],
    ['emptied but for a line break', () => save('\n'), 1_900],
    ['moved away', () => rm(join(root, 'jane.yaml')), 1_900],
  ])('keeps who is in a file that was %s a moment ago', async (_how, change, momentMs) => {
    await save(JANE);
    await seen();

    await change();
    expect(await seen()).toEqual({ users: ['1001'], unsettled: true });
    expect(await seen(momentMs)).toEqual({ users: ['1001'], unsettled: true });
    expect(await seen(200)).toEqual({ users: [], unsettled: false });
  });

  it('forgets of a file that it was gone, when it is back', async () => {
    await save(JANE);
    await seen();
    await rm(join(root, 'jane.yaml'));
    await seen();

    await save(JANE);
    expect(await seen(5_000)).toEqual({ users: ['1001'], unsettled: false });
    await rm(join(root, 'jane.yaml'));
    expect(await seen()).toEqual({ users: ['1001'], unsettled: true });
  });

  it('takes a change when it was seen twice, and none that was overtaken', async () => {
    await save(JANE);
    await seen();
    await save(JANE.replace('1001', '1002'));
    expect(await seen()).toEqual({ users: ['1001'], unsettled: true });
    await save(JANE.replace('1001', '1003'));
    expect(await seen(60)).toEqual({ users: ['1001'], unsettled: true });

    expect(await seen(60)).toEqual({ users: ['1003'], unsettled: false });
  });
});

describe('an object that its schema refuses', () => {
  const BAD = JANE.replace("'1001'", 'abc');
  const REFUSED = /^jane\.yaml: SipUser\/jane: spec\.extension: .*; its last good version stays in force$/;

  it('is what it was, however often it is broken, until it is mended', async () => {
    await save(JANE);
    await settled();
    for (const text of [BAD, 'kind: [', BAD.replace('abc', 'def')]) {
      await save(text);
      expect(await settled()).toMatchObject({ users: ['1001'], refused: [] });
    }
    await save(BAD);
    expect((await settled()).said).toEqual([expect.stringMatching(REFUSED)]);

    await save(JANE.replace('1001', '1005'));
    expect(await settled()).toEqual({ users: ['1005'], refused: [], said: [], unread: [] });
  });

  it('is nobody at first, but somebody who exists', async () => {
    await save(BAD);

    expect(await settled()).toMatchObject({ users: [], refused: ['SipUser/jane'] });
    await save(BAD.replace('abc', 'def'));
    expect(await settled()).toMatchObject({ users: [], refused: ['SipUser/jane'] });
  });

  it('is what it was although its file has another name now', async () => {
    await save(JANE);
    await settled();
    await write('other.yaml', BAD);
    await away('jane.yaml');

    expect(await settled()).toMatchObject({ users: ['1001'], refused: [] });
  });

  it('does not stand in the way of a good one of its name', async () => {
    await save(JANE);
    await settled();
    await write('copy.yaml', BAD);
    await save(JANE.replace('1001', '1005'));

    expect(await settled()).toMatchObject({
      users: ['1005'],
      said: [expect.stringMatching(/^copy\.yaml: .*extension/)],
    });
  });

  it('is gone when no file names it', async () => {
    await save(JANE);
    await settled();
    await save(BAD);
    await settled();
    await away('jane.yaml');
    expect(await settled()).toMatchObject({ users: [], refused: [] });

    await save(BAD);
    expect(await settled()).toMatchObject({ users: [], refused: ['SipUser/jane'] });
  });
});

it('keeps the object that is in force when another file has one of its name, whatever becomes of either', async () => {
  await save(JANE);
  await settled();
  await write('a-copy.yaml', JANE.replace('1001', '1005'));
  expect(await settled()).toMatchObject({
    users: ['1001'],
    said: [expect.stringMatching(/^a-copy\.yaml: .*ignored$/)],
  });

  await save(JANE.replace("'1001'", 'abc'));
  expect(await settled()).toMatchObject({ users: ['1001'], refused: [] });
  await save(JANE.replace('1001', '1002'));
  expect(await settled()).toMatchObject({ users: ['1002'] });
  await away('jane.yaml');
  expect(await settled()).toMatchObject({ users: ['1005'], said: [] });
});

it('has the text of a file that cannot be read, now or ever', async () => {
  await save(JANE);
  await write('other.yaml', 'kind: [');
  expect(await settled()).toMatchObject({
    users: ['1001'],
    unread: ['kind: ['],
    said: [expect.stringContaining('other.yaml: ')],
  });

  await write('other.yaml', JANE.replace('name: jane', 'name: john').replace('1001', '1002'));
  expect(await settled()).toEqual({ users: ['1001', '1002'], refused: [], said: [], unread: [] });
});
