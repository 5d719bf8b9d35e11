import { expect, it } from 'vitest';
import type { AmiClient } from '../ami/client.ts';
import { MailboxesProbe } from './mailboxes.ts';

it('shows how many messages each mailbox has', async () => {
  const rows = [
    { VoiceMailbox: 'a1', NewMessageCount: '2', OldMessageCount: '1' },
    { VoiceMailbox: 'b2' }, // none was ever left
  ];
  const client = { list: async () => rows } as unknown as AmiClient;

  expect(await new MailboxesProbe().look(client)).toEqual({
    mailboxes: { a1: { new: 2, old: 1 }, b2: { new: 0, old: 0 } },
  });
});
