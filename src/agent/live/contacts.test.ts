import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import type { AmiClient } from '../ami/client.ts';
import { ContactsProbe } from './contacts.ts';

const subject = { trunkIds: ['acme_t-carrier'], sipPort: 5060 };

function asterisk(...contacts: readonly [aor: string, uri: string][]): AmiClient {
  const rows = contacts.map(([AOR, URI]) => ({ AOR, URI, UserAgent: 'phone', Status: 'Reachable' }));
  return { list: async () => rows } as unknown as AmiClient;
}

it('shows phones by AOR, in an order of their own, and not the carrier behind a trunk', async () => {
  const probe = new ContactsProbe(new FakeClock());
  const live = asterisk(
    ['acme_1002', 'sip:b@127.0.0.2:5060'],
    ['acme_1001', 'sip:z@127.0.0.2:5060'],
    ['acme_t-carrier', 'sip:127.0.0.3:5060'],
    ['acme_1001', 'sip:a@127.0.0.2:5060'],
  );

  const { contacts } = await probe.look(live, subject);

  expect(Object.entries(contacts).map(([aor, all]) => [aor, all.map(({ uri }) => uri)])).toEqual([
    ['acme_1001', ['sip:a@127.0.0.2:5060', 'sip:z@127.0.0.2:5060']],
    ['acme_1002', ['sip:b@127.0.0.2:5060']],
  ]);
});

it('knows since when a phone is registered, until it is gone', async () => {
  const clock = new FakeClock();
  const probe = new ContactsProbe(clock);
  const phone = asterisk(['acme_1001', 'sip:a@127.0.0.2:5060']);
  const since = async (client: AmiClient): Promise<string | undefined> =>
    (await probe.look(client, subject)).contacts['acme_1001']?.[0]?.since;

  const first = await since(phone);
  await clock.advance(60_000);
  expect(await since(phone)).toBe(first); // only refreshed
  expect(await since(asterisk())).toBeUndefined();
  expect(await since(phone)).not.toBe(first);
});
