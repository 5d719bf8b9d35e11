import { describe, expect, it } from 'vitest';
import { hears, inWords, likeness, RATE, shareOf } from './tones.ts';

function tone(hz: number, ms: number, amplitude = 8000): Int16Array {
  return Int16Array.from(
    { length: (RATE * ms) / 1000 },
    (_, at) => amplitude * Math.sin((2 * Math.PI * hz * at) / RATE),
  );
}

/** Speech as far as loudness goes: words of different lengths, from a fixed pattern. */
function speech(seed: number, ms: number): Int16Array {
  return Int16Array.from(
    { length: (RATE * ms) / 1000 },
    (_, at) =>
      (Math.sin(at / (900 + 77 * seed)) * Math.sin(at / (2300 - 131 * seed)) > 0.1 ? 6000 : 200) * Math.sin(at / 3),
  );
}

describe('tones', () => {
  it.each([440, 620, 1004])('hears %i Hz and nothing else', hz => {
    expect(hears(tone(hz, 1000), hz)).toBe(true);
    expect(hears(tone(hz, 1000), hz + 100)).toBe(false);
  });

  it('hears nothing in silence', () => {
    expect(shareOf(new Int16Array(800), 440)).toBe(0);
    expect(hears(new Int16Array(8000), 440)).toBe(false);
  });

  it('does not hear a tone that stopped', () => {
    expect(hears(Int16Array.of(...tone(440, 200), ...new Int16Array(8000)), 440)).toBe(false);
  });
});

describe('what was heard, in words', () => {
  it.each([
    [tone(620, 1500), '1.50 s of audio, 620 Hz (100 %) at its end'],
    [Int16Array.of(...tone(440, 500), ...new Int16Array(8000)), '1.50 s of audio, silent at its end'],
    [new Int16Array(), '0.00 s of audio, silent at its end'],
  ])('is told of %#', (samples, words) => {
    expect(inWords(samples)).toBe(words);
  });
});

describe('likeness', () => {
  it('knows a prompt again that begins later and is quieter', () => {
    const prompt = speech(1, 3000);
    const heard = Int16Array.of(...new Int16Array(4000), ...prompt.map(sample => sample / 2));

    expect(likeness(heard, prompt)).toBeGreaterThan(0.9);
  });

  it('tells another prompt apart', () => {
    expect(likeness(speech(5, 4000), speech(1, 3000))).toBeLessThan(0.7);
  });
});
