import { LABEL_USER } from '../core/names.ts';
import type { InvalidObject, Manifest } from '../core/snapshot.ts';
import type { DirectoryContent } from './directory.ts';
import { uidOf } from './manifest-file.ts';

/**
 * Users who may be defined in a file that cannot be parsed: they have generated credentials, are in no other file, and their
 * names occur in the text of such a file. They count as invalid objects, so that they keep their credentials.
 */
export function unseen(
  { unread, objects, invalid }: Pick<DirectoryContent, 'unread' | 'objects' | 'invalid'>,
  credentials: readonly Manifest[],
): InvalidObject[] {
  if (unread.length === 0) return [];
  const words = new Set(unread.flatMap(text => text.match(/[-.a-z0-9]+/g) ?? []));
  const seen = new Set([...Object.values(objects).flat(), ...invalid].map(({ metadata }) => metadata.uid));
  return credentials
    .flatMap(({ metadata }) => metadata.labels?.[LABEL_USER] ?? [])
    .filter(name => words.has(name))
    .map(name => ({
      kind: 'SipUser',
      metadata: { name, uid: uidOf('SipUser', name) },
      violation: 'its file is unreadable',
    }))
    .filter(({ metadata }) => !seen.has(metadata.uid));
}
