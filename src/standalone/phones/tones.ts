/** Recognition of tones (Goertzel's algorithm) and prompts in 16-bit samples. Pure. */

export const RATE = 8000;

/** Power of one frequency in the samples, 0 to 1 of all the power that is there. */
export function shareOf(samples: Int16Array, hz: number, rate = RATE): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  // Less than this is silence and comfort noise, whatever its spectrum.
  if (samples.length === 0 || energy / samples.length < 100 * 100) return 0;
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [one, two] = [0, 0];
  for (const sample of samples) [one, two] = [sample + coefficient * one - two, one];
  const power = one * one + two * two - coefficient * one * two;
  return Math.min(1, (2 * power) / (samples.length * energy));
}

/**
 * Whether a steady tone is heard in most of the last second: windows of 50 ms, each evaluated by itself. A window in which
 * frames are missing says nothing: on a busy machine they came too late.
 */
export function hears(samples: Int16Array, hz: number, rate = RATE): boolean {
  const windows = soundingWindows(samples, rate);
  const heard = windows.filter(window => shareOf(window, hz, rate) > 0.6);
  return windows.length >= ENOUGH && heard.length / windows.length > 0.7;
}

/** Whether there was sound enough in the last second to know what it is. Not: the machine was late, or nobody speaks. */
export function hearsSomething(samples: Int16Array, rate = RATE): boolean {
  return soundingWindows(samples, rate).length >= ENOUGH;
}

/** Windows that it takes to know a tone. */
const ENOUGH = 4;

function soundingWindows(samples: Int16Array, rate: number): Int16Array[] {
  const length = rate / 20;
  const last = samples.subarray(Math.max(0, samples.length - rate));
  const count = Math.floor(last.length / length);
  const windows = Array.from({ length: count }, (_, at) => last.subarray(at * length, (at + 1) * length));
  return windows.filter(window => isWhole(window, length / 5));
}

/** No 10 ms of it are silent. */
function isWhole(window: Int16Array, step: number): boolean {
  for (let at = 0; at + step <= window.length; at += step) {
    if (window.subarray(at, at + step).every(sample => Math.abs(sample) < 100)) return false;
  }
  return true;
}

/** What the last second sounds like, for people: the strongest frequency, its share of the power, how long it all is. */
export function inWords(samples: Int16Array, rate = RATE): string {
  const length = `${(samples.length / rate).toFixed(2)} s of audio`;
  const last = samples.subarray(Math.max(0, samples.length - rate));
  let [best, share] = [0, 0];
  for (let hz = 100; hz <= 3_000; hz += 10) {
    const found = shareOf(last, hz, rate);
    if (found > share) [best, share] = [hz, found];
  }
  return share === 0
    ? `${length}, silent at its end`
    : `${length}, ${best} Hz (${Math.round(share * 100)} %) at its end`;
}

/** A prompt is recognised in pieces of half a second: a busy machine may put a gap of 0.2 s between two of them. */
const PIECE = 23;
const MAX_GAP = 12;

/**
 * How alike two recordings are, 0 to 1: how well each piece of the reference correlates with the loudness over time
 * somewhere in `heard`, in order and with no more than gaps between. What is no sound at all is what did not come in
 * time, a frame here and there on a busy machine, and is passed over. Measured on the 358 English prompts of
 * Asterisk: 0.93 to 0.98 for the right one, at most 0.87 for another.
 */
export function likeness(heard: Int16Array, reference: Int16Array): number {
  const [a, b] = [sounding(heard), sounding(reference)];
  if (b.length < 20 || a.length < b.length / 2) return 0;
  const first = -Math.floor(b.length / 2);
  const shifts = Array.from({ length: a.length + 1 }, (_, at) => first + at);
  const count = Math.max(1, Math.round(b.length / PIECE));
  let best: number[] = shifts.map(() => 0);
  for (let piece = 0; piece < count; piece++) {
    const [from, to] = [piece, piece + 1].map(at => Math.round((at * b.length) / count)) as [number, number];
    const before = best;
    best = shifts.map((shift, at) => {
      const weight = (to - from) / b.length;
      return (
        weight * correlation(a, b, { from, to, shift }) + Math.max(...before.slice(Math.max(0, at - MAX_GAP), at + 1))
      );
    });
  }
  return Math.max(...best);
}

/** Whether it is this prompt: no two of Asterisk are so alike, and a busy machine does not make one so unlike itself. */
export function isPrompt(heard: Int16Array, prompt: Int16Array): boolean {
  return likeness(heard, prompt) > 0.9;
}

function sounding(samples: Int16Array): number[] {
  return envelope(samples).filter(loudness => loudness > 0);
}

/** Loudness every 20 ms. */
function envelope(samples: Int16Array): number[] {
  const step = RATE / 50;
  return Array.from({ length: Math.floor(samples.length / step) }, (_, place) => {
    let sum = 0;
    for (const sample of samples.subarray(place * step, (place + 1) * step)) sum += Math.abs(sample);
    return sum / step;
  });
}

/** Of the piece of `b` with what is at the same place of `a`, shifted; 0 when that is not there, or the contrary. */
function correlation(
  a: readonly number[],
  b: readonly number[],
  { from, to, shift }: { from: number; to: number; shift: number },
): number {
  const pairs: [number, number][] = [];
  for (let place = from; place < to; place++) {
    const [x, y] = [a[place + shift], b[place]];
    if (x !== undefined && y !== undefined) pairs.push([x, y]);
  }
  if (pairs.length < (to - from) / 2) return 0;
  const mean = (pick: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[pick], 0) / pairs.length;
  const [meanA, meanB] = [mean(0), mean(1)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [x, y] of pairs) {
    ab += (x - meanA) * (y - meanB);
    aa += (x - meanA) ** 2;
    bb += (y - meanB) ** 2;
  }
  return aa === 0 || bb === 0 ? 0 : Math.max(0, ab / Math.sqrt(aa * bb));
}
