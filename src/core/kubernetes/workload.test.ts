import { describe, expect, it } from 'vitest';
import { organization, settle, world } from '../../../test/worlds.ts';

interface Container {
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly livenessProbe: Record<string, unknown>;
}

function pod(spec: Record<string, unknown> = {}): { agent: Container; asterisk: Container } {
  const { plan } = settle(world({ organizations: [organization(spec)] }));
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
});
