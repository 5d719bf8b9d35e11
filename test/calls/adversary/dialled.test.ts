import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { House, OUTSIDE } from './house.ts';

/** I have a phone that may call the world, and dial anything: names, codes, words of the dialplan, numbers with letters. */
let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house?.close());

afterEach(() => house.quiet());

describe('a phone that dials', () => {
  it.each([
    'room112',
    'bob911',
    'suite-100',
    'desk1002',
    '1002x',
    'x',
    's',
    'h',
    'i',
    't',
    'o',
    'a',
    'T',
    'e',
    'unknown',
    'fax',
    '*5',
    '#',
    '**',
    '*98',
    '%2A',
    '1+002',
    '++442079460000',
    '%24%7BGLOBAL(RF_ORG)%7D',
    '%24%5B1+1%5D',
    '1002%2C1',
    '1002%26PJSIP',
    '1002%7C1',
    '1002%22',
    '1002%5C',
    '%22%22',
    `Local%2F${OUTSIDE}%40to-number`,
    `${OUTSIDE}%40to-number`,
    'to-number',
    'send',
    '1002%0D%0AX:%201',
    '%0A1002',
    '(%20)',
    '.',
    '-',
    `${'1'.repeat(300)}`,
  ])('%s reaches nobody', async number => {
    const { final } = await house.dial('jane', number);

    expect([404, 484]).toContain(final.code);
    await house.silent();
    expect([house.left, house.rang('john'), house.rang('zoe')]).toEqual([[], [], []]);
  });

  it.each([
    ['1002;phone-context=x1', 'john'],
    ['1002;ext=12', 'john'],
    ['1002%3Bext=12', 'john'],
    ['10-02', 'john'],
    ['10%2002', 'john'],
    ['Zoe.Reception', 'zoe'],
  ])('%s rings %s', async (number, who) => {
    await house.dial('jane', number);

    expect(house.rang(who)).toHaveLength(1);
    expect(house.left).toEqual([]);
  });

  it.each([
    ['+919811112222;ext=12', '+919811112222'],
    ['+91-98111-12222', '+919811112222'],
    ['+44%20(0)20%207946%200000', '+442079460000'],
    ['+39%20(0)6%2069812345', '+390669812345'],
    ['+44.20.7946.0000', '+442079460000'],
    ['00-44-2079460000', '+442079460000'],
    ['(044)%2022334455', '+914422334455'],
  ])('%s calls %s', async (number, called) => {
    await house.dial('jane', number);

    expect(house.left.map(({ start }) => start)).toEqual([expect.stringContaining(`sip:${called}@`)]);
  });

  it('an emergency number with signs between its digits calls for help', async () => {
    await house.dial('jane', '1-1-2');

    expect(house.left.map(({ start }) => start)).toEqual([expect.stringContaining('sip:112@')]);
  });
});
