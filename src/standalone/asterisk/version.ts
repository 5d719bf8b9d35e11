import type { AsteriskInstallation } from '../../agent/asterisk/installation.ts';
import { answer } from '../command.ts';

/** `22.10.1…`, or undefined when it does not run. */
export async function versionOf({ launch }: Pick<AsteriskInstallation, 'launch'>): Promise<string | undefined> {
  const [file = '', ...args] = launch([]).command;
  return versionIn(await answer(file, [...args, '-V']));
}

/** In the words of `asterisk -V`. */
export function versionIn(text = ''): string | undefined {
  return /Asterisk (\S+)/.exec(text)?.[1];
}
