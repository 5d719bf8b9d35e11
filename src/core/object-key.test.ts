import { expect, it } from 'vitest';
import { objectKey, objectLabel, parseObjectKey } from './object-key.ts';

it.each([
  ['SipUser', 'jane', 'SipUser/jane', 'SipUser jane'],
  ['Trunk', 'a/b', 'Trunk/a/b', 'Trunk a/b'],
])('%s %s is one text and can be taken apart again', (kind, name, key, label) => {
  expect(objectKey(kind, name)).toBe(key);
  expect(parseObjectKey(objectKey(kind, name))).toEqual({ kind, name });
  expect(objectLabel(objectKey(kind, name))).toBe(label);
});
