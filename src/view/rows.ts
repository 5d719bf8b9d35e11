import { endpointId } from '../core/names.ts';
import type { Table } from './table.ts';
import { ofKind, type ShownObject, type ShownTenant, stateOf, textAt, whyNotReady } from './tenant.ts';

/** Lists of objects as tables. */

export function usersTable(tenant: ShownTenant): Table {
  const rows = ofKind(tenant, 'SipUser')
    .map(user => [
      textAt(user.spec, 'extension'),
      user.metadata.name,
      displayName(user),
      stateOf(user, 'Registered'),
      stateOf(user, 'Ready'),
      textAt(user.status, 'registrations', 0, 'uri'),
      textAt(user.status, 'registrations', 0, 'userAgent'),
      whyNotReady(user),
    ])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return {
    columns: [
      { name: 'EXT' },
      { name: 'NAME' },
      { name: 'DISPLAY' },
      { name: 'REGISTERED' },
      { name: 'READY' },
      { name: 'CONTACT', wide: true },
      { name: 'USERAGENT', wide: true },
      { name: 'WHY' },
    ],
    rows,
  };
}

/** As the status has it, or the spec while there is no status. */
function displayName({ spec, status }: ShownObject): string {
  const spoken = [textAt(spec, 'firstName'), textAt(spec, 'lastName')].filter(Boolean).join(' ');
  return textAt(status, 'displayName') || textAt(spec, 'fullName') || spoken;
}

export function trunksTable(tenant: ShownTenant): Table {
  const rows = ofKind(tenant, 'Trunk').map(trunk => [
    trunk.metadata.name,
    textAt(trunk.spec, 'servers', 0, 'host'),
    stateOf(trunk, 'Registered'),
    stateOf(trunk, 'Reachable'),
    stateOf(trunk, 'Ready'),
    textAt(trunk.status, 'registration', 'lastCode'),
    [textAt(trunk.status, 'lastFailure', 'code'), textAt(trunk.status, 'lastFailure', 'text')]
      .filter(Boolean)
      .join(' '),
    whyNotReady(trunk),
  ]);
  return {
    columns: [
      { name: 'NAME' },
      { name: 'HOST' },
      { name: 'REGISTERED' },
      { name: 'REACHABLE' },
      { name: 'READY' },
      { name: 'LASTCODE', wide: true },
      { name: 'LASTFAILURE', wide: true },
      { name: 'WHY' },
    ],
    rows,
  };
}

/** One user, as lines of a name and a value. */
export function userFacts(user: ShownObject, organization: string): [name: string, value: string][] {
  const { spec, status } = user;
  const phones = (status as { registrations?: readonly unknown[] } | undefined)?.registrations ?? [];
  const server = textAt(status, 'sip', 'server');
  return [
    ['Name', user.metadata.name],
    ['Display', displayName(user)],
    ['Extension', textAt(spec, 'extension')],
    ['SIP user', textAt(status, 'sip', 'username') || endpointId(organization, textAt(spec, 'extension'))],
    ['Server', server && `${server}:${textAt(status, 'sip', 'port')} (${textAt(status, 'sip', 'transport')})`],
    ['Ready', [stateOf(user, 'Ready'), whyNotReady(user)].filter(Boolean).join(', ')],
    ['Registered', stateOf(user, 'Registered')],
    ...phones.map((phone): [string, string] => [
      'Phone',
      [textAt(phone, 'uri'), textAt(phone, 'userAgent'), textAt(phone, 'state')].filter(Boolean).join(', '),
    ]),
    [
      'Voicemail',
      textAt(status, 'voicemail', 'new') &&
        `${textAt(status, 'voicemail', 'new')} new, ${textAt(status, 'voicemail', 'old')} old`,
    ],
  ].filter((fact): fact is [string, string] => fact[1] !== '');
}
