import { expect, it } from 'vitest';
import type { OrganizationClass } from '../../../api/index.ts';
import { classMissing, classNotAllowed } from './checks.ts';

it('the class of an Organization that names none is not missed', () => {
  expect(classMissing(undefined)).toBeUndefined();
});

it('a class that is not there is named, with the field', () => {
  expect(classMissing('gold')).toMatchObject({
    reason: 'ClassNotFound',
    field: 'spec.className',
    message: expect.stringContaining('OrganizationClass gold'),
  });
});

type Labels = Readonly<Record<string, string>>;

it.each<[string, OrganizationClass['spec'], Labels, boolean]>([
  ['to all, without a condition', {}, {}, true],
  ['to all, with an empty condition', { allowedNamespaces: {} }, {}, true],
  ['by a label, to one that has it', { allowedNamespaces: { matchLabels: { tier: 'gold' } } }, { tier: 'gold' }, true],
  ['by a label, to one without', { allowedNamespaces: { matchLabels: { tier: 'gold' } } }, {}, false],
  [
    'by a label, to one with another value',
    { allowedNamespaces: { matchLabels: { tier: 'gold' } } },
    { tier: 'x' },
    false,
  ],
  [
    'by two labels, to one that has the first',
    { allowedNamespaces: { matchLabels: { tier: 'gold', area: 'eu' } } },
    { tier: 'gold' },
    false,
  ],
])('a class is offered %s', (_what, spec, namespaceLabels, offered) => {
  const gold: OrganizationClass = {
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'OrganizationClass',
    metadata: { name: 'gold' },
    spec,
  };

  const found = classNotAllowed(gold, { platform: { namespaceLabels } });

  expect(found && { reason: found.reason, field: found.field }).toEqual(
    offered ? undefined : { reason: 'ClassNotAllowed', field: 'spec.className' },
  );
});
