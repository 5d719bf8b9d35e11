import fc from 'fast-check';
import { expect, it } from 'vitest';
import { linesOf } from './lines.ts';

async function* chunks(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function all(texts: readonly string[], max?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunks(texts), max)) lines.push(line);
  return lines;
}

it('finds the same lines however the text is cut, and never half a line', async () => {
  const line = fc.string({ maxLength: 8 }).map(text => text.replaceAll('\n', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(line), line, fc.array(fc.nat(60)), async (lines, rest, cuts) => {
      const text = lines.map(one => `${one}\n`).join('') + rest;
      const at = [0, ...cuts.map(cut => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).map((end, i) => text.slice(at[i], end));

      expect(await all(pieces)).toEqual(lines.filter(one => one !== ''));
    }),
  );
});

it('refuses a line without an end', async () => {
  await expect(all(['abc', 'def', 'ghi'], 8)).rejects.toMatchObject({ reason: 'LineTooLong' });
});
