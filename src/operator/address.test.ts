import { expect, it } from 'vitest';
import { organization } from '../../test/snapshots.ts';
import { tenantOf } from '../core/tenant.ts';
import type { KubeObject } from '../kube/resource.ts';
import { portsOf } from './address.ts';

const service = {
  spec: {
    ports: [
      { name: 'sip-udp', nodePort: 30001 },
      { name: 'sip-tcp', nodePort: 30002 },
    ],
  },
} as unknown as KubeObject;

it.each([
  ['NodePort', service, { udp: 30001, tcp: 30002 }],
  ['NodePort', undefined, { udp: 5060, tcp: 5060 }],
  ['LoadBalancer', service, { udp: 5060, tcp: 5060 }],
])('finds the ports of a %s', (type, live, expected) => {
  const tenant = tenantOf(organization({ exposure: { signalling: { type } } }), undefined, []);
  expect(portsOf(tenant, live, 5060)).toEqual(expected);
});
