import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DNS_LABEL } from '../api/common.ts';
import { endpointId, inboundId, trunkId } from './names.ts';

const label = fc.oneof(
  fc.stringMatching(new RegExp(DNS_LABEL)).filter(name => name.length <= 40),
  // where names grew together before: one that ends as another's id goes on
  fc.constantFrom('foo', 'foo-in', 'foo-in-in', 'in', 't-foo', 'a', 'a-in'),
);
const extension = fc.stringMatching(/^[0-9]{2,8}$/);

it('gives no two objects of a tenant, nor of two tenants, one id', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(label, { minLength: 2, maxLength: 8 }),
      fc.uniqueArray(extension),
      (names, extensions) => {
        const ids = names.flatMap(org => [
          ...extensions.map(one => endpointId(org, one)),
          ...names.flatMap(trunk => [trunkId(org, trunk), inboundId(org, trunk)]),
        ]);

        expect(new Set(ids).size).toBe(ids.length);
      },
    ),
  );
});
