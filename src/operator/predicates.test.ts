import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/resource.ts';
import { isUserEdit } from './predicates.ts';

function object(kind: string, version: string, extension: string, ready = false): KubeObject {
  return {
    apiVersion: 'ringfleet.io/v1alpha1',
    kind,
    metadata: { name: 'jane', namespace: 'acme', resourceVersion: version },
    spec: { extension },
    status: { ready },
  };
}

describe('an edit', () => {
  it.each([
    ['is a new spec', 'SipUser', object('SipUser', '2', '1002'), true],
    ['is not a new status, which is our own', 'SipUser', object('SipUser', '2', '1001', true), false],
    ['is not a child, which nobody edits', 'ConfigMap', object('ConfigMap', '2', '1002'), false],
  ])('%s', (_what, kind, changed, expected) => {
    expect(isUserEdit(kind, { type: 'changed', object: changed, previous: object(kind, '1', '1001') })).toBe(expected);
  });

  it.each(['added', 'deleted'] as const)('is what was %s', type => {
    expect(isUserEdit('SipUser', { type, object: object('SipUser', '1', '1001') })).toBe(true);
  });
});
