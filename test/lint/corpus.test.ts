import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lint } from '../../src/lint/lint.ts';
import { BAD_MANIFESTS } from './corpus.ts';
import { type ServerAnswer, sameFields } from './server-answer.ts';

/** `lint` against what a real API server said (test/cluster/lint.test.ts asks one). */
const answers = JSON.parse(readFileSync(join(import.meta.dirname, 'server-answers.json'), 'utf8')) as Readonly<
  Record<string, ServerAnswer>
>;

it('has more than a hundred manifests, all of which a real API server refuses', () => {
  expect(Object.keys(answers)).toEqual(BAD_MANIFESTS.map(([what]) => what));
  expect(BAD_MANIFESTS.length).toBeGreaterThan(100);
  expect(Object.entries(answers).filter(([, { taken }]) => taken)).toEqual([]);
});

it.each(BAD_MANIFESTS)('names the fields that the server names: %s', (what, text) => {
  const errors = lint([{ path: 'one.yaml', text }]).filter(({ severity }) => severity === 'error');
  const own = [...new Set(errors.map(({ field }) => field))].sort();
  const { fields } = answers[what]!;

  expect(errors).not.toEqual([]);
  expect(own, `the server names ${fields.join(', ')}`).toSatisfy(() => sameFields(fields, own));
});
