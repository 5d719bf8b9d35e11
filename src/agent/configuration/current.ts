import type { CompleteBundle } from './bundle-reader.ts';
import { Candidate } from './candidate.ts';
import type { Section } from './sections.ts';
import type { GoodConfiguration } from './state-files.ts';

/** A configuration that is in force, or could be put in force. Pure. */
export interface Current {
  readonly candidate: Candidate;
  readonly sipPort: number | undefined;
  readonly restartFiles: readonly string[];
  /** uids of the objects in the wanted bundle, loaded or not. */
  readonly wanted: ReadonlySet<string>;
}

export function currentOf(candidate: Candidate, { manifest, sections }: CompleteBundle): Current {
  const { sipPort, restartFiles } = manifest;
  return { candidate, sipPort, restartFiles, wanted: uidsOf(sections) };
}

/** The last known good, to put in force. `sections`: those of the bundle that it replaces; by default its own. */
export function currentOfGood(good: GoodConfiguration, sections: readonly Section[] = good.parts): Current {
  const { generation, sipPort, restartFiles = [] } = good;
  return { candidate: new Candidate(generation, good.parts, []), sipPort, restartFiles, wanted: uidsOf(sections) };
}

/** What is kept of a configuration with which Asterisk boots. `fingerprint`: of the image, if it is known. */
export function goodOf({ candidate, sipPort, restartFiles }: Current, fingerprint?: string): GoodConfiguration {
  return {
    generation: candidate.generation,
    parts: candidate.sections(),
    restartFiles,
    ...(sipPort === undefined ? {} : { sipPort }),
    ...(fingerprint === undefined ? {} : { provenBy: fingerprint }),
  };
}

/** Whether Asterisk would read the same files, to the byte. */
export function isSame(one: Candidate, other: Candidate): boolean {
  const [files, others] = [one.files(), other.files()];
  return files.size === others.size && [...files].every(([name, { text }]) => others.get(name)?.text === text);
}

export function uidsOf(sections: readonly Section[]): Set<string> {
  return new Set(sections.map(({ uid }) => uid).filter(uid => uid !== ''));
}
