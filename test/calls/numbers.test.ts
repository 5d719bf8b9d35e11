import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { header, SipClient, type SipMessage } from './sip.ts';

/**
 * What people dial, on a whole PBX whose Organization moves from country to country, and what the carrier is asked for.
 * Every country's plan is in every-country.test.ts; here is who may call, and what comes of it on the wire.
 */
const PORT = await freePorts();
let rig: Rig;
let carrier: SipClient;
const phones = new Map<string, SipClient>();

const USERS: Record<string, Record<string, unknown>> = {
  jane: { extension: '1001', location: { name: 'office' } },
  zoe: { extension: '1002', permissions: { dial: ['Internal', 'National'] } },
  tom: { extension: '1003', permissions: { dial: [] } },
  pia: { extension: '1004', permissions: { dial: ['National', 'Premium'] } },
  sam: { extension: '1005', permissions: { dial: ['Service'] } },
  desk: { extension: '198' },
  office: { extension: '211' },
};
const ORGANIZATION = {
  sipDomain: 'acme.example',
  userDefaults: { voicemail: { enabled: false } },
  callerId: { default: { name: 'main' } },
};
const TRUNK = { servers: [{ name: 'a', host: '127.0.0.5', port: PORT + 30 }], health: { optionsSeconds: 0 } };

beforeAll(async () => {
  carrier = await SipClient.open(PORT, '127.0.0.5', PORT + 30);
  rig = await Rig.start(PORT, {
    organization: { ...ORGANIZATION, location: { country: 'IN' } },
    users: USERS,
    numbers: { main: { number: '+914412345678', destination: { user: { name: 'desk' } } } },
    trunks: { raw: TRUNK },
    locations: { office: { country: 'IN', areaCode: '044' } },
  });
  for (const [name, { extension }] of Object.entries(USERS)) {
    const phone = await SipClient.open(PORT);
    phones.set(name, phone);
    await phone.register(`acme_${extension}`, { auth: rig.credentials(name) });
  }
});

afterAll(async () => {
  await rig?.stop();
  await Promise.all([...phones.values(), carrier].map(client => client?.close()));
});

let now = 'IN 044 {}';

/** Moves the Organization and its office. */
async function move(country: string | undefined, areaCode = '', dialing: Record<string, unknown> = {}): Promise<void> {
  const place = `${country} ${areaCode} ${JSON.stringify(dialing)}`;
  if (place === now) return;
  now = place;
  await rig.edit(async () => {
    await rig.put('Organization', 'acme', { ...ORGANIZATION, ...(country && { location: { country } }), dialing });
    await rig.put('Location', 'office', { country: country ?? 'IN', ...(areaCode && { areaCode }) });
  });
}

function phone(name: string): SipClient {
  const found = phones.get(name);
  if (!found) throw new Error(`${name} has no phone`);
  return found;
}

/** The number that the carrier was asked for, or the code that the phone got without it. */
async function dial(number: string, who = 'jane'): Promise<string | number> {
  for (const client of [...phones.values(), carrier]) client.received.length = 0;
  const from = `acme_${USERS[who]?.['extension']}`;
  const { final } = await phone(who).request('INVITE', number, { from, auth: rig.credentials(who) });
  const [invite] = invites(carrier);
  return invite ? (/^INVITE sip:([^@]*)@/.exec(invite.start)?.[1] ?? invite.start) : final.code;
}

function invites(client: SipClient): SipMessage[] {
  return client.received.filter(({ method }) => method === 'INVITE');
}

describe('dialled in', () => {
  it.each([
    ['IN', '00442079460000', '+442079460000'],
    ['IN', '09876543210', '+919876543210'],
    ['IN', '9876543210', '+919876543210'],
    ['IN', '23456789', '+914423456789'],
    ['IN', '1098', '1098'],
    ['IN', '139', '139'],
    ['IN', '1930', '1930'],
    ['IN', '12345', 404],
    ['IN', '011442079460000', 404],
    ['AU', '0011442079460000', '+442079460000'],
    ['AU', '00442079460000', 404],
    ['AU', '131450', '131450'],
    ['AU', '1300123456', '1300123456'],
    ['AU', '94441234', '+61294441234'],
    ['US', '011442079460000', '+442079460000'],
    ['US', '5551234', '+12125551234'],
    ['US', '4155551234', '+14155551234'],
    ['US', '14155551234', '+14155551234'],
    ['US', '933', '933'],
    ['US', '988', '988'],
    ['US', '411', 403],
    ['US', '+19005551234', 403],
    ['GB', '79460000', '+442079460000'],
    ['GB', '101', '101'],
    ['GB', '123', '123'],
    ['GB', '159', '159'],
    ['GB', '118118', 403],
    ['GB', '+4402079460000', '+442079460000'],
    ['DE', '2345678', '+49302345678'],
    ['DE', '0302345678', '+49302345678'],
    ['DE', '115', '115'],
    ['DE', '116117', '116117'],
    ['FR', '3631', '3631'],
    ['FR', '118712', 403],
    ['IT', '0612345678', '+390612345678'],
    ['IT', '+390612345678', '+390612345678'],
  ])('%s, %s is %s', async (country, number, expected) => {
    await move(country, AREAS[country]);

    expect(await dial(number)).toBe(expected);
  });
});

const AREAS: Readonly<Record<string, string>> = { IN: '044', AU: '02', US: '212', GB: '020', DE: '030' };

describe('who may', () => {
  it.each([
    ['zoe', '2125551234', '+12125551234'],
    ['zoe', '988', '988'],
    ['zoe', '+18765551234', 403],
    ['zoe', '18765551234', 403],
    ['zoe', '14165551234', 403],
    ['zoe', '011442079460000', 403],
    ['zoe', '19005551234', 403],
    ['zoe', '411', 403],
    ['sam', '988', '988'],
    ['sam', '2125551234', 403],
    ['tom', '988', 403],
    ['tom', '2125551234', 403],
    ['pia', '2125551234', '+12125551234'],
    ['pia', '19005551234', 403],
    ['pia', '411', 403],
  ])('in America: %s, %s is %s', async (who, number, expected) => {
    await move('US', '212');

    expect(await dial(number, who)).toBe(expected);
  });

  it.each([
    ['jane', '19005551234', '+19005551234'],
    ['jane', '411', '411'],
    ['pia', '19005551234', '+19005551234'],
    ['pia', '411', '411'],
    ['zoe', '19005551234', 403],
    ['zoe', '411', 403],
    ['sam', '411', 403],
  ])('where the Organization allows premium numbers: %s, %s is %s', async (who, number, expected) => {
    await move('US', '212', { premium: 'Allow' });

    expect(await dial(number, who)).toBe(expected);
  });

  it.each([
    ['zoe', '+18765551234', 403],
    ['zoe', '+12125551234', 403],
    ['zoe', '+442079460000', 403],
    ['zoe', '00442079460000', 404],
    ['zoe', '988', 404],
    ['jane', '+442079460000', '+442079460000'],
  ])('without a country nothing is national: %s, %s is %s', async (who, number, expected) => {
    await move(undefined);

    expect(await dial(number, who)).toBe(expected);
  });

  it('a user who is given premium numbers in vain is told', async () => {
    await move('US', '212');

    expect(rig.condition('SipUser', 'pia', 'Ready')).toMatchObject({ status: 'False', reason: 'NotAllowed' });
    expect(await dial('1001', 'pia')).toBe(486);
  });

  it('a call for which nothing is set reaches nobody outside', async () => {
    await move('IN', '044');
    const heard = async (number: string, variables: string): Promise<number> => {
      carrier.received.length = 0;
      const call = { Channel: `Local/${number}@to-number/n`, Application: 'Wait', Data: '1', Variable: variables };
      await rig.pbx.agent.client?.action('Originate', call).catch(() => undefined); // it fails: nobody answers
      return invites(carrier).length;
    };

    expect(await heard('+442079460000', '__RF_IN=1,__RF_DIAL=W')).toBe(1);
    for (const number of ['+442079460000', '1098', '09876543210']) {
      expect(await heard(number, '__RF_IN=1')).toBe(0);
      expect(await heard(number, '__RF_IN=1,__RF_DIAL=I')).toBe(0);
    }
  });
});

describe('service numbers', () => {
  it('stand behind extensions', async () => {
    await move('IN', '044');
    expect(await dial('198')).toBe(486);
    expect(invites(phone('desk'))).toHaveLength(1);
    await move('US', '212');
    expect(await dial('211')).toBe(486);
    expect(invites(phone('office'))).toHaveLength(1);
  });

  it('are what the provider adds, as dialled', async () => {
    await move('IN', '044', { service: ['1800*', '5551'] });

    expect(await dial('18001234')).toBe('18001234');
    expect(await dial('5551')).toBe('5551');
    expect(await dial('5551', 'zoe')).toBe('5551');
    expect(await dial('5551', 'tom')).toBe(403);
  });
});

it('an area code in another country has no effect, and its Location says so', async () => {
  await rig.edit(async () => {
    now = '';
    await rig.put('Organization', 'acme', { ...ORGANIZATION, location: { country: 'US' } });
    await rig.put('Location', 'office', { country: 'DE', areaCode: '030' });
  });

  expect(await dial('5551234')).toBe(404);
  expect(rig.condition('Location', 'office', 'NotImplementedYet')?.message).toContain('spec.areaCode has no effect');
});

it('the Organization’s own Location serves users who have none', async () => {
  await rig.edit(async () => {
    now = '';
    await rig.put('Organization', 'acme', { ...ORGANIZATION, location: { name: 'office' } });
    await rig.put('Location', 'office', { country: 'US', areaCode: '212' });
  });

  expect(await dial('5551234', 'zoe')).toBe('+12125551234');
});

it.each([
  ['E164NoPlus', '914412345678', '442079460000', '919876543210'],
  ['International', '00914412345678', '00442079460000', '00919876543210'],
  ['National', '04412345678', '00442079460000', '09876543210'],
  ['E164', '+914412345678', '+442079460000', '+919876543210'],
])('%s: caller ID and number go out in the same format', async (numberFormat, caller, world, home) => {
  await move('IN', '044');
  await rig.edit(() => rig.put('Trunk', 'raw', { ...TRUNK, outbound: { numberFormat } }));
  for (const [number, sent] of [
    ['00442079460000', world],
    ['9876543210', home],
  ] as const) {
    expect(await dial(number)).toBe(sent);
    const [invite] = invites(carrier);
    expect(invite && header(invite, 'from')).toContain(`<sip:${caller}@`);
    expect(invite && header(invite, 'p-asserted-identity')).toContain(`<sip:${caller}@`);
  }
  expect(await dial('1098')).toBe('1098');
});
