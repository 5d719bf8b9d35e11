import { z } from 'zod';
import {
  choice,
  e164,
  enumOf,
  extension,
  NO_EFFECT,
  objectName,
  reference,
  secretKey,
  secretReference,
  text,
  url,
} from './common.ts';

/** Where a call can go next. */

export const bot = z
  .strictObject({
    url: url('WebSocket address of the bot; wss:// for TLS.'),
    codec: enumOf(['ulaw', 'alaw', 'slin16'], 'Audio format on the WebSocket. Defaults to ulaw.').optional(),
    credentialsSecretRef: secretReference('the keys username and password for HTTP Basic authentication').optional(),
    caSecretRef: secretKey('the CA certificate that the certificate of the bot is verified with').optional(),
  })
  .describe(`A voice bot that takes the call over a WebSocket. ${NO_EFFECT}`);

const HANGUPS = ['Busy', 'Congestion', 'Unallocated', 'Rejected', 'Normal'] as const;

/** A destination of a kind that does not exist yet: callers get 480. */
const later = (kind: string, description: string) => reference(kind, `${description} ${NO_EFFECT}`).optional();

export function destination(use: string) {
  return choice(
    {
      user: z
        .strictObject({
          name: objectName('SipUser'),
          alias: text(
            '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
            40,
            `Name of one of the lines in sip.aliases of the user. ${NO_EFFECT}`,
          ).optional(),
        })
        .optional()
        .describe('Rings a SipUser; what its spec.ring says then applies to the call.'),
      voicemail: reference('SipUser', 'Records a message in the mailbox of a SipUser.').optional(),
      extension: extension('Internal extension that is called.').optional(),
      queue: later('CallQueue', 'Queues the call.'),
      ringGroup: later('RingGroup', 'Rings a group of users.'),
      menu: later('VoiceMenu', 'Plays a menu from which the caller chooses.'),
      conference: later('ConferenceRoom', 'Joins a conference room.'),
      schedule: later('Schedule', 'Chooses a destination by the time of day.'),
      number: e164('External number, called over a trunk of the organization.').optional(),
      bot: bot.optional(),
      playback: z
        .strictObject({ audio: reference('AudioFile', 'Audio file that is played.') })
        .optional()
        .describe(`Plays an audio file and then ends the call. ${NO_EFFECT}`),
      hangup: enumOf(
        HANGUPS,
        'Ends the call. Busy is 486, Congestion 503, Unallocated 404, Rejected 403 in SIP; Normal is an ordinary end.',
      ).optional(),
    },
    use,
  );
}

export type Destination = z.infer<ReturnType<typeof destination>>;
