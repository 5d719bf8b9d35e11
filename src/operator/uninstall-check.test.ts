import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/errors.ts';
import { stillInUse } from './uninstall-check.ts';

const { signal } = new AbortController();

/** What a server says that answers with these, one after the other, and then with the last one for ever. */
function check(clock: FakeClock, ...answers: (object | undefined)[]) {
  let asked = 0;
  const client = {
    get: async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as KubeClient;
  return stillInUse({ client, clock, namespace: 'acme' }, signal);
}

const usage = { users: { used: 12, hard: 50 }, trunks: { used: 0, hard: 5 }, phoneNumbers: { used: 2, hard: 10 } };
const organization = (annotations: Record<string, string> = {}, status: object | null = { usage }) => ({
  metadata: { name: 'acme', annotations },
  ...(status ? { status } : {}),
});
const forbidden = new KubeError(403, 'Forbidden', 'no');
const broken = new KubeError(503, 'ServiceUnavailable', 'later');

it.each([
  ['one that people use', [organization()], 'users (12), numbers (2)'],
  [
    'one that people use, with another annotation',
    [organization({ 'ringfleet.io/delete': 'no' })],
    'users (12), numbers (2)',
  ],
  ['one whose deletion is confirmed', [organization({ 'ringfleet.io/delete': 'cascade' })], undefined],
  ['one that goes with its data', [organization({ 'ringfleet.io/delete': 'purge' })], undefined],
  ['one that nobody uses', [organization({}, { usage: { users: { used: 0 } } })], undefined],
  ['one that no operator has looked at', [organization({}, null)], undefined],
  ['none', [undefined], undefined],
])('%s', async (_, answers, expected) => {
  expect(await check(new FakeClock(), ...answers)).toBe(expected);
});

it('asks again while its role is not known yet, and when the server is busy', async () => {
  const clock = new FakeClock();
  const asked = check(clock, forbidden, broken, organization());
  await clock.advance(2_000);

  expect(await asked).toBe('users (12), numbers (2)');
});

it('does not take silence for consent', async () => {
  const clock = new FakeClock();
  const vain = expect(check(clock, forbidden)).rejects.toThrow('to be read');
  await clock.advance(60_000);
  await vain;

  await expect(check(clock, new KubeError(400, 'BadRequest', 'what?'))).rejects.toThrow('what?');
});
