import { type AmiClient, AmiError } from './client.ts';

/** Things done to the live PBX. */

const NO_CHANNEL = /No such channel|not found/i;

/** Ends one channel, by its whole name. */
export async function hangUpChannel(client: AmiClient, name: string): Promise<void> {
  await hangUp(client, name);
}

/** Whose endpoint a channel began at (`set_var` of the endpoint): its name may be another's now. Empty: it does not say. */
export async function ownerOf(client: AmiClient, channel: string): Promise<string> {
  const answer = client.action('Getvar', { Channel: channel, Variable: 'RF_OWNER' });
  return answer.then(
    message => message['Value'] ?? '',
    (error: unknown) => {
      if (error instanceof AmiError && NO_CHANNEL.test(error.message)) return ''; // it has ended meanwhile
      throw error;
    },
  );
}

export async function hangUpAll(client: AmiClient): Promise<void> {
  await hangUp(client, '/^.*$/');
}

async function hangUp(client: AmiClient, channel: string): Promise<void> {
  try {
    await client.action('Hangup', { Channel: channel, Cause: '16' });
  } catch (error) {
    if (!(error instanceof AmiError) || !NO_CHANNEL.test(error.message)) throw error;
  }
}

/** Makes it log a notice with these words (main/manager.c). They must be no channel's name. */
export async function sayInLog(client: AmiClient, words: string): Promise<void> {
  await hangUp(client, words);
}

/** AOR → keys of its contacts in AstDB. Also of AORs that no longer exist: that is what it is for. */
export async function storedContacts(client: AmiClient): Promise<Map<string, string[]>> {
  const output = await client.command('database show registrar/contact');
  const keys = new Map<string, string[]>();
  for (const match of output.matchAll(/^\/registrar\/contact\/(([^\s]+?);@[^\s]+)\s*:/gm)) {
    const [, key = '', aor = ''] = match;
    keys.set(aor, [...(keys.get(aor) ?? []), key]);
  }
  return keys;
}

export async function forgetContact(client: AmiClient, key: string): Promise<void> {
  await deleteKey(client, 'registrar/contact', key);
}

/** One that is not there is as good as deleted: a contact may have expired a moment ago. */
export async function deleteKey(client: AmiClient, family: string, key: string): Promise<void> {
  await client.action('DBDel', { Family: family, Key: key }).catch((error: unknown) => {
    if (!(error instanceof AmiError) || !/could not be deleted|not found|did not exist/i.test(error.message))
      throw error;
  });
}

/** What the engine counted of calls to *97 that ended without the right PIN. */
export async function forgetPinTries(client: AmiClient, mailbox: string): Promise<void> {
  await deleteKey(client, 'rf-pin', mailbox);
}

/** Into Asterisk's own database, which outlives its process. */
export async function putKey(
  client: AmiClient,
  { family, key, value }: { readonly family: string; readonly key: string; readonly value: string },
): Promise<void> {
  await client.action('DBPut', { Family: family, Key: key, Val: value });
}

/** The same for want of memory, beside a drain: neither opens what the other has closed. */
export async function setMemoryGate(client: AmiClient, closed: boolean): Promise<void> {
  if (closed) await client.action('DBPut', { Family: 'ringfleet', Key: 'memory', Val: '1' });
  else await deleteKey(client, 'ringfleet', 'memory');
}

/**
 * Whether phones may begin to watch extensions (hints.conf): who may not gets 404. What is watched already is told on
 * and may be refreshed (test/calls/facts/memory.test.ts). A reload of the dialplan lets everybody in again.
 */
export async function setLamps(client: AmiClient, open: boolean): Promise<void> {
  const change = open ? 'add include hints-users into hints' : 'remove include hints-users from hints';
  await client.command(`dialplan ${change}`).catch((error: unknown) => {
    if (!(error instanceof AmiError)) throw error; // also when it is so already: what counts is what it has then
  });
  const isOpen = (await client.command('dialplan show hints')).includes("'hints-users'");
  if (isOpen !== open) throw new AmiError(`Asterisk did not ${change}`);
}

/** Has it give back memory that it has freed and kept, to the system. */
export async function trimMemory(client: AmiClient): Promise<void> {
  await client.command('malloc trim');
}

export async function reload(client: Pick<AmiClient, 'action'>, module: string, deadlineMs: number): Promise<void> {
  await client.action('Reload', { Module: module }, deadlineMs);
}
