import { describe, expect, it } from 'vitest';
import { carryOut, fileText, NOW, organization, settle, snapshot, user } from '../../test/snapshots.ts';
import { compile } from './compile.ts';
import { mediaPorts } from './media-ports.ts';
import type { Plan } from './plan.ts';
import type { TenantSnapshot } from './snapshot.ts';
import { tenantOf } from './tenant.ts';

const calls = (concurrentCalls: number) => organization({ limits: { concurrentCalls } });
const pod = { name: 'acme-pbx-0', uid: 'x', ready: true, terminating: false, annotations: {}, cordoned: false };

it.each([
  [0, 160],
  [10, 160],
  [30, 320],
  [70, 640],
  [250, 2560],
  [2000, 10240],
])('%i calls have %i ports', (limit, ports) => {
  expect(mediaPorts(tenantOf(calls(limit), undefined, []))).toBe(ports);
});

it('takes what the provider says', () => {
  expect(mediaPorts(tenantOf(organization({ exposure: { media: { ports: 100 } } }), undefined, []))).toBe(100);
});

describe('a limit that is lowered', () => {
  const { snapshot: before, plan } = settle(snapshot({ users: [user('jane', '1001')], organizations: [calls(100)] }));
  const large = carryOut(before, plan);
  const lowered = (more: Partial<TenantSnapshot>): Plan =>
    compile({ ...large, organizations: [calls(10)], ...more }, NOW);

  it('closes no port while a call may be on it', () => {
    const next = lowered({ pod });
    expect(next.apply.filter(({ kind }) => kind === 'NetworkPolicy' || kind === 'Service')).toEqual([]);
    expect(fileText(next, 'rtp.conf')).toContain('rtpend=10639');
  });

  it('closes them when there is no pod', () => {
    const next = lowered({});
    expect(next.apply.map(({ kind }) => kind)).toContain('NetworkPolicy');
    expect(fileText(next, 'rtp.conf')).toContain('rtpend=10159');
  });

  it('opens no more than any tenant may have because somebody changed the policy', () => {
    const children = large.children.map(child =>
      child.kind === 'NetworkPolicy' ? JSON.parse(JSON.stringify(child).replace('10639', '65535')) : child,
    );
    expect(fileText(lowered({ pod, children }), 'rtp.conf')).toContain('rtpend=10159');
  });
});
