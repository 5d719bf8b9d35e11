import type { Destination } from '../../api/index.ts';
import type { Finding } from '../finding.ts';
import { objectLabel, parseObjectKey } from '../object-key.ts';
import type { Next, TenantIndex } from '../tenant-index/tenant-index.ts';
import { missing } from './reference.ts';

/** Q.850 causes with which the engine hangs up; chan_pjsip translates them to SIP codes. */
const CAUSES: Readonly<Record<string, number>> = { Busy: 17, Congestion: 34, Unallocated: 1, Rejected: 21, Normal: 16 };

/** The word where a destination cannot be resolved: callers get 480 Temporarily Unavailable. */
export const FALLBACK = 'hangup:19';

/** Resolves a destination to a word of the engine. `field`: where it stands in the object, for the message. */
export function resolveDestination(destination: Destination, field: string, index: TenantIndex): Next {
  const next = resolve(destination, field, index);
  const outdated = 'word' in next ? engineOutdated(next.word.split(':')[0] ?? '', field, index) : undefined;
  return outdated ? { violation: outdated } : next;
}

/** The finding when a field needs a newer engine than the running one; undefined: the engine knows it. */
function engineOutdated(feature: string, field: string, { engineLacks }: TenantIndex): Finding | undefined {
  const needed = engineLacks.get(feature);
  if (needed === undefined) return undefined;
  const message = `${field} needs version ${needed} of the dialplan engine, and the PBX runs an older one until it is replaced (see RollPending of the Organization); until then callers get "unavailable"`;
  return { reason: 'EngineOutdated', field, message };
}

function resolve(destination: Destination, field: string, index: TenantIndex): Next {
  const [member, value] = Object.entries(destination)[0] ?? [];
  switch (member) {
    case 'extension':
      return toExtension(String(value), field, index);
    case 'number':
      return { word: `number:${String(value)}` };
    case 'hangup':
      return { word: `hangup:${CAUSES[String(value)] ?? 16}` };
  }
  const toKind = index.destinations[member as keyof Destination] as
    | ((value: unknown, field: string, index: TenantIndex) => Next)
    | undefined;
  return toKind?.(value, field, index) ?? { violation: notYet(member, field) };
}

function notYet(member: string | undefined, field: string): Finding {
  const message = `${field}: destination ${member ?? 'without a member'} has no effect in this release; callers get "unavailable"`;
  return { reason: 'NotImplementedYet', field, message };
}

/** The finding for a destination that exists but is not in service (`why`): callers hear "unavailable" at once. */
export function notServed(what: string, why: string | undefined, field: string): Next | undefined {
  if (why === undefined) return undefined;
  const message = `${field} leads to ${what}, which is not in service (${why}); callers get "unavailable". Fix it, or choose another destination`;
  return { violation: { reason: 'ReferenceNotReady', field, message } };
}

function toExtension(extension: string, field: string, { identities, unserved, extensionWords }: TenantIndex): Next {
  const owner = identities.ownerOfExtension.get(extension);
  if (owner === undefined) {
    const message = `${field}: no object of this organization has extension ${extension}; create it or choose another`;
    return { violation: { reason: 'ReferenceNotFound', field, message } };
  }
  const { kind, name } = parseObjectKey(owner);
  const word = extensionWords[kind]?.(extension, name) ?? FALLBACK;
  return notServed(`extension ${extension} of ${objectLabel(owner)}`, unserved[kind].get(name), field) ?? { word };
}

/**
 * The number to show as caller ID, by reference. '' and a degradation: there is no such number, or it is not in service,
 * because the provider did not allow it or another organization has it.
 */
export function resolveNumber(
  name: string | undefined,
  field: string,
  { objects, unserved }: TenantIndex,
  degradations: Finding[],
): string {
  if (name === undefined) return '';
  const number = objects.PhoneNumber.get(name);
  if (!number) {
    degradations.push(missing('PhoneNumber', name, field));
    return '';
  }
  const refused = numberRefused(name, field, unserved.PhoneNumber.get(name));
  if (refused) degradations.push(refused);
  return refused ? '' : number.spec.number;
}

/** The finding for a number that is not in service (`why`), so that it is not shown. */
export function numberRefused(name: string, field: string, why: string | undefined): Finding | undefined {
  if (why === undefined) return undefined;
  const message = `${field}: PhoneNumber ${name} is refused (${why}), so it is not shown as caller ID; see its status, or choose another`;
  return { reason: 'ReferenceNotReady', field, message };
}
