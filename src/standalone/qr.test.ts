import { expect, it } from 'vitest';
import { snapshot, user } from '../../test/snapshots.ts';
import { printQr } from './qr.ts';

it('says that there is no user of the name that was given', async () => {
  const said: string[] = [];
  await printQr({ snapshot: snapshot({ users: [user('jane', '1001')] }) }, 'jnae', line => said.push(line));

  expect(said).toEqual([expect.stringMatching(/^There is no SipUser jnae /)]);
});
