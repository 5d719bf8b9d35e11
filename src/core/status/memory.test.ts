import { expect, it } from 'vitest';
import { IDLE_REPORT, user } from '../../../test/snapshots.ts';
import { memoryPressure } from './memory.ts';

const USERS = [user('jane', '1001'), user('mallory', '1003')];

it('says nothing of a PBX that has refused nothing, nor of one with an older agent', () => {
  expect(memoryPressure(IDLE_REPORT, 'acme', USERS)).toEqual([]);
});

it.each([
  ['Calls', undefined, 'CallsRefused', /new calls get 503, .*\. Unless it is an attack, give the PBX more memory/],
  ['Lamps', undefined, 'LampsRefused', /new subscriptions .* get 404; calls, .*\. Unless it is an attack/],
  ['Lamps', 'acme_1003', 'LampsRefused', /\. SipUser mallory has subscribed to more than 300 extensions: /],
  ['Lamps', 'acme_1009', 'LampsRefused', /\. Unless it is an attack/],
  ['Lamps', 'other_1003', 'LampsRefused', /\. Unless it is an attack/],
] as const)('says that %s were refused, and who watches too much: %s', (refused, watcher, reason, words) => {
  const report = { ...IDLE_REPORT, memoryPressure: { refused, ...(watcher && { watcher }) } };
  const [condition] = memoryPressure(report, 'acme', USERS);

  expect(condition).toMatchObject({ type: 'MemoryPressure', status: 'True', reason });
  expect(condition?.message).toMatch(words);
});
