import { expect, it } from 'vitest';
import { arrange } from './words.ts';

const VERBS = new Set(['status', 'users', 'lint']);
const VALUED = new Set(['-n', '--namespace', '-o']);

it.each([
  ['', undefined, ''],
  ['status', undefined, 'status'],
  ['users list -o json', undefined, 'users list -o json'],
  ['hotel status', 'hotel', 'status'],
  ['./status status', './status', 'status'],
  ['hotel users show jane -o yaml', 'hotel', 'users show jane -o yaml'],
  ['hotel', 'hotel', ''],
  ['-n hotel status', undefined, 'status -n hotel'],
  ['--namespace=hotel status', undefined, 'status --namespace=hotel'],
  ['-n hotel users show jane', undefined, 'users show jane -n hotel'],
  ['-n hotel users show -- jane', undefined, 'users show -n hotel -- jane'],
  ['-o json hotel lint', 'hotel', 'lint -o json'],
  ['--help', undefined, '--help'],
  ['--help status', undefined, 'status --help'],
  ['-n', undefined, '-n'],
])('%s', (line, directory, rest) => {
  const words = arrange(
    line.split(' ').filter(Boolean),
    word => VERBS.has(word),
    option => VALUED.has(option),
  );

  expect(words).toEqual({ ...(directory === undefined ? {} : { directory }), rest: rest.split(' ').filter(Boolean) });
});
