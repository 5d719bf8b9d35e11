import { expect, it } from 'vitest';
import { organization, settle, snapshot } from '../../../test/snapshots.ts';

function exposureOf(type: string): Record<string, unknown> {
  const spec = { exposure: { signalling: { type } } };
  const { plan } = settle(snapshot({ organizations: [organization(spec)] }));
  return plan.apply.find(({ metadata }) => metadata.name === 'acme-sip')?.['spec'] as Record<string, unknown>;
}

it.each([
  ['ClusterIP', undefined, false],
  ['NodePort', 'Local', false],
  ['LoadBalancer', 'Local', true],
])('exposes SIP by a %s, with RTP where phones send media to the same address', (type, policy, hasRtp) => {
  const { externalTrafficPolicy, ports, publishNotReadyAddresses } = exposureOf(type);
  const names = (ports as { name: string }[]).map(({ name }) => name);

  expect(externalTrafficPolicy).toBe(policy);
  expect(publishNotReadyAddresses).toBe(true);
  expect(names.slice(0, 2)).toEqual(['sip-udp', 'sip-tcp']);
  expect(names.some(name => name.startsWith('rtp-'))).toBe(hasRtp);
});
