import { describe, expect, it } from 'vitest';
import { plain, tableLines } from './table.ts';

const COLUMNS = [{ name: 'EXT' }, { name: 'NAME' }, { name: 'AGENT', wide: true }];

describe('a table', () => {
  it.each([
    ['no rows', [], false, ['EXT   NAME']],
    ['columns as wide as what is in them', [['1001', 'jane', 'x']], false, ['EXT    NAME', '1001   jane']],
    ['all columns when it is wide', [['1', 'jane', 'x']], true, ['EXT   NAME   AGENT', '1     jane   x']],
    ['letters of any alphabet', [['1', 'Zoë 木', 'x']], true, ['EXT   NAME    AGENT', '1     Zoë 木   x']],
    ['cells that are not there', [['1']], false, ['EXT   NAME', '1']],
  ])('has %s', (_what, rows, wide, lines) => {
    expect(tableLines({ columns: COLUMNS, rows }, wide)).toEqual(lines);
  });
});

it.each([
  ['\u001b[31mred\u001b[0m', ' [31mred [0m'],
  ['two\nlines', 'two lines'],
  ['right\u202eto left', 'right to left'],
])('a terminal obeys nothing in %j', (text, expected) => {
  expect(plain(text)).toBe(expected);
});
