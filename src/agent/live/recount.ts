import { type AmiClient, AmiError } from '../ami/client.ts';
import { bridges } from '../ami/queries.ts';

/**
 * Corrects the count of calls after an attended transfer. In each call only the caller's channel is counted, but a transfer
 * can leave two called channels (none is counted) or two callers (both are counted); then exactly one of them must count
 * (features.md T15). The event of the transfer is not trusted, because callers can write into it: all bridges with two
 * channels are looked at. If neither channel is counted, it may also be an emergency call, which is never counted; but then
 * the channel with which the call began is still in the bridge, and after a transfer it is not.
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

/** Whether the call began with this channel; also true if the channel has ended. */
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
