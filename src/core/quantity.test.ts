import { expect, it } from 'vitest';
import { carryOut, NOW, organization, settle, snapshot } from '../../test/snapshots.ts';
import { compile } from './compile.ts';
import { canonicalQuantity } from './quantity.ts';

it.each([
  ['0', '0'],
  ['0Gi', '0'],
  ['50', '50'],
  ['1000', '1k'],
  [1000, '1k'],
  ['1500', '1500'],
  ['0.5', '500m'],
  [0.5, '500m'],
  ['.5', '500m'],
  ['1.', '1'],
  ['+2', '2'],
  ['-2', '-2'],
  ['2000m', '2'],
  ['100m', '100m'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['1025Mi', '1025Mi'],
  ['0.5Ki', '512'],
  ['0.0005Gi', '536870912m'],
  ['10Gi', '10Gi'],
  ['1000M', '1G'],
  ['1e3', '1e3'],
  ['1000e3', '1e6'],
  ['12e-3', '12e-3'],
  ['0.0000000001', '1n'],
  ['much', 'much'],
  ['', ''],
  ['1 Gi', '1 Gi'],
])('the server writes %s back as %s', (given, expected) => {
  expect(canonicalQuantity(given)).toBe(expected);
  expect(canonicalQuantity(expected)).toBe(expected);
});

it('are written as the server gives them back, wherever a tenant or a class says them', () => {
  const classes = structuredClone(snapshot().classes).map(one => {
    Object.assign(one.spec, {
      pbx: {
        resources: { requests: { cpu: 0.5, memory: '1024Mi' }, limits: { memory: '2048Mi' } },
        storage: { state: { size: '2048Mi' } },
      },
    });
    return one;
  });
  const { snapshot: before, plan } = settle(
    snapshot({ classes, organizations: [organization({ limits: { users: 2000, trunks: 5 } })] }),
  );
  const specOf = (kind: string) => JSON.stringify(plan.apply.find(one => one.kind === kind)?.['spec']);

  expect(specOf('StatefulSet')).toContain('"requests":{"cpu":"500m","memory":"1Gi"},"limits":{"memory":"2Gi"}');
  expect(specOf('PersistentVolumeClaim')).toContain('"storage":"2Gi"');
  expect(specOf('ResourceQuota')).toContain('"count/sipusers.ringfleet.io":"2k"');
  expect(compile(carryOut(before, plan), NOW).apply).toEqual([]);
});
