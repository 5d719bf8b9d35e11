import type { CompleteBundle } from './bundle-reader.ts';
import type { Candidate } from './candidate.ts';
import type { Part } from './sections.ts';

/** A configuration that is in force, or could be. Pure. */
export interface Current {
  readonly candidate: Candidate;
  readonly sipPort: number | undefined;
  readonly restartFiles: readonly string[];
  /** uids of objects that the wanted bundle has, loaded or not. */
  readonly wanted: ReadonlySet<string>;
}

export function currentOf(candidate: Candidate, { manifest, parts }: CompleteBundle): Current {
  const { sipPort, restartFiles } = manifest;
  return { candidate, sipPort, restartFiles, wanted: uidsOf(parts) };
}

/** To the byte what Asterisk would read. */
export function isSame(one: Candidate, other: Candidate): boolean {
  const [files, others] = [one.files(), other.files()];
  return files.size === others.size && [...files].every(([name, { text }]) => others.get(name)?.text === text);
}

export function uidsOf(parts: readonly Part[]): Set<string> {
  return new Set(parts.map(({ uid }) => uid).filter(uid => uid !== ''));
}
