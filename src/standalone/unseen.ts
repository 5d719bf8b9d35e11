import { LABEL_USER } from '../core/names.ts';
import type { InvalidObject, Manifest } from '../core/world.ts';
import type { DirectoryContent } from './directory.ts';
import { uidOf } from './manifest-file.ts';

/**
 * Who may be in a file that cannot be read: whoever has generated credentials and is in no other file. They exist, as far
 * as anybody knows, and keep what is theirs.
 */
export function unseen(
  { blind, users, invalid }: Pick<DirectoryContent, 'blind' | 'users' | 'invalid'>,
  credentials: readonly Manifest[],
): InvalidObject[] {
  if (!blind) return [];
  const seen = new Set([...users, ...invalid].map(({ metadata }) => metadata.uid));
  return credentials
    .flatMap(({ metadata }) => metadata.labels?.[LABEL_USER] ?? [])
    .map(name => ({
      kind: 'SipUser',
      metadata: { name, uid: uidOf('SipUser', name) },
      problem: 'its file is unreadable',
    }))
    .filter(({ metadata }) => !seen.has(metadata.uid));
}
