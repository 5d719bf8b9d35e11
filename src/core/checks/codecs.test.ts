import { expect, it } from 'vitest';
import { usableCodecs } from './codecs.ts';

const of = (...codecs: string[]) => usableCodecs(codecs, 'spec.codecs', ['alaw', 'ulaw']);

it.each([
  [
    ['g722', 'alaw'],
    ['g722', 'alaw'],
  ],
  [['gsm'], ['gsm']],
  [[], ['alaw', 'ulaw']],
])('%j can be offered', (codecs, offered) => {
  expect(of(...codecs)).toEqual({ codecs: offered });
});

it('leaves out what cannot be converted, and says so', () => {
  const { codecs, notice, degradation } = of('g729', 'alaw', 'opus');

  expect(codecs).toEqual(['alaw']);
  expect(notice).toMatchObject({ reason: 'UnsupportedCodec', message: expect.stringContaining('g729 and opus') });
  expect(degradation).toBeUndefined();
});

it.each([['g729'], ['opus'], ['opus', 'g729']])('does not call %s alone good, and offers what works', (...codecs) => {
  const { codecs: offered, degradation } = of(...codecs);

  expect(offered).toEqual(['alaw', 'ulaw']);
  expect(degradation).toMatchObject({ field: 'spec.codecs', message: expect.stringContaining('Use g722') });
});
