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

const save = (text: string): Promise<void> => writeFile(join(root, 'jane.yaml'), text);

async function seen(afterMs = 0): Promise<{ users: string[]; unsettled: boolean }> {
  await clock.advance(afterMs);
  const { users, unsettled } = await directory.read();
  return { users: users.map(({ spec }) => spec.extension), unsettled };
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
