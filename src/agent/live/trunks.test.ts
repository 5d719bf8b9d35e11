import { expect, it } from 'vitest';
import { problem } from '../../../test/problem.ts';
import type { AmiClient } from '../ami/client.ts';
import { TrunksProbe } from './trunks.ts';

const TRUNK = 'acme_t-carrier';
const REFUSED = problem(
  'res_pjsip_outbound_registration.c',
  "'401' fatal response received from 'sip:c' on registration attempt to 'sip:a@c:5060', retrying in '30' seconds",
);

let log = '';
const heard: boolean[] = [];
const probe = new TrunksProbe(async () => log, { looked: async (_, refused) => void heard.push(refused) });

function asterisk(Status: string): AmiClient {
  const row = {
    Event: 'OutboundRegistrationDetail',
    ObjectName: TRUNK,
    ServerUri: 'sip:c',
    ClientUri: 'sip:a@c:5060',
    Status,
  };
  const list = async (name: string): Promise<unknown[]> => (name === 'PJSIPShowRegistrationsOutbound' ? [row] : []);
  return { list, command: async () => '', action: async () => ({}) } as unknown as AmiClient;
}

const trunk = async (state: string): Promise<unknown> =>
  (await probe.look(asterisk(state), { trunkIds: [TRUNK], sipPort: 5060 })).trunks[TRUNK];

it('knows why a trunk is refused long after the log has said it, until it is registered', async () => {
  log = REFUSED;
  const refused = { registration: 'Rejected', lastCode: 401, lastText: 'Unauthorized', reachable: 'Unknown' };
  expect(await trunk('Rejected')).toEqual(refused);

  log = 'a line for each of five thousand mailboxes';
  expect(await trunk('Rejected')).toEqual(refused);

  expect(await trunk('Registered')).toMatchObject({ registration: 'Registered', lastCode: 200 });
  expect(await trunk('Rejected')).toEqual({ registration: 'Rejected', reachable: 'Unknown' });
});

it('has listened to Asterisk while a trunk is not registered, and only then', async () => {
  heard.length = 0;
  for (const state of ['Registered', 'Rejected', 'Unregistered', 'Registered']) await trunk(state);

  expect(heard).toEqual([false, true, true, false]);
});
