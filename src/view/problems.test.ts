import { expect, it } from 'vitest';
import type { Problem } from '../lint/problem.ts';
import { problemLines, summary } from './problems.ts';

const PROBLEM: Problem = {
  file: 'users.yaml',
  line: 3,
  column: 5,
  object: 'SipUser/jane',
  field: 'spec.extension',
  severity: 'error',
  rule: 'Required',
  message: 'Required value',
};

it.each<[Partial<Problem>, string]>([
  [{}, 'users.yaml:3:5: error: SipUser/jane spec.extension: Required value [Required]'],
  [{ field: '' }, 'users.yaml:3:5: error: SipUser/jane: Required value [Required]'],
  [{ severity: 'note', message: 'a\nb' }, 'users.yaml:3:5: note: SipUser/jane spec.extension: a b [Required]'],
])('%j is one line', (change, line) => {
  expect(problemLines([{ ...PROBLEM, ...change }])).toEqual([line]);
});

it.each<[Problem['severity'][], number, string]>([
  [[], 1, 'nothing wrong in 1 file'],
  [['error'], 2, '1 error in 2 files'],
  [['note', 'error', 'error', 'warning'], 3, '2 errors, 1 warning, 1 note in 3 files'],
])('%j in %i files', (severities, files, said) => {
  const problems = severities.map(severity => ({ ...PROBLEM, severity }));

  expect(summary(problems, files)).toBe(said);
});
