import { z } from 'zod';
import { DNS_LABEL, extension, metadata, statusBase } from './common.ts';
import { destination } from './destination.ts';
import { AGE, type KindInfo, READY, REASON } from './kind-info.ts';

/** ConferenceRoom: people who call it hear each other. */

export const conferenceRoomSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('ConferenceRoom'),
  metadata: metadata(DNS_LABEL, 40),
  spec: z
    .strictObject({
      extension: extension('Number by which the room is called, 2 to 8 digits.'),
      whenFull: destination('Where a call goes when the room is full.').optional(),
    })
    .describe('Desired state of the room.'),
  status: z
    .object({ ...statusBase, dial: z.string().max(8).optional().describe('Number to dial for the room.') })
    .describe('Observed state of the room, written by the operator.')
    .optional(),
});
export type ConferenceRoom = z.infer<typeof conferenceRoomSchema>;

export const conferenceRoomKind = {
  kind: 'ConferenceRoom',
  plural: 'conferencerooms',
  singular: 'conferenceroom',
  shortNames: ['room'],
  scope: 'Namespaced',
  description: 'A room in which callers hear each other.',
  schema: conferenceRoomSchema,
  columns: [{ name: 'EXT', jsonPath: '.spec.extension' }, READY, REASON, AGE],
  limit: { name: 'conferenceRooms', most: 1000, builtIn: 2, words: 'rooms' },
  people: 'own',
} as const satisfies KindInfo;
