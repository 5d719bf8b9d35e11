import { expect, it } from 'vitest';
import { fileText, organization, settle, snapshot, trunk } from '../../../test/snapshots.ts';

it('sets the same globals for every tenant: one that is left out would keep what it was before', () => {
  const tenants = [
    snapshot(),
    snapshot({ trunks: [trunk('one')] }),
    snapshot({ trunks: [trunk('one'), trunk('two', {}, 2)] }),
    snapshot({ organizations: [organization({ location: { country: 'IN' } })] }),
    snapshot({ organizations: [organization({ location: { country: 'US' }, state: 'Suspended' })] }),
    snapshot({ organizations: [organization({ features: { voicemail: false, callTransfer: false } })] }),
    snapshot({ organizations: [organization({ limits: { concurrentCalls: 1 } })] }),
  ];
  const globals = tenants.map(one => {
    const text = fileText(settle(one).plan, 'extensions_tenant.conf');
    const section = /^\[globals\]\(\+\)\n((?:.*\n)*?)\[/m.exec(text)?.[1] ?? '';
    return [...section.matchAll(/^(\w+)=/gm)].map(([, name]) => name).sort();
  });

  expect(globals[0]?.length).toBeGreaterThan(5);
  for (const names of globals) expect(names).toEqual(globals[0]);
});
