import { type AmiClient, AmiError, type AmiMessage } from './ami/client.ts';

/**
 * Keeps the count of calls right after an attended transfer: only the caller's channel is counted, and what is left
 * after one may be two called channels (none counted) or two callers' (both counted). One of the two then counts
 * (features.md T15).
 */
export async function recount(
  client: AmiClient,
  { TransfereeChannel, TransferTargetChannel }: AmiMessage,
): Promise<void> {
  if (!TransfereeChannel || !TransferTargetChannel) return;
  const counted = [await isCounted(client, TransfereeChannel), await isCounted(client, TransferTargetChannel)];
  if (!counted[0] && !counted[1]) await setCounted(client, TransfereeChannel, 'all');
  if (counted[0] && counted[1]) await setCounted(client, TransferTargetChannel, '');
}

async function isCounted(client: AmiClient, channel: string): Promise<boolean> {
  return unlessGone(async () => {
    const answer = await client.action('Getvar', { Channel: channel, Variable: 'GROUP(calls)' });
    return (answer['Value'] ?? '') !== '';
  });
}

async function setCounted(client: AmiClient, channel: string, value: string): Promise<void> {
  await unlessGone(async () => {
    await client.action('Setvar', { Channel: channel, Variable: 'GROUP(calls)', Value: value });
    return true;
  });
}

/** The call may have ended meanwhile. */
async function unlessGone(act: () => Promise<boolean>): Promise<boolean> {
  return act().catch((error: unknown) => {
    if (error instanceof AmiError) return false;
    throw error;
  });
}
