import { describe, expect, it } from 'vitest';
import { organization, settle, snapshot } from '../../../test/snapshots.ts';

interface Container {
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly resources: {
    readonly limits: { readonly memory: string };
    readonly requests: { readonly cpu: string; readonly memory: string };
  };
  readonly livenessProbe: Record<string, unknown>;
}

function pod(spec: Record<string, unknown> = {}): { agent: Container; asterisk: Container } {
  const { plan } = settle(snapshot({ organizations: [organization(spec)] }));
  const set = plan.apply.find(({ kind }) => kind === 'StatefulSet');
  const { initContainers, containers } = (
    set?.['spec'] as { template: { spec: { initContainers: Container[]; containers: Container[] } } }
  ).template.spec;
  return { agent: initContainers[0]!, asterisk: containers[0]! };
}

describe('the pod of a PBX', () => {
  it('asks Asterisk itself whether it lives, and tells both containers how long to wait for calls', () => {
    const { agent, asterisk } = pod();

    expect(asterisk.livenessProbe).toMatchObject({ exec: {} });
    expect(JSON.stringify(asterisk.livenessProbe)).not.toContain('httpGet');
    for (const { env } of [agent, asterisk])
      expect(env).toContainEqual({ name: 'RINGFLEET_DRAIN_DEADLINE_SECONDS', value: '7200' });
  });

  it.each([
    [100, 260],
    [1000, 330],
    [5000, 600],
  ])('gives the agent of %i users room for the restart check', (users, atLeast) => {
    const { memory } = pod({ limits: { users } }).agent.resources.limits;

    expect(Number.parseInt(memory, 10)).toBeGreaterThanOrEqual(atLeast);
  });

  it.each([
    [0, 50, '12m', '46Mi'],
    [10, 50, '12m', '46Mi'],
    [11, 20, '24m', '49Mi'],
    [30, 50, '36m', '52Mi'],
    [60, 50, '72m', '61Mi'],
    [100, 100, '161m', '79Mi'],
    [250, 500, '428m', '127Mi'],
    [500, 1000, '940m', '213Mi'],
    [1000, 5000, '1965m', '455Mi'],
  ])('asks for what %i calls of %i users need', (concurrentCalls, users, cpu, memory) => {
    expect(pod({ limits: { concurrentCalls, users } }).asterisk.resources.requests).toEqual({ cpu, memory });
  });

  it('leaves room for forty tenants with the limits that are built in on two cores beside what runs there', () => {
    const { agent, asterisk } = pod();
    const total = [agent, asterisk].reduce(
      (sum, { resources }) => sum + Number.parseInt(resources.requests.cpu, 10),
      0,
    );

    expect(40 * total).toBeLessThanOrEqual(2000 - 300);
  });

  it('takes what the class says instead', () => {
    const resources = { requests: { cpu: '2' } };
    const { plan } = settle(snapshot({ classes: [{ ...snapshot().classes[0]!, spec: { pbx: { resources } } }] }));

    expect(JSON.stringify(plan.apply.find(({ kind }) => kind === 'StatefulSet'))).toContain('"requests":{"cpu":"2"}');
  });
});
