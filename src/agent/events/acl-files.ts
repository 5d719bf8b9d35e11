import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import { ACL_FILE } from '../asterisk/base-files.ts';
import { moveIn } from '../asterisk/config-files.ts';

/** The files of Asterisk's configuration that the guard reads and writes. */
export interface AclFiles {
  /** The text of a file; empty if there is none. */
  read(name: string): Promise<string>;
  /** Writes the file with the bans, if it changed. */
  write(text: string): Promise<void>;
  /** Makes a reload of `acl` read that file as well. */
  touch(): Promise<void>;
}

/** The module that reads it has no reload; it reads it again when named lists changed, by the time of their file. */
const NAMED_ACLS = 'acl.conf';

export function aclFiles(directory: string, clock: Clock): AclFiles {
  const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8').catch(() => '');
  return {
    read,
    write: async text => {
      if ((await read(ACL_FILE)) !== text) await moveIn(directory, new Map([[ACL_FILE, text]]), [ACL_FILE]);
    },
    touch: async () => {
      const now = new Date(clock.now());
      await utimes(join(directory, NAMED_ACLS), now, now);
    },
  };
}
