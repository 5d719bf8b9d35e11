import type { ObjectOf } from '../../../api/index.ts';
import { overLimit } from '../../checks/over-limit.ts';
import { extensionLength, extensionReserved } from '../../checks/reserved.ts';
import { extensionTaken } from '../../checks/taken.ts';
import type { Check } from '../../finding.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';

type Room = ObjectOf<'ConferenceRoom'>;

const extensionOf = ({ spec }: Room): string => spec.extension;

/** What keeps a room from being in service, in the order in which it would be told. */
export const CHECKS: readonly Check<Room, TenantIndex>[] = [
  overLimit('ConferenceRoom', 'conference rooms'),
  extensionLength(extensionOf),
  extensionReserved(extensionOf),
  extensionTaken('ConferenceRoom', extensionOf),
];
