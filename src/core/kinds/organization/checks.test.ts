import { describe, expect, it } from 'vitest';
import { organization, snapshot } from '../../../../test/snapshots.ts';
import type { OrganizationClass } from '../../../api/index.ts';
import type { InForce } from '../../../api/record.ts';
import type { Claims } from '../../snapshot.ts';
import { type Tenant, tenantOf } from '../../tenant.ts';
import {
  type Amount,
  type RefusedField,
  refusedClass,
  refusedDomain,
  refusedLimit,
  refusedSignalling,
  wrongName,
} from './checks.ts';

const KEPT: InForce = { domain: 'kept.example', limits: { users: 7, storage: '1Gi' } };
const tenant = (spec: Record<string, unknown>): Tenant => tenantOf(organization(spec), undefined, []);

/** What a table expects of a refusal. */
type Expected<T> = { readonly reason: string; readonly field: string; readonly fallback: T | undefined } | undefined;

function short<T>(refused: RefusedField<T> | undefined): Expected<T> {
  const { violation, fallback } = refused ?? {};
  return violation && { reason: violation.reason, field: violation.field ?? '', fallback };
}

it.each([
  ['of its namespace', 'acme', undefined],
  ['of another', 'beta', { reason: 'WrongName', field: 'metadata.name' }],
])('the name %s', (_what, name, expected) => {
  const found = wrongName(organization({}, name), snapshot());

  expect(found && { reason: found.reason, field: found.field }).toEqual(expected);
});

describe('the class', () => {
  const classNamed = (name: string, spec: OrganizationClass['spec'] = {}): OrganizationClass => {
    return { apiVersion: 'ringfleet.io/v1alpha1', kind: 'OrganizationClass', metadata: { name }, spec };
  };
  const gold = classNamed('gold', { allowedNamespaces: { matchLabels: { tier: 'gold' } } });
  const old = classNamed('old', { sipDomainSuffix: 'now.example' });
  const before: InForce = { ...KEPT, class: { name: 'old', spec: { sipDomainSuffix: 'before.example' } } };
  const wrong = (reason: string, suffix?: string): Expected<unknown> => ({
    reason,
    field: 'spec.className',
    fallback: suffix === undefined ? undefined : { name: 'old', spec: { sipDomainSuffix: suffix } },
  });

  it.each<[string, OrganizationClass | undefined, InForce | undefined, OrganizationClass[], Expected<unknown>]>([
    ['that all may use', old, undefined, [old], undefined],
    ['that is not there, and none was before', undefined, undefined, [], wrong('ClassNotFound')],
    [
      'that is not there: the one of before, as it is now',
      undefined,
      before,
      [old],
      wrong('ClassNotFound', 'now.example'),
    ],
    ['that is not there, nor the one of before', undefined, before, [], wrong('ClassNotFound', 'before.example')],
    ['that is not offered here', gold, before, [gold, old], wrong('ClassNotAllowed', 'now.example')],
    ['that is not offered here, and none was before', gold, KEPT, [gold], wrong('ClassNotAllowed')],
  ])('%s', (_what, asked, kept, classes, expected) => {
    const refused = refusedClass(organization({ className: 'gold' }), asked, kept, snapshot({ classes }));

    expect(short(refused)).toEqual(expected);
    expect(refused?.fallbackText).toBe(expected?.fallback === undefined ? undefined : 'class old');
  });
});

describe('a limit', () => {
  const above = (name: string, fallback?: Amount): Expected<Amount> => {
    return { reason: 'AboveCeiling', field: `spec.limits.${name}`, fallback };
  };

  it.each<[string, Amount, Amount | undefined, InForce | undefined, Expected<Amount>]>([
    ['users', 5000, undefined, undefined, undefined],
    ['users', 5001, undefined, KEPT, { reason: 'TooManyUsers', field: 'spec.limits.users', fallback: 7 }],
    ['users', 5001, 9000, undefined, { reason: 'TooManyUsers', field: 'spec.limits.users', fallback: undefined }],
    ['users', 5001, 5000, KEPT, above('users', 7)],
    ['users', 10, 10, undefined, undefined],
    ['users', 11, 10, undefined, above('users')],
    ['users', 1, 0, undefined, above('users')],
    ['trunks', 9, 8, KEPT, above('trunks')],
    ['monthlyMinutes', 50_000, undefined, undefined, undefined],
    ['storage', '50Gi', '50Gi', undefined, undefined],
    ['storage', '51Gi', '50Gi', KEPT, above('storage', '1Gi')],
    ['storage', '1Ti', '50Gi', KEPT, above('storage', '1Gi')],
    ['storage', '1000Mi', '1Gi', undefined, undefined],
    ['storage', '1025Mi', '1Gi', undefined, above('storage')],
    ['storage', '1G', '1Gi', undefined, undefined],
    ['storage', '1Gi', '1G', undefined, above('storage')],
    ['storage', '1500M', '1.5G', undefined, undefined],
    ['storage', '1501M', '1.5G', undefined, above('storage')],
    ['storage', '1048577', '1Mi', undefined, above('storage')],
  ])('%s: %s, of which the class allows %s', (name, asked, ceiling, kept, expected) => {
    const one = tenant({});
    const asking = { ...one, limits: { ...one.limits, [name]: asked } }; // also what the schema refuses by now

    expect(short(refusedLimit(name, asking, ceiling, kept))).toEqual(expected);
  });

  it('that nobody sets is none', () => {
    expect(refusedLimit('unheard', tenant({}), 1, KEPT)).toBeUndefined();
  });
});

describe('the SIP domain', () => {
  const holds = (...held: [domain: string, namespace: string][]): Claims => {
    const domains = held.map(([domain, namespace]) => {
      const claim = { kind: 'Organization', namespace, name: namespace, uid: '', createdAt: '', standing: 0 } as const;
      return [domain, claim] as const;
    });
    return { emails: new Map(), numbers: new Map(), domains: new Map(domains) };
  };
  const taken = (fallback?: string): Expected<string> => ({ reason: 'Conflict', field: 'spec.sipDomain', fallback });

  it.each<[string, Claims, InForce | undefined, Expected<string>]>([
    ['that nobody has', holds(), KEPT, undefined],
    ['that it has itself', holds(['acme.example', 'acme']), KEPT, undefined],
    ['that another has', holds(['acme.example', 'beta']), undefined, taken()],
    ['that another has, with one of before', holds(['acme.example', 'beta']), KEPT, taken('kept.example')],
    [
      'that another has, with one of before that it still holds',
      holds(['acme.example', 'beta'], ['kept.example', 'acme']),
      KEPT,
      taken('kept.example'),
    ],
    [
      'that another has, and the one of before, too',
      holds(['acme.example', 'beta'], ['kept.example', 'beta']),
      KEPT,
      taken(),
    ],
  ])('%s', (_what, claims, kept, expected) => {
    const refused = refusedDomain(tenant({}), kept, snapshot({ claims }));

    expect(short(refused)).toEqual(expected);
    expect(refused?.violation.message ?? '').not.toContain('beta');
  });
});

describe('the exposure', () => {
  const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const wrong = (reason: string, fallback?: { type: string | undefined }) => {
    return { reason, field: 'spec.exposure.signalling.type', fallback };
  };

  it.each<[string, string, Record<string, string>, InForce | undefined, Expected<unknown>, string | undefined]>([
    ['is in service', 'NodePort', RESTRICTED, undefined, undefined, undefined],
    ['has no effect yet', 'HostNetwork', {}, undefined, wrong('NotImplementedYet'), 'ClusterIP'],
    [
      'has no effect yet, after another',
      'HostNetwork',
      { 'pod-security.kubernetes.io/enforce': 'baseline' },
      { ...KEPT, signalling: 'NodePort' },
      wrong('NotImplementedYet', { type: 'NodePort' }),
      'NodePort',
    ],
    [
      'is forbidden here, after the default',
      'HostNetwork',
      RESTRICTED,
      KEPT,
      wrong('PodSecurityForbids', { type: undefined }),
      'ClusterIP',
    ],
  ])('%s: %s', (_what, type, namespaceLabels, kept, expected, text) => {
    const { platform } = snapshot();
    const context = snapshot({ platform: { ...platform, namespaceLabels } });
    const refused = refusedSignalling(tenant({ exposure: { signalling: { type } } }), kept, context);

    expect(short(refused)).toEqual(expected);
    expect(refused?.fallbackText).toBe(text);
  });
});
