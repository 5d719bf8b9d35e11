import { firstFinding } from '../../finding.ts';
import type { KindModule } from '../module.ts';
import { CHECKS } from './checks.ts';
import { destinations } from './destinations.ts';
import { render } from './render.ts';
import { judgeRoom, type ResolvedRoom } from './resolve.ts';

/** ConferenceRoom: people who call it hear each other. */
export const conferenceRoom = {
  evaluate: (rooms, index) => rooms.map(room => judgeRoom(room, index)),
  unserved: (room, index) => firstFinding(CHECKS, room, index)?.reason,
  words: ['conference'],
  extension: {
    of: ({ spec }) => spec.extension,
    word: (_, name) => `conference:${name}`,
    label: ({ metadata }) => metadata.name,
  },
  destinations,
  onward: {
    prefixes: ['conference'],
    key: ({ name }) => name,
    words: ({ whenFull }) => [whenFull],
    with: (room, change) => ({ ...room, whenFull: change(room.whenFull) }),
    field: 'spec.whenFull',
  },
  render,
  status: ({ object, resolved }) => (resolved ? { members: { dial: object.spec.extension } } : {}),
} satisfies KindModule<'ConferenceRoom', ResolvedRoom>;
