import { describe, expect, it } from 'vitest';
import { problem } from '../../../test/problem.ts';
import { registrationFailures, registrationKey } from './registration-log.ts';

const SOURCE = 'res_pjsip_outbound_registration.c';
const line = (words: string): string => problem(SOURCE, words, { level: 'WARNING' });

it.each([
  ["No response received from 'sip:c' on registration attempt to 'sip:a@c:5060', retrying in '10'", 408, 'No response'],
  [
    "'401' fatal response received from 'sip:c' on registration attempt to 'sip:a@c:5060', retrying in '30' seconds",
    401,
    'Unauthorized',
  ],
  [
    "403 Forbidden fatal response received from 'sip:c' on registration attempt to 'sip:a@c:5060', retrying in '30' seconds",
    403,
    'Forbidden',
  ],
  [
    "Temporal response '503' received from 'sip:c' on registration attempt to 'sip:a@c:5060', retrying in '10'",
    503,
    'Service Unavailable',
  ],
  [
    "Fatal response '488' received from 'sip:c' on registration attempt to 'sip:a@c:5060', stopping outbound registration",
    488,
    'SIP 488',
  ],
])('reads %s', (words, code, text) => {
  expect(registrationFailures(line(words)).get(registrationKey('sip:c', 'sip:a@c:5060'))).toEqual({ code, text });
});

it('takes the newest of each, and nothing else', () => {
  const log =
    line("'401' fatal response received from 'sip:c' on registration attempt to 'sip:a@c', retrying in '30' seconds") +
    line('Something else') +
    line("No response received from 'sip:c' on registration attempt to 'sip:a@c', retrying in '10'");

  expect([...registrationFailures(log)]).toEqual([
    [registrationKey('sip:c', 'sip:a@c'), { code: 408, text: 'No response' }],
  ]);
});

it('tells one account at two servers apart', () => {
  const log =
    line("No response received from 'sip:c' on registration attempt to 'sip:a@c', retrying in '10'") +
    line("'401' fatal response received from 'sip:d' on registration attempt to 'sip:a@c', retrying in '30' seconds");
  const failures = registrationFailures(log);

  expect(failures.get(registrationKey('sip:c', 'sip:a@c'))?.code).toBe(408);
  expect(failures.get(registrationKey('sip:d', 'sip:a@c'))?.code).toBe(401);
});

describe('a code that somebody else would like to tell', () => {
  const words = "'403' fatal response received from 'x' on registration attempt to 'sip:a@c', retrying in '30' seconds";

  it.each([
    ['in the words of another source', problem('res_pjsip_session.c', words)],
    ['in a call', problem(SOURCE, words, { callid: '[C-00000001]' })],
    ['behind other words', problem(SOURCE, `Something about "${words}"`)],
    ['on a line of its own in somebody’s number', problem('pbx.c', `Call to '1\n${line(words)}' rejected`)],
    ['in plain text', `[2026-11-24 13:45:46.357] WARNING[49] ${SOURCE}: ${words}\n`],
  ])('%s is not heard', (_how, log) => {
    expect(registrationFailures(log).size).toBe(0);
  });
});
