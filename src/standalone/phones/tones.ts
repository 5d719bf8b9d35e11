/** What a tone sounds like: Goertzel's algorithm on 16-bit samples. Pure. */

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

/** Whether a steady tone is heard in most of the last second: windows of 50 ms, each judged by itself. */
export function hears(samples: Int16Array, hz: number, rate = RATE): boolean {
  const window = rate / 20;
  const last = samples.subarray(Math.max(0, samples.length - rate));
  let [heard, all] = [0, 0];
  for (let at = 0; at + window <= last.length; at += window) {
    all++;
    if (shareOf(last.subarray(at, at + window), hz, rate) > 0.6) heard++;
  }
  return all >= 4 && heard / all > 0.7;
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

/** How alike two recordings are, 0 to 1: the best correlation of their loudness over time, at any shift of `heard`. */
export function likeness(heard: Int16Array, reference: Int16Array): number {
  const [a, b] = [envelope(heard), envelope(reference)];
  if (b.length < 20 || a.length < b.length / 2) return 0;
  let best = 0;
  for (let shift = -Math.floor(b.length / 2); shift <= a.length - Math.floor(b.length / 2); shift++)
    best = Math.max(best, correlation(a, b, shift));
  return best;
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

function correlation(a: readonly number[], b: readonly number[], shift: number): number {
  const pairs: [number, number][] = [];
  for (const [place, value] of b.entries()) {
    const other = a[place + shift];
    if (other !== undefined) pairs.push([other, value]);
  }
  if (pairs.length < b.length / 2) return 0;
  const mean = (pick: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[pick], 0) / pairs.length;
  const [meanA, meanB] = [mean(0), mean(1)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [x, y] of pairs) {
    ab += (x - meanA) * (y - meanB);
    aa += (x - meanA) ** 2;
    bb += (y - meanB) ** 2;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}
