import { expect, it } from 'vitest';
import { type AsteriskInstallation, directly } from '../../agent/asterisk/installation.ts';
import { firstOf, waysOf } from './find.ts';

const ASTERISK: AsteriskInstallation = { version: '22.0', modulesDir: '/m', dataDir: '/d', ...directly('asterisk') };
const found = async (): Promise<AsteriskInstallation> => ASTERISK;
const absent = async (): Promise<undefined> => undefined;
const broken = async (): Promise<never> => {
  throw new Error('docker cannot build the image');
};

it('takes the first way that is open, and says why another was not', async () => {
  const said: string[] = [];

  expect(await firstOf([absent, broken, found], line => said.push(line))).toBe(ASTERISK);
  expect(said).toEqual(['docker cannot build the image']);
});

it('fails with the last reason, which it does not say twice', async () => {
  const said: string[] = [];

  await expect(firstOf([absent, broken], line => said.push(line))).rejects.toThrow(/docker cannot build the image/);
  expect(said).toEqual([]);
});

it('fails when the only way is not there', async () => {
  await expect(firstOf([absent], () => undefined)).rejects.toThrow(/RINGFLEET_ASTERISK leaves no other way/);
});

it('goes no further once the signal is aborted', async () => {
  await expect(firstOf([broken, found], () => undefined, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
});

it.each([
  [undefined, 3],
  ['auto', 3],
  ['container', 1],
  ['path,rootfs', 2],
])('RINGFLEET_ASTERISK=%s leaves %i ways', (value, ways) => {
  expect(waysOf(value)).toHaveLength(ways);
});

it.each(['docker', 'toString', 'path,'])('RINGFLEET_ASTERISK=%s is refused', value => {
  expect(() => waysOf(value)).toThrow(/auto, path or container or rootfs/);
});
