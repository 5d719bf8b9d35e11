import { expect, it } from 'vitest';
import { registrationFailures } from './registration-log.ts';

const line = (words: string): string =>
  `[2026-11-24 13:45:46.357] WARNING[49] res_pjsip_outbound_registration.c: ${words}\n`;

it.each([
  [
    "No response received from 'sip:c:5060' on registration attempt to 'sip:a@c:5060', retrying in '10'",
    408,
    'No response',
  ],
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
  expect(registrationFailures(line(words)).get('sip:a@c:5060')).toEqual({ code, text });
});

it('takes the newest of each, and nothing else', () => {
  const log =
    line("'401' fatal response received from 'sip:c' on registration attempt to 'sip:a@c', retrying in '30' seconds") +
    line('Something else') +
    line("No response received from 'sip:c' on registration attempt to 'sip:a@c', retrying in '10'");

  expect([...registrationFailures(log)]).toEqual([['sip:a@c', { code: 408, text: 'No response' }]]);
});
