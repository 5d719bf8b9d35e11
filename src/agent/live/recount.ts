import { type AmiClient, AmiError } from '../ami/client.ts';
import { bridges } from '../ami/queries.ts';

/**
 * Keeps the count of calls right after an attended transfer: only the caller's channel is counted, and what is left
 * after one may be two called channels (none counted) or two callers' (both counted). One of the two then counts
 * (features.md T15). Whose call it was is not taken from the event, into which callers write: all pairs that talk are
 * asked. One of which nobody counts is a transfer's only when it began with a channel that has gone: that of an emergency
 * call, which takes nobody's place, is still there.
 */
export async function recount(client: AmiClient): Promise<void> {
  for (const { channels } of await bridges(client)) {
    const [one, other, ...more] = channels;
    if (one === undefined || other === undefined || more.length > 0) continue;
    const counted = [await isCounted(client, one), await isCounted(client, other)];
    const isNobodys =
      counted.every(known => known === false) && !(await began(client, one)) && !(await began(client, other));
    if (isNobodys) await setCounted(client, one, 'all');
    if (counted.every(known => known === true)) await setCounted(client, other, '');
  }
}

/** Undefined: the call ended meanwhile. */
async function isCounted(client: AmiClient, channel: string): Promise<boolean | undefined> {
  return unlessGone(async () => {
    const answer = await client.action('Getvar', { Channel: channel, Variable: 'GROUP(calls)' });
    return (answer['Value'] ?? '') !== '';
  });
}

/** Whether the call began with this channel, or it is not there to be asked. */
async function began(client: AmiClient, channel: string): Promise<boolean> {
  const ask = async (name: string): Promise<string | undefined> =>
    (await client.action('Getvar', { Channel: channel, Variable: `CHANNEL(${name})` }))['Value'];
  const answers = await unlessGone(async () => [await ask('uniqueid'), await ask('linkedid')]);
  return !answers || answers[0] === answers[1];
}

async function setCounted(client: AmiClient, channel: string, value: string): Promise<void> {
  await unlessGone(() => client.action('Setvar', { Channel: channel, Variable: 'GROUP(calls)', Value: value }));
}

async function unlessGone<T>(act: () => Promise<T>): Promise<T | undefined> {
  return act().catch((error: unknown) => {
    if (error instanceof AmiError) return undefined;
    throw error;
  });
}
