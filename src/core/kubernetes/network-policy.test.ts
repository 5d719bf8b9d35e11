import { expect, it } from 'vitest';
import { settle, snapshot, user } from '../../../test/snapshots.ts';

function policyOf(clusterCidrs: readonly string[], apiServers: readonly string[] = []) {
  const before = snapshot({ users: [user('jane', '1001')] });
  const { plan } = settle({ ...before, platform: { ...before.platform, clusterCidrs, apiServers } });
  return plan.apply.find(({ kind }) => kind === 'NetworkPolicy')?.['spec'] as {
    ingress: { from?: { namespaceSelector: { matchLabels: Record<string, string> } }[]; ports: { port: number }[] }[];
    egress: { to?: { ipBlock: { cidr: string; except: string[] } }[]; ports: { protocol: string; port: number }[] }[];
  };
}

it('keeps a PBX from link-local addresses and the networks of the cluster', () => {
  const { egress } = policyOf(['10.96.0.0/12', '10.244.0.0/16']);

  const blocks = egress.flatMap(({ to = [] }) => to.map(({ ipBlock }) => ipBlock));
  const block = { cidr: '0.0.0.0/0', except: ['169.254.0.0/16', '10.96.0.0/12', '10.244.0.0/16'] };
  expect(blocks).toEqual([block, block]);
  expect(egress.filter(({ to }) => !to).flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([53, 53]);
});

it('keeps a PBX from the API server where it really is, but not from media of the same host', () => {
  const { egress } = policyOf(['10.96.0.1/32'], ['192.0.2.1', '192.0.2.2']);

  const excepted = (protocol: string) =>
    egress
      .filter(({ to, ports }) => to && ports.some(one => one.protocol === protocol))
      .flatMap(({ to = [] }) => to.flatMap(({ ipBlock }) => ipBlock.except));
  expect(excepted('TCP')).toEqual(['169.254.0.0/16', '10.96.0.1/32', '192.0.2.1/32', '192.0.2.2/32']);
  expect(excepted('UDP')).toEqual(['169.254.0.0/16', '10.96.0.1/32']);
});

it('lets only the operator to the agent, and only monitoring to its metrics', () => {
  const { ingress } = policyOf([]);

  const who = (port: number) =>
    ingress
      .filter(({ ports }) => ports.some(one => one.port === port))
      .map(({ from }) => from?.[0]?.namespaceSelector.matchLabels);
  expect(who(8443)).toEqual([{ 'kubernetes.io/metadata.name': 'ringfleet' }]);
  expect(who(8080)).toEqual([{ 'ringfleet.io/monitoring': 'true' }]);
  expect(who(5060)).toEqual([undefined]);
});
