import { ROTATE_PASSWORD } from '../../src/core/names.ts';
import type { Rig } from './operator-rig.ts';

/** The life of a tenant, as people bring it about: after each step the operator comes to rest. */
const LIFE: readonly (readonly [what: string, step: (rig: Rig) => void])[] = [
  [
    'installed',
    rig => {
      rig.tenant('acme', { ann: '1001', bob: '1002', cat: '1003' });
      rig.server.create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'carrier', namespace: 'acme' },
        data: { username: btoa('acme'), password: btoa('of the carrier') },
      });
      rig.put('Trunk', 'acme', 'carrier', {
        servers: [{ name: 'one', host: '192.0.2.1', port: 5060 }],
        credentialsSecretRef: { name: 'carrier' },
        register: { enabled: true },
      });
      rig.put('PhoneNumber', 'acme', 'main', {
        number: '+441632960001',
        trunk: { name: 'carrier' },
        destination: { user: { name: 'ann' } },
      });
    },
  ],
  ['a user comes', rig => rig.user('acme', 'dan', '1004')],
  [
    'a password is rotated',
    rig =>
      void rig.server.patch(
        'SipUser',
        { namespace: 'acme', name: 'ann' },
        { metadata: { annotations: { [ROTATE_PASSWORD]: '1' } } },
      ),
  ],
  ['an extension changes', rig => rig.user('acme', 'bob', '1012')],
  ['a user goes', rig => rig.server.delete('SipUser', 'acme', 'cat')],
  [
    'the tenant is suspended',
    rig => void rig.put('Organization', 'acme', 'acme', { sipDomain: 'acme.example', state: 'Suspended' }),
  ],
  [
    'a new image',
    rig =>
      void rig.server.patch('OrganizationClass', { name: 'general' }, { spec: { pbx: { image: 'ringfleet:next' } } }),
  ],
];

export async function live(rig: Rig): Promise<void> {
  for (const [, step] of LIFE) {
    step(rig);
    await rig.rest();
  }
}
