import type { AgentFile, BundleFile } from '../../api/asterisk-files.ts';
import type { BundleManifest } from '../../api/bundle.ts';
import { SHARED } from '../../api/bundle.ts';
import type { Quarantine } from '../../api/report.ts';
import { duplicates } from './attribution.ts';
import {
  type AssembledFile,
  assembledFile,
  type Definition,
  definitions,
  ownerDigest,
  type Section,
  sectionsByFile,
} from './sections.ts';

/**
 * A bundle that is to be loaded: the text of which objects is in it, and which objects were excluded, and why. An object
 * that Asterisk refuses first falls back to its last good text, so that a bad edit does not silence a phone that worked. It
 * is left out altogether only when that is refused too, or there is none. Pure.
 */
export class Candidate {
  readonly generation: string;
  readonly #all: readonly Section[];
  readonly #good: readonly Section[];
  readonly #reasons = new Map<string, string>();
  readonly #out = new Set<string>();
  #revision = 0;

  constructor(generation: string, all: readonly Section[], good: readonly Section[]) {
    this.generation = generation;
    this.#all = all;
    this.#good = good;
    for (const [owner, reason] of duplicates(definitions(all), definitions(good))) this.exclude(owner, reason);
  }

  /** A number that changes whenever something is excluded. */
  get revision(): number {
    return this.#revision;
  }

  /** Excludes an object: its new text first, then its last good text. False: nothing of it is left to exclude. */
  exclude(owner: string, reason: string): boolean {
    if (owner === SHARED) return false;
    if (this.#out.has(owner)) return false;
    const hasGood = this.#good.some(section => section.owner === owner);
    this.#revision++;
    const first = !this.#reasons.has(owner);
    if (first) this.#reasons.set(owner, reason);
    if (!first || !hasGood || this.#sameAsGood(owner) || this.#collides(owner)) this.#out.add(owner);
    return true;
  }

  sections(): Section[] {
    const kept = this.#all.filter(section => !this.#reasons.has(section.owner));
    const old = this.#good.filter(section => this.#reasons.has(section.owner) && !this.#out.has(section.owner));
    return [...kept, ...old].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  }

  definitions(): Definition[] {
    return definitions(this.sections());
  }

  /** Files of Asterisk, with the marker of this generation in them. */
  files(): Map<string, AssembledFile> {
    const all = sectionsByFile(this.sections(), new Set(this.#all.map(section => section.file)));
    const shared = (text: string): { owner: string; text: string } => ({ owner: SHARED, text });
    all.set(GENERATION_FILE, [shared(`[globals](+)\nRF_GENERATION=${this.generation}\n`)]);
    all.get(SENTINEL_FILE)?.push(shared(`[${sentinel(this.generation)}]\ntype=aor\n`));
    return new Map([...all].map(([file, texts]) => [file, assembledFile(texts)]));
  }

  quarantined(): Quarantine[] {
    return [...this.#reasons]
      .map(([object, reason]) => ({ object, digest: ownerDigest(object, this.#all), reason }))
      .sort((a, b) => (a.object < b.object ? -1 : 1));
  }

  #sameAsGood(owner: string): boolean {
    return ownerDigest(owner, this.#all) === ownerDigest(owner, this.#good);
  }

  /** Whether its last good text defines an id that another object has now. */
  #collides(owner: string): boolean {
    const own = new Set(
      definitions(this.#good.filter(section => section.owner === owner)).map(({ type, id }) => `${type}/${id}`),
    );
    return definitions(this.#all).some(({ type, id, owner: other }) => other !== owner && own.has(`${type}/${id}`));
  }
}

/** Included by `extensions.conf`. */
const GENERATION_FILE: AgentFile = 'extensions_generation.conf';
const SENTINEL_FILE: BundleFile = 'pjsip_aor.conf';

/** The name of an AOR that only shows which generation PJSIP has loaded. */
export function sentinel(generation: string): string {
  return `rf-generation-${generation}`;
}

/** Why a bundle is truncated: its text defines fewer objects than its manifest counts. Undefined: it is not. */
export function missingDefinitions(manifest: BundleManifest, sections: readonly Section[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { type } of definitions(sections)) counts.set(type, (counts.get(type) ?? 0) + 1);
  for (const [type, count] of Object.entries(manifest.expects)) {
    const defined = counts.get(type) ?? 0;
    if (defined < count) return `The bundle promises ${count} of type ${type} and defines ${defined}`;
  }
  return undefined;
}
