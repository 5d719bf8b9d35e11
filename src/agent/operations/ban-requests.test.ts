import { expect, it } from 'vitest';
import { answerBanRequest } from './ban-requests.ts';

const BAN = { source: '198.51.100.7', secondsLeft: 60, failures: 60 };
const guard = { list: () => [BAN], lift: (source: string) => source === BAN.source };

it.each([
  ['GET', '/v1/bans', 200],
  ['GET', '/v1/bans/198.51.100.7', 404],
  ['DELETE', '/v1/bans/198.51.100.7', 204],
  ['DELETE', '/v1/bans/198.51.100.8', 404],
  ['DELETE', '/v1/bans/', 404],
  ['DELETE', '/v1/bans', 404],
  ['POST', '/v1/bans/198.51.100.7', 404],
  ['DELETE', '/v1/bans198.51.100.7', 404],
])('%s %s is answered %d', (method, url, status) => {
  expect(answerBanRequest(guard, method, url).status).toBe(status);
});

it('lists who is refused', () => {
  expect(JSON.parse(answerBanRequest(guard, 'GET', '/v1/bans').body ?? '')).toEqual([BAN]);
});
