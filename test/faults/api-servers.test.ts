import { afterEach, beforeEach, expect, it } from 'vitest';
import { Rig } from './operator-rig.ts';

/** PBX pods are kept from the API server wherever it is, also after it moved. */
let rig: Rig;

beforeEach(async () => {
  rig = await Rig.started();
});
afterEach(() => rig.end());

const SLICE = { namespace: 'default', name: 'kubernetes' };

function excepted(): string[] {
  const { egress } = rig.server.get('NetworkPolicy', 'acme', 'acme-pbx')?.['spec'] as {
    egress: { to?: { ipBlock: { except: string[] } }[]; ports: { protocol: string }[] }[];
  };
  return egress
    .filter(({ to, ports }) => to && ports.some(({ protocol }) => protocol === 'TCP'))
    .flatMap(({ to = [] }) => to.flatMap(({ ipBlock }) => ipBlock.except));
}

it('follows the API server to other addresses', async () => {
  const endpointsOf = (...addresses: string[]) => addresses.map(address => ({ addresses: [address] }));
  rig.server.create({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...SLICE, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: endpointsOf('192.0.2.2', '192.0.2.1'),
  });
  rig.tenant('acme');
  rig.start();
  await rig.settle();
  expect(excepted()).toEqual(['169.254.0.0/16', '192.0.2.1/32', '192.0.2.2/32']);

  rig.server.patch('EndpointSlice', SLICE, { endpoints: endpointsOf('192.0.2.3') });
  await rig.rest();
  expect(excepted()).toEqual(['169.254.0.0/16', '192.0.2.3/32']);
});
