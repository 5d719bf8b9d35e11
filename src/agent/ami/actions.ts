import { type AmiClient, AmiError } from './client.ts';

/** Typed actions that change the live PBX. */

const NO_CHANNEL = /No such channel|not found/i;

/** Ends one channel, by its whole name. */
export async function hangUpChannel(client: AmiClient, name: string): Promise<void> {
  await hangUp(client, name);
}

/**
 * uid of the owner of the endpoint at which a channel began (`set_var` of the endpoint). The endpoint's id may belong to
 * another owner by now. Empty: the channel does not name it, or has ended.
 */
export async function ownerOf(client: AmiClient, channel: string): Promise<string> {
  const answer = client.action('Getvar', { Channel: channel, Variable: 'RF_OWNER' });
  return answer.then(
    message => message['Value'] ?? '',
    (error: unknown) => {
      if (error instanceof AmiError && NO_CHANNEL.test(error.message)) return ''; // the channel has ended meanwhile
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

/** Makes Asterisk log a notice that has these words (main/manager.c). They must not be the name of a channel. */
export async function sayInLog(client: AmiClient, words: string): Promise<void> {
  await hangUp(client, words);
}

/** Keys of contacts in AstDB by AOR, also of AORs that do not exist any more. */
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

/** Deletes a key. It is no error if there is none: a contact may just have expired. */
export async function deleteKey(client: AmiClient, family: string, key: string): Promise<void> {
  await client.action('DBDel', { Family: family, Key: key }).catch((error: unknown) => {
    if (!(error instanceof AmiError) || !/could not be deleted|not found|did not exist/i.test(error.message))
      throw error;
  });
}

/** Deletes the count of calls to *97 that ended without the right PIN. */
export async function forgetPinTries(client: AmiClient, mailbox: string): Promise<void> {
  await deleteKey(client, 'rf-pin', mailbox);
}

/** Stores a value in AstDB, which outlives the Asterisk process. */
export async function putKey(
  client: AmiClient,
  { family, key, value }: { readonly family: string; readonly key: string; readonly value: string },
): Promise<void> {
  await client.action('DBPut', { Family: family, Key: key, Val: value });
}

/** Opens or closes the gate for lack of memory, which is independent of that for drains. */
export async function setMemoryGate(client: AmiClient, closed: boolean): Promise<void> {
  if (closed) await client.action('DBPut', { Family: 'ringfleet', Key: 'memory', Val: '1' });
  else await deleteKey(client, 'ringfleet', 'memory');
}

/**
 * Allows or refuses new subscriptions of phones to extensions (hints.conf), which then get 404. Existing subscriptions go on
 * and can be refreshed (test/calls/facts/memory.test.ts). A reload of the dialplan allows new ones again.
 */
export async function setLamps(client: AmiClient, open: boolean): Promise<void> {
  const change = open ? 'add include hints-users into hints' : 'remove include hints-users from hints';
  await client.command(`dialplan ${change}`).catch((error: unknown) => {
    if (!(error instanceof AmiError)) throw error; // Asterisk also reports an error if nothing had to be changed
  });
  const isOpen = (await client.command('dialplan show hints')).includes("'hints-users'");
  if (isOpen !== open) throw new AmiError(`Asterisk did not ${change}`);
}

/** Makes Asterisk return freed memory, which its allocator keeps, to the system. */
export async function trimMemory(client: AmiClient): Promise<void> {
  await client.command('malloc trim');
}

export async function reload(client: Pick<AmiClient, 'action'>, module: string, deadlineMs: number): Promise<void> {
  await client.action('Reload', { Module: module }, deadlineMs);
}
