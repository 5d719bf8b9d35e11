import { expect, it } from 'vitest';
import { settle, snapshot } from '../../../test/snapshots.ts';

it('claims the volumes that the class asks for, without an owner that would take the data with it', () => {
  const storage = { state: { size: '1024Mi', storageClassName: 'fast' } };
  const { plan } = settle(snapshot({ classes: [{ ...snapshot().classes[0]!, spec: { pbx: { storage } } }] }));
  const claims = plan.apply.filter(({ kind }) => kind === 'PersistentVolumeClaim');

  expect(claims).toMatchObject([
    {
      metadata: { name: 'acme-pbx-state' },
      spec: { storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
    },
  ]);
  expect(claims[0]?.metadata.ownerReferences).toBeUndefined();
});
