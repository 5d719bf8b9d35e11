import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
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

async function write(text: string, secondsAgo: number): Promise<void> {
  const path = join(root, 'jane.yaml');
  await writeFile(path, text);
  const then = clock.now() / 1_000 - secondsAgo;
  await utimes(path, then, then);
}

async function seen(): Promise<{ users: string[]; unsettled: boolean }> {
  const { users, unsettled } = await directory.read();
  return { users: users.map(({ spec }) => spec.extension), unsettled };
}

describe('a directory of manifests', () => {
  it('has a file at once that is new', async () => {
    await write(JANE, 0);

    expect(await seen()).toEqual({ users: ['1001'], unsettled: false });
  });

  it.each([
    ['emptied', '', 1, 3],
    ['emptied but for a line break', '\n', 1, 3],
    ['half written', JANE.split('spec')[0]!, 0, 1],
  ])('does not lose who is in a file that is %s this moment', async (_how, text, early, late) => {
    await write(JANE, 10);
    await seen();

    await write(text, early);
    expect(await seen()).toEqual({ users: ['1001'], unsettled: true });

    await write(text, late);
    expect(await seen()).toEqual({ users: [], unsettled: false });
  });

  it('takes a change when it has settled, and one from the future at once', async () => {
    await write(JANE, 10);
    await seen();
    await write(JANE.replace('1001', '1002'), 1);
    expect(await seen()).toEqual({ users: ['1002'], unsettled: false });

    await write(JANE.replace('1001', '1003'), -3_600);
    expect(await seen()).toEqual({ users: ['1003'], unsettled: false });
  });

  it('does not wait for a file that was only touched', async () => {
    await write(JANE, 10);
    await seen();
    await write(JANE, 0);

    expect(await seen()).toEqual({ users: ['1001'], unsettled: false });
  });
});
