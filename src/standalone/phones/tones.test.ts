import { describe, expect, it } from 'vitest';
import { hears, hearsSomething, inWords, isPrompt, likeness, RATE, shareOf } from './tones.ts';

function tone(hz: number, ms: number, amplitude = 8000): Int16Array {
  return Int16Array.from(
    { length: (RATE * ms) / 1000 },
    (_, at) => amplitude * Math.sin((2 * Math.PI * hz * at) / RATE),
  );
}

/** Speech as far as loudness goes: syllables of different lengths and loudness, the same ones for the same seed. */
function speech(seed: number, ms: number): Int16Array {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const samples: number[] = [];
  while (samples.length < (RATE * ms) / 1000) {
    const [length, loudness] = [400 + 2000 * random(), random() < 0.3 ? 100 : 7000 * random()];
    for (let at = 0; at < length; at++) samples.push(loudness * Math.sin((Math.PI * at) / length) * Math.sin(at / 3));
  }
  return Int16Array.from(samples.slice(0, (RATE * ms) / 1000));
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

  it('hears a tone with a gap in it, and does not decide where frames are missing everywhere', () => {
    const frames = Array.from({ length: 100 }, (_, at) => (at % 3 === 2 ? new Int16Array(160) : tone(440, 20)));
    const late = Int16Array.from(frames.flatMap(frame => [...frame]));

    expect([hears(late, 440), hearsSomething(late)]).toEqual([false, false]); // too little to know
    const gaps = Int16Array.of(...tone(440, 300), ...new Int16Array(2400), ...tone(440, 400));
    expect([hears(gaps, 440), hears(gaps, 540)]).toEqual([true, false]);
  });

  it('knows something from nothing', () => {
    expect([hearsSomething(tone(600, 1000)), hearsSomething(new Int16Array(8000))]).toEqual([true, false]);
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
  ])('is described for %#', (samples, words) => {
    expect(inWords(samples)).toBe(words);
  });
});

describe('likeness', () => {
  it('knows a prompt again that begins later and is quieter', () => {
    const prompt = speech(1, 3000);
    const heard = Int16Array.of(...new Int16Array(4000), ...prompt.map(sample => sample / 2));

    expect(likeness(heard, prompt)).toBeGreaterThan(0.9);
  });

  it('knows a prompt again that a busy machine played with a gap in it', () => {
    const prompt = speech(1, 1800);
    const heard = Int16Array.of(...prompt.slice(0, 5000), ...new Int16Array(900), ...prompt.slice(5000));

    expect(isPrompt(heard, prompt)).toBe(true);
  });

  it('knows a prompt again of which frames came too late, one here and one there', () => {
    const prompt = speech(1, 1800);
    const frames = Array.from({ length: prompt.length / 160 }, (_, at) => prompt.slice(160 * at, 160 * (at + 1)));
    const heard = frames.flatMap((frame, at) => [...(at % 6 === 5 ? new Int16Array(160) : []), ...frame]);

    expect(isPrompt(Int16Array.from(heard), prompt)).toBe(true);
  });

  it.each([2, 3, 4, 5, 6, 7])('tells another prompt apart (%i)', seed => {
    expect(likeness(speech(seed, 2000), speech(1, 1800))).toBeLessThan(0.8);
  });
});
