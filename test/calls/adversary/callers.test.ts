import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { header } from '../sip.ts';
import { House } from './house.ts';

/** I call from outside, through the carrier, and write who I am into From and the headers beside it. */
let house: House;

beforeAll(async () => {
  house = await House.open({
    numbers: { direct: { number: '+914412345679', destination: { user: { name: 'jane' } } } },
  });
});

afterAll(() => house?.close());

afterEach(() => house.quiet());

/** What john's phone shows when I call his number: From without its tag, in which any digits may stand by chance. */
async function shown(from: string, headers: Record<string, string> = {}): Promise<string> {
  await house.inbound('914412345678', { from, headers });
  const [invite] = house.rang('john');
  return ((invite && header(invite, 'from')) ?? '').replace(/;tag=[^;]*$/, '');
}

describe('a call from outside that says it is', () => {
  it.each([
    ['an extension', '<sip:1003@carrier.example>'],
    ['an extension with a colleague’s name', '"Jane Roe" <sip:1001@carrier.example>'],
    ['an extension with signs between', '<sip:10-01@carrier.example>'],
    ['an extension with a plus', '<sip:+1001@carrier.example>'],
    ['an own number', '"Reception" <sip:+914412345678@carrier.example>'],
    ['an own number without plus', '<sip:914412345679@carrier.example>'],
    ['an own number as dialled in the country', '<sip:04412345679@carrier.example>'],
    ['a name for a number', '"Jane" <sip:jane@carrier.example>'],
    ['a number with letters', '<sip:x1001@carrier.example>'],
    ['a number with parameters', '<sip:1001;ext=5@carrier.example>'],
    ['a number with a line break', '<sip:1001%0D%0AEvent%3A%20x@carrier.example>'],
    ['a number with a quote', '<sip:1001%22@carrier.example>'],
    ['a number that never ends', `<sip:${'4'.repeat(60)}@carrier.example>`],
  ])('%s shows nobody', async (_what, from) => {
    const seen = await shown(from);

    expect(seen).toMatch(/anonymous/i);
    expect(seen).not.toMatch(/100[123]|9144|Jane|Reception|4444/);
  });

  it('an extension by P-Asserted-Identity shows nobody', async () => {
    const seen = await shown('<sip:+442079460000@c.example>', {
      'P-Asserted-Identity': '"Jane Roe" <sip:1001@c.example>',
    });

    expect(seen).not.toMatch(/1001|Jane/);
  });

  it.each([
    ['"Doe, John" <sip:+442079460000@c.example>', '"Doe, John" <sip:+442079460000@'],
    ['"Zoë Ångström" <sip:442079460000@c.example>', '"Zoë Ångström" <sip:442079460000@'],
    ['<sip:+442079460000;npdi;rn=+44@c.example>', '<sip:+442079460000@'],
    ['"a\\"b" <sip:+442079460000@c.example>', '"ab" <sip:+442079460000@'],
    ['"a\u001b[2Jb\u0007" <sip:+442079460000@c.example>', '"a[2Jb" <sip:+442079460000@'],
  ])('%s shows %s', async (from, seen) => {
    expect(await shown(from)).toContain(seen);
  });

  it('a name that never ends shows its beginning', async () => {
    const seen = await shown(`"${'n'.repeat(400)}" <sip:+442079460000@c.example>`);

    expect(/^"(n+)" </.exec(seen)?.[1]?.length).toBeLessThanOrEqual(80);
  });

  it('a colleague that diverted the call shows none of it', async () => {
    await house.inbound('914412345678', { headers: { Diversion: '"Jane" <sip:1001@c.example>;reason=no-answer' } });
    const [invite] = house.rang('john');

    expect(invite?.text).not.toMatch(/(sip:|")1001\b|Jane/);
  });
});
