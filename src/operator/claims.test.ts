import { beforeEach, describe, expect, it } from 'vitest';
import type { OrganizationClass } from '../api/index.ts';
import type { KubeObject } from '../kube/resource.ts';
import { ClaimIndex } from './claims.ts';

const EMAIL = 'ann@mail.example';
let index: ClaimIndex;
let suffix = 'pbx.example';

beforeEach(() => {
  index = new ClaimIndex(() => ({ spec: { sipDomainSuffix: suffix } }) as unknown as OrganizationClass);
});

interface Facts {
  age?: number;
  email?: string;
  generation?: number;
  observed?: number;
  reason?: string;
}

/** `old` is the older one; `evaluated` by default: accepted as it is. */
function user(
  namespace: string,
  { age = 1, email = EMAIL, generation = 1, observed = 1, reason }: Facts = {},
): KubeObject {
  return {
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'SipUser',
    metadata: { name: 'ann', namespace, uid: namespace, generation, creationTimestamp: `2026-01-01T00:00:0${age}Z` },
    spec: { email },
    status: {
      observedGeneration: observed,
      conditions: reason
        ? [{ type: 'Stalled', status: 'True', reason }]
        : [{ type: 'Ready', status: 'True', reason: 'Loaded' }],
    },
  };
}

const observe = (object: KubeObject) => [...index.observe(object.kind, { type: 'changed', object })];
const holder = () => index.claims.emails.get(EMAIL)?.namespace;

describe('a claim', () => {
  it('is the older one’s while nobody was evaluated', () => {
    observe(user('young', { age: 2, observed: -1 }));
    observe(user('old', { observed: -1 }));
    expect(holder()).toBe('old');
  });

  it('stays with whom it was given, although an older object asks for it now', () => {
    observe(user('young', { age: 2 }));
    expect(observe(user('old', { generation: 7, observed: 6 }))).toEqual([]);
    expect(holder()).toBe('young');
  });

  it('is not lost by an edit of something else that is not evaluated yet', () => {
    observe(user('young', { age: 2 }));
    observe(user('old', { generation: 7, observed: 6 }));
    observe(user('young', { age: 2, generation: 2 }));
    expect(holder()).toBe('young');
  });

  it('is new again for one who had another thing before', () => {
    observe(user('old', { email: 'other@mail.example' }));
    observe(user('young', { age: 2 }));
    observe(user('old', { generation: 2 }));
    expect(holder()).toBe('young');
  });

  it.each([
    'NotAllowed',
    'OrganizationMissing',
    'LimitExceeded',
  ])('of one who is refused as %s blocks nobody', reason => {
    observe(user('old', { reason }));
    observe(user('young', { age: 2, reason: 'Conflict' }));
    expect(holder()).toBe('young');
  });

  it('goes to the next when it is given up, and tells all who want it', () => {
    observe(user('young', { age: 2 }));
    observe(user('old', { reason: 'Conflict' }));
    expect(observe(user('young', { age: 2, email: 'other@mail.example' }))).toContain('old');
    expect(holder()).toBe('old');
  });

  it('is the same for a new operator, in any order', () => {
    observe(user('old', { reason: 'Conflict' }));
    observe(user('young', { age: 2 }));
    expect(holder()).toBe('young');
  });

  it('is found soon among very many', () => {
    const before = process.cpuUsage(); // the machine may be busy with other things
    for (let at = 0; at < 20_000; at++) observe(user(`t${at}`, { reason: 'Conflict', age: 3 }));
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
  });
});

it('follows the domain suffix of a class', () => {
  const organization = {
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'Organization',
    metadata: { name: 'acme', namespace: 'acme', uid: 'acme' },
    spec: {},
  };
  observe(organization);
  expect([...index.claims.domains.keys()]).toEqual(['acme.pbx.example']);
  suffix = 'sip.example';
  index.observe('OrganizationClass', { type: 'changed', object: { ...organization, metadata: { name: 'general' } } });
  expect([...index.claims.domains.keys()]).toEqual(['acme.sip.example']);
});
