import { z } from 'zod';
import { choice, e164, extension, reference, secretKey, secretReference, text, url } from './common.ts';

/** Where a call can go next. */

export const bot = z
  .strictObject({
    url: url('WebSocket of the bot; wss:// for TLS.'),
    codec: z.enum(['ulaw', 'alaw', 'slin16']).optional().describe('Audio format on the socket. Default ulaw.'),
    credentialsSecretRef: secretReference('the keys username and password for HTTP Basic').optional(),
    caSecretRef: secretKey('the CA certificate that the bot is verified with').optional(),
  })
  .describe('A voice bot that takes the call over a WebSocket.');

const HANGUPS = ['Busy', 'Congestion', 'Unallocated', 'Rejected', 'Normal'] as const;

export function destination(use: string) {
  return choice(
    {
      user: z
        .strictObject({
          name: reference('SipUser').shape.name,
          alias: text('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 40, 'One of the user’s lines.').optional(),
        })
        .optional()
        .describe('Rings a SipUser, with all her rules.'),
      voicemail: reference('SipUser whose mailbox takes the call').optional(),
      extension: extension('An internal extension.').optional(),
      queue: reference('CallQueue').optional(),
      ringGroup: reference('RingGroup').optional(),
      menu: reference('VoiceMenu').optional(),
      conference: reference('ConferenceRoom').optional(),
      schedule: reference('Schedule').optional(),
      number: e164('A number outside, dialled by the organization’s routes.').optional(),
      bot: bot.optional(),
      playback: z
        .strictObject({ audio: reference('AudioFile') })
        .optional()
        .describe('Plays an audio file, then hangs up.'),
      hangup: z.enum(HANGUPS).optional().describe('Ends the call in this way.'),
    },
    use,
  );
}

export type Destination = z.infer<ReturnType<typeof destination>>;
