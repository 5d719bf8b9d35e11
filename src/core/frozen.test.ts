import { describe, expect, it } from 'vitest';
import {
  carryOut,
  conditionOf,
  fileText,
  NOW,
  organization,
  type Parts,
  settle,
  snapshot,
  trunk,
  user,
  withParts,
} from '../../test/snapshots.ts';
import { generationOf } from './asterisk/bundle.ts';
import { compile } from './compile.ts';
import type { InvalidObject, TenantSnapshot } from './snapshot.ts';

/** What exists and cannot be read, or is refused, is frozen: nothing of it is taken away. */

function running(): TenantSnapshot {
  const { snapshot: before, plan } = settle(snapshot({ users: [user('jane', '1001'), user('john', '1002', {}, 2)] }));
  return carryOut(before, plan);
}

function unreadable(kind: string, { metadata }: Pick<InvalidObject, 'metadata'>): InvalidObject {
  return { kind, metadata, violation: 'spec: of a newer schema' };
}

describe('an Organization that cannot be read', () => {
  it('loses nothing', () => {
    const invalid = [unreadable('Organization', organization())];
    expect(compile({ ...running(), organizations: [], invalid }, NOW).prune).toEqual([]);
  });

  it('still says what is in it', () => {
    const invalid = [{ ...unreadable('Organization', organization()), status: running().organizations[0]?.status }];
    const { statuses } = compile({ ...running(), organizations: [], invalid }, NOW);
    expect(statuses.find(({ kind }) => kind === 'Organization')?.status).toMatchObject({
      usage: { users: { used: 2 } },
      sip: { domain: 'acme.example' },
      conditions: [{ type: 'Ready', reason: 'Invalid' }, { type: 'Stalled' }],
    });
  });

  it('goes when it is gone', () => {
    const { prune } = compile({ ...running(), organizations: [] }, NOW);
    expect(prune.map(({ kind }) => kind)).toContain('StatefulSet');
    expect(prune.map(({ name }) => name)).not.toContain('jane-sip');
  });
});

describe('a user who cannot be read', () => {
  it.each([
    ['with an Organization', {}],
    ['without one', { organizations: [] }],
  ])('keeps the credentials %s', (_what, more) => {
    const before = running();
    const [jane, john] = before.objects.SipUser;
    if (!jane || !john) throw new Error('no users');
    const { prune } = compile(
      withParts(before, { ...more, users: [john], invalid: [unreadable('SipUser', jane)] }),
      NOW,
    );
    expect(prune.map(({ name }) => name)).not.toContain('jane-sip');
  });
});

describe('an Organization that is refused', () => {
  it('still counts what is in it, for the guard of its deletion', () => {
    const before = running();
    const [acme] = before.organizations;
    const organizations = [{ ...organization({ className: 'gone' }), status: acme?.status }];
    const { statuses, prune } = compile(
      withParts(before, { organizations, users: before.objects.SipUser.slice(1) }),
      NOW,
    );

    expect(prune).toEqual([]);
    expect(statuses.find(({ kind }) => kind === 'Organization')?.status).toMatchObject({
      usage: { users: { used: 1 } },
      pbx: { pods: [{ name: 'acme-pbx-0' }] },
    });
  });

  it('counts them when it never worked', () => {
    const { statuses } = compile(
      snapshot({ organizations: [organization({ className: 'gone' })], users: [user('jane', '1001')] }),
      NOW,
    );
    expect(statuses.find(({ kind }) => kind === 'Organization')?.status).toMatchObject({
      usage: { users: { used: 1 } },
    });
  });
});

describe.each(['cluster', 'directory'] as const)('an Organization that is refused for one field, in a %s', mode => {
  const before = settle(inMode(snapshot({ users: [user('jane', '1001'), user('john', '1002', {}, 2)] }), mode));
  const { inForce } = before.plan;
  const last = { ...carryOut(before.snapshot, before.plan), ...(inForce && { inForce }) };

  it('keeps its class as it was, and is suspended all the same', () => {
    const organizations = [organization({ className: 'gone', state: 'Suspended', limits: { concurrentCalls: 3 } })];
    const users = [user('jane', '1001', { enabled: false }), user('john', '1002', {}, 2)];
    const { plan } = settle(withParts(last, { organizations, users }));

    expect(fileText(plan, 'extensions_tenant.conf')).toContain('RF_STATE=Suspended');
    expect(fileText(plan, 'extensions_tenant.conf')).toContain('RF_MAX_CALLS=3');
    expect(fileText(plan, 'pjsip_endpoint.conf')).not.toContain('acme_1001');
    expect(fileText(plan, 'pjsip_endpoint.conf')).toContain('acme_1002');
    expect(conditionOf(plan, 'Organization', 'acme', 'Stalled')).toMatchObject({
      reason: 'ClassNotFound',
      message: expect.stringContaining('class general stays in force'),
    });
    expect(plan.inForce).toEqual({ ...inForce, limits: { ...inForce?.limits, concurrentCalls: 3 } });
  });

  it('follows its class when that is still there', () => {
    const [general] = last.classes;
    const changed = { ...general!, spec: { ...general!.spec, defaults: { features: { voicemail: false } } } };
    const { plan } = settle({ ...last, classes: [changed], organizations: [organization({ className: 'gone' })] });

    expect(fileText(plan, 'extensions_tenant.conf')).toContain('RF_VOICEMAIL=0');
  });

  it('has nothing of one that bore its name before', () => {
    const [acme] = last.organizations;
    const other = { ...organization({ className: 'gone' }), metadata: { ...acme!.metadata, uid: 'another' } };
    const { plan } = settle({ ...last, organizations: [other] });

    expect(plan.bundle).toBeUndefined();
    expect(plan.inForce).toBeUndefined();
  });
});

function inMode(before: TenantSnapshot, mode: TenantSnapshot['platform']['mode']): TenantSnapshot {
  return { ...before, platform: { ...before.platform, mode } };
}

describe('the bundle', () => {
  const jane = user('jane', '1001');
  const kept = (more: Parts) => settle(snapshot(more)).plan.bundle?.manifest.kept;

  it.each([
    ['is rendered', { users: [jane] }, []],
    ['is disabled by choice', { users: [user('jane', '1001', { enabled: false })] }, []],
    [
      'lacks her Secret',
      { users: [user('jane', '1001', { sip: { passwordSecretRef: { name: 'gone', key: 'x' } } })] },
      ['uid-jane'],
    ],
    ['has the extension of an older one', { users: [user('young', '1001', {}, 9), jane] }, ['uid-young']],
    ['is above the limit', { organizations: [organization({ limits: { users: 0 } })], users: [jane] }, ['uid-jane']],
    ['cannot be read', { invalid: [unreadable('SipUser', jane), unreadable('PhoneNumber', jane)] }, ['uid-jane']],
    [
      'is a trunk without its Secret',
      { trunks: [trunk('b', { credentialsSecretRef: { name: 'x' } }), trunk('a', { enabled: false })] },
      ['uid-b'],
    ],
  ])('names who exists and is not in it: one who %s', (_what, more, expected) => {
    expect(kept(more)).toEqual(expected);
  });

  it('names one whose value the escape refuses', () => {
    const poisoned = user('jane', '1001');
    Object.assign(poisoned.spec, { extension: '10\n[x](!)' });
    expect(kept({ users: [poisoned] })).toEqual(['uid-jane']);
  });

  it('is another one with another list, and what it was before without any', () => {
    const manifest = settle(snapshot({ users: [jane] })).plan.bundle?.manifest;
    if (!manifest) throw new Error('no bundle');
    expect(generationOf({ ...manifest, kept: ['uid-b'] })).not.toBe(manifest.generation);
    expect(generationOf(manifest)).toBe(manifest.generation);
  });
});
