import { expect, it } from 'vitest';
import { organization, type Parts, snapshot } from '../../../../test/snapshots.ts';
import { builtInClasses } from '../../../api/built-in-classes.ts';
import type { InForce } from '../../../api/record.ts';
import { evaluateOrganization } from './resolve.ts';

const KEPT: InForce = {
  organization: 'uid-acme',
  domain: 'kept.example',
  limits: { users: 7, trunks: 3 },
  signalling: 'NodePort',
};
const HOST_NETWORK = { exposure: { signalling: { type: 'HostNetwork' } } };
const TOO_MANY = { limits: { users: 101 } };
const classes = builtInClasses.map(one => ({ ...one, spec: { ...one.spec, ceilings: { limits: { users: 100 } } } }));

interface Outcome {
  readonly violation?: string;
  /** Absent: the Organization has no PBX. */
  readonly inForce?: { readonly domain: string; readonly users: number; readonly type: string };
}

const asked = { domain: 'acme.example', users: 20, type: 'ClusterIP' };

it.each<[string, Record<string, unknown>, Parts, Outcome]>([
  ['has what it asks for', { limits: { users: 20 } }, {}, { inForce: asked }],
  ['that was never accepted has no PBX', TOO_MANY, {}, { violation: 'AboveCeiling' }],
  [
    'has the limit of before',
    TOO_MANY,
    { inForce: KEPT },
    { violation: 'AboveCeiling', inForce: { ...asked, users: 7 } },
  ],
  [
    'has the exposure of before, and its own limit',
    { ...HOST_NETWORK, limits: { users: 20 } },
    { inForce: KEPT },
    { violation: 'NotImplementedYet', inForce: { ...asked, type: 'NodePort' } },
  ],
  [
    'with two mistakes reports the first, and has two values of before',
    { ...HOST_NETWORK, ...TOO_MANY },
    { inForce: KEPT },
    { violation: 'AboveCeiling', inForce: { ...asked, users: 7, type: 'NodePort' } },
  ],
  [
    'has nothing of an earlier one of the same name',
    TOO_MANY,
    { inForce: { ...KEPT, organization: 'uid-earlier' } },
    { violation: 'AboveCeiling' },
  ],
  [
    'with a limit that was not accepted before has no PBX',
    TOO_MANY,
    { inForce: { ...KEPT, limits: { trunks: 3 } } },
    { violation: 'AboveCeiling' },
  ],
  ['whose class is not there has no PBX at first', { className: 'gone' }, {}, { violation: 'ClassNotFound' }],
  [
    'whose class is not there, nor the one of before, has the built-in values',
    { className: 'gone', limits: { users: 20 } },
    { inForce: KEPT },
    { violation: 'ClassNotFound', inForce: { ...asked, type: '' } },
  ],
])('an Organization %s', (_what, spec, parts, { violation, inForce }) => {
  const found = evaluateOrganization(organization(spec), snapshot({ classes, ...parts }));

  expect(found.violation?.reason).toBe(violation);
  expect(
    found.tenant && {
      domain: found.tenant.domain,
      users: found.tenant.limits.users,
      type: found.tenant.pbx.exposure.signalling?.type ?? '',
    },
  ).toEqual(inForce);
});

it('of another name than its namespace has no PBX, and its remarks are kept', () => {
  const found = evaluateOrganization(organization({ blocklist: ['+4930*'] }, 'beta'), snapshot({ inForce: KEPT }));

  expect(found).toMatchObject({ violation: { reason: 'WrongName' }, notices: [{ field: 'spec.blocklist' }] });
  expect(found.tenant).toBeUndefined();
});

it('says which value applies until the mistake is corrected, and nothing of it where none does', () => {
  const message = (inForce?: InForce) =>
    evaluateOrganization(organization(TOO_MANY), snapshot({ classes, ...(inForce && { inForce }) })).violation?.message;

  expect(message(KEPT)).toMatch(/\. Until then 7 stays in force, and all else applies$/);
  expect(message()).not.toContain('Until then');
});

it('records what is in force, so that it is the same in the next pass', () => {
  const first = evaluateOrganization(organization({ limits: { users: 20 } }), snapshot({ classes }));
  const broken = evaluateOrganization(
    organization(TOO_MANY),
    snapshot({ classes, ...(first.inForce && { inForce: first.inForce }) }),
  );

  expect(first.inForce).toMatchObject({
    organization: 'uid-acme',
    domain: 'acme.example',
    class: { name: 'general' },
    signalling: 'ClusterIP',
  });
  expect(broken.inForce).toEqual(first.inForce);
});

it('reports the fields of its class that have no effect, with the name of the class', () => {
  const withDefault = builtInClasses.map(one => ({
    ...one,
    spec: { ...one.spec, defaults: { ...one.spec.defaults, userDefaults: { ring: { doNotDisturb: true } } } },
  }));
  const { notices } = evaluateOrganization(organization(), snapshot({ classes: withDefault }));

  expect(notices).toMatchObject([{ message: expect.stringMatching(/^OrganizationClass general: spec\.defaults\./) }]);
});

it.each([
  ['UK', 'CountryUnknown'],
  ['GB', undefined],
])('a country %s', (country, reason) => {
  expect(evaluateOrganization(organization({ location: { country } }), snapshot()).notices[0]?.reason).toBe(reason);
});
