import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SipClient } from '../sip.ts';
import { House, OUTSIDE } from './house.ts';

/** I have the password of a phone that may call inside only, and I register what I like. Who calls me dials for me. */
let house: House;

beforeAll(async () => {
  house = await House.open({
    users: {
      mallory: {
        extension: '1006',
        permissions: { dial: ['Internal'] },
        voicemail: { enabled: false },
        sip: { maxContacts: 1, qualifySeconds: 0 },
      },
    },
  });
});

afterAll(() => house?.close());

afterEach(() => house.quiet());

/** Registers zoe's phone there. An address that Asterisk does not even read is as good as refused. */
async function registered(contact: string): Promise<boolean> {
  const auth = house.rig.credentials('zoe');
  const answer = await house
    .phone('zoe')
    .register(auth.username, { auth, contact, deadlineMs: 2_000 })
    .catch(() => undefined);
  return answer?.final.code === 200;
}

describe('a phone that registers at', () => {
  it.each([
    `sip:a&Local/${OUTSIDE}@to-number`,
    `sip:a&Local/${OUTSIDE}%40to-number@127.0.0.4`,
    `sip:a&Local/+442079460000@send`,
    `sip:a&Local/1@emergency-next`,
    `sip:a&Local/112@to-emergency`,
    `sip:a&Local/s@feature-voicemail`,
    `sip:a&Local/${OUTSIDE}@from-user`,
    `sip:a&Local/${OUTSIDE}@transferred`,
    `sip:a&PJSIP/${OUTSIDE}%40acme_t-raw@127.0.0.4`,
    `sip:a&PJSIP/acme_1002@127.0.0.4`,
    `sip:a,60,G(to-number^${OUTSIDE}^1)@127.0.0.4`,
    `sip:a,60,U(send)@127.0.0.4`,
    `sip:b@127.0.0.4;x=a&Local/${OUTSIDE}@to-number`,
    `sip:b@127.0.0.4;x=a,60,b(send^s^1)`,
    `sip:b'&Local/${OUTSIDE}'@to-number`,
    `sip:(a)&Local/${OUTSIDE}@to-number`,
    'sip:$[1]@127.0.0.4',
    'sip:a/b@127.0.0.4',
    'sip:a@127.0.0.4?X=1&Local/112@to-emergency',
  ])('%s reaches nobody by it', async contact => {
    await registered(contact);
    const { final } = await house.dial('jane', '1003');

    expect(final.code).toBe(480);
    await house.silent();
    expect([house.left, house.rang('john')]).toEqual([[], []]);
  });

  it('another address beside its real one rings at the real one', async () => {
    const spec = { extension: '1003', voicemail: { enabled: false }, sip: { qualifySeconds: 0 } };
    await house.rig.edit(() => house.rig.put('SipUser', 'zoe', spec));
    expect(await registered(house.phone('zoe').contact)).toBe(true);
    expect(await registered(`sip:a&Local/${OUTSIDE}@to-number`)).toBe(true);
    const { final } = await house.dial('jane', '1003');

    expect(house.rang('zoe')).toHaveLength(1);
    expect(final.code).toBe(486);
    expect(house.left).toEqual([]);
  });

  it.each([
    ';transport=udp',
    ';ob',
    ';rinstance=a1b2c3d4e5f60718',
    ';line=lyx-34.1_2',
    ';alias=10.0.0.7~5060~1;x=%20y',
    ';gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
  ])('its real address with a parameter (%s), as honest phones do, rings', async parameters => {
    expect(await registered(`${house.phone('zoe').contact}${parameters}`)).toBe(true);
    await house.dial('jane', '1003');

    expect(house.rang('zoe').length).toBeGreaterThan(0);
  });
});

describe('a phone that registers at the carrier’s, from the carrier’s port, with a number of its choice', () => {
  it.each([
    'sip:+442079460000@127.0.0.5:{port}',
    'sip:+442079460000@127.5:{port}',
    'sip:+442079460000@2130706437:{port}',
    'sip:+442079460000@0x7f.0.0.5:{port}',
    'sip:+442079460000@127.0.0.05:{port}',
    'sip:+442079460000@127.0.0.4:{port};maddr=127.0.0.5',
    'sip:+442079460000@127.0.0.4:{port};MADDR=127.0.0.5',
    'sip:+442079460000@127.0.0.4:{port};m%61ddr=127.0.0.5',
    'sip:+442079460000@127.0.0.4:{port};m%2561ddr=127.0.0.5',
  ])('%s calls nobody there, whether its address is rewritten or not', async contact => {
    const { port } = house.carrier;
    for (const [name, extension] of [
      ['mallory', '1006'],
      ['zoe', '1003'],
    ] as const) {
      const phone = await SipClient.open(house.port, '127.0.0.4', port);
      const auth = house.rig.credentials(name);
      await phone.register(auth.username, { auth, contact: contact.replace('{port}', String(port)) });
      await house.dial('jane', extension);
      await phone.close();
    }
    expect(house.left).toEqual([]);
  });
});
