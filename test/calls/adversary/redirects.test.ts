import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { House, OUTSIDE } from './house.ts';

/** My phone answers a call with a redirect (302), and writes into it where the call should go. */
let house: House;

beforeAll(async () => {
  house = await House.open({
    numbers: { direct: { number: '+914412345679', destination: { user: { name: 'zoe' } } } },
  });
});

afterAll(() => house?.close());

afterEach(() => house.quiet());

const FORMS = [
  `<sip:Local/${OUTSIDE}%40to-number@x.example>`,
  `<sip:Local/+442079460000%40send@x.example>`,
  `<sip:Local/112%40to-emergency@x.example>`,
  `<sip:Local/1%40emergency-next@x.example>`,
  `<sip:PJSIP/${OUTSIDE}%40acme_t-raw@x.example>`,
  `<sip:${OUTSIDE}@x.example>`,
  `<sip:%2B442079460000@x.example>`,
  `<sip:${OUTSIDE};phone-context=+44@x.example>`,
  `<tel:+442079460000>`,
  `<sip:1%26Local%2F${OUTSIDE}%40to-number@x.example>`,
  `"${OUTSIDE}" <sip:${OUTSIDE}%40to-number@x.example>`,
  `<sip:112@x.example>`,
  `<sip:911@x.example>`,
  `<sip:*97@x.example>`,
  `<sip:zoe${OUTSIDE}@x.example>`,
  `<sip:${'9'.repeat(600)}@x.example>`,
];

describe('a phone that may call inside only and redirects', () => {
  it.each(FORMS)('to %s gets nobody out', async contact => {
    house.phone('zoe').reply = () => ({ code: 302, headers: { Contact: contact } });
    const { final } = await house.dial('jane', '1003');

    expect(final.code).toBeGreaterThanOrEqual(400);
    await house.silent();
    expect(house.left).toEqual([]);
  });

  it.each(FORMS)('a call from outside to %s gets nobody out either', async contact => {
    house.phone('zoe').reply = () => ({ code: 302, headers: { Contact: contact } });
    const { final } = await house.inbound('914412345679');

    expect(final.code).toBeGreaterThanOrEqual(400);
    await house.silent();
    expect(house.left).toEqual([]);
  });

  it('to a colleague rings the colleague', async () => {
    house.phone('zoe').reply = () => ({ code: 302, headers: { Contact: '<sip:1002@x.example>' } });
    await house.dial('jane', '1003');

    expect(house.rang('john')).toHaveLength(1);
  });

  it('after saying where it was diverted (181), and then declines, is only busy', async () => {
    const phone = house.phone('zoe');
    phone.reply = () => ({ code: 181, headers: { Diversion: '<sip:1002@x.example>;reason=unconditional' } });
    const call = house.dial('jane', '1003', { headers: { Diversion: '<sip:1002@x.example>;reason=no-answer' } });
    const invite = await until('the phone to be rung', () => house.rang('zoe')[0], { deadlineMs: 5_000, everyMs: 10 });
    phone.answer(invite, { code: 486 });

    expect((await call).final.code).toBe(486);
    expect(house.rang('john')).toEqual([]);
  });
});
