import { expect, it } from 'vitest';
import { type Operation, operationOf, pathOf } from './operation.ts';

it.each<[Operation, string]>([
  [{ verb: 'drain', deadlineSeconds: 7200 }, '/v1/drain?deadlineSeconds=7200'],
  [{ verb: 'drain', deadlineSeconds: 0 }, '/v1/drain?deadlineSeconds=0'],
  [{ verb: 'drain' }, '/v1/drain'],
  [{ verb: 'undrain' }, '/v1/undrain'],
])('%j is asked by %s', (operation, path) => {
  expect(pathOf(operation)).toBe(path);
  expect(operationOf(path)).toEqual(operation);
});

it('is read without members that nobody knows', () => {
  expect(operationOf('/v1/drain?colour=red&deadlineSeconds=60')).toEqual({ verb: 'drain', deadlineSeconds: 60 });
  expect(operationOf('/v1/undrain?verb=drain')).toEqual({ verb: 'undrain' });
});

it.each([
  '/v1/reboot',
  '/v1/',
  '/drain',
  '/v2/drain',
  '/v1/drain/',
  '/v1/drain?deadlineSeconds=soon',
  '/v1/drain?deadlineSeconds=-1',
  '/v1/drain?deadlineSeconds=1000000',
])('%s asks for nothing that is known', path => {
  expect(operationOf(path)).toBeUndefined();
});
