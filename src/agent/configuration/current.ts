import { textForDigest } from '../../api/bundle.ts';
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

/**
 * The last known good, to put in force instead of a bundle that was rejected for `reason`. If it is of the same generation, it
 * lacks what Asterisk refused of the bundle. These objects are excluded for the same reason, so that they are reported and tried again.
 */
export function standInFor({ manifest, sections }: CompleteBundle, good: GoodConfiguration, reason: string): Current {
  const current = currentOfGood(good, sections);
  if (good.generation !== manifest.generation) return current;
  const candidate = new Candidate(good.generation, sections, good.parts);
  const before = Map.groupBy(good.parts, ({ owner }) => owner);
  for (const [owner, texts] of Map.groupBy(sections, one => one.owner))
    if (textForDigest(texts) !== textForDigest(before.get(owner) ?? [])) candidate.exclude(owner, reason);
  return isSame(candidate, current.candidate) ? { ...current, candidate } : current;
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
