import { describe, expect, it } from 'vitest';
import { leavers, staying } from './residents.ts';

const before = new Map([
  ['acme_1001', 'jane'],
  ['acme_1002', 'john'],
]);

describe('who has left', () => {
  it.each([
    ['nobody, when all are loaded', { acme_1001: 'jane', acme_1002: 'john' }, [], []],
    ['who is in no bundle any more', { acme_1001: 'jane' }, [], ['acme_1002']],
    ['nobody who is left out for a moment', { acme_1001: 'jane' }, ['john'], []],
    ['who has another extension: the old one', { acme_1001: 'jane', acme_1009: 'john' }, ['john'], ['acme_1002']],
    ['who is another now', { acme_1001: 'jane', acme_1002: 'new' }, [], ['acme_1002']],
    ['who is left out, but whose place another has', { acme_1001: 'jane', acme_1002: 'new' }, ['john'], ['acme_1002']],
  ])('%s', (_what, loaded, still, gone) => {
    const stay = staying(before, new Map(Object.entries(loaded)), new Set(still));

    expect(leavers(before, stay)).toEqual(gone);
  });

  it('is nobody of whom it was not known whose she was', () => {
    expect(leavers(new Map([['acme_1001', '']]), new Map([['acme_1001', 'jane']]))).toEqual([]);
    expect(leavers(new Map([['acme_1001', '']]), new Map())).toEqual(['acme_1001']);
  });

  it('is somebody who was kept, once she is not any more', () => {
    const loaded = new Map([['acme_1001', 'jane']]);
    const kept = staying(before, loaded, new Set(['john']));

    expect(leavers(kept, staying(kept, loaded, new Set()))).toEqual(['acme_1002']);
  });
});
