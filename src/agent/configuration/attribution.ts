import { COMPLAINING } from '../../api/asterisk-files.ts';
import { SHARED } from '../../api/bundle.ts';
import { problems } from '../asterisk/asterisk-log.ts';
import type { AssembledFile, Definition } from './sections.ts';

/** Which object is the cause of what Asterisk says, or for what is missing. Pure. */

export interface Attribution {
  /** Owner → Asterisk's words. */
  readonly owners: ReadonlyMap<string, string>;
  /** Words that name nobody. */
  readonly unattributed: readonly string[];
}

/**
 * Log of a boot that nobody else could reach → owners, by the line number that words name or by the id in quotes. Of a
 * live Asterisk it says only that something may be wrong: others choose what stands in its log.
 */
export function attributeLog(
  log: string,
  files: ReadonlyMap<string, AssembledFile>,
  known: readonly Definition[],
): Attribution {
  const byId = new Map(known.map(({ id, owner }) => [id, owner]));
  const owners = new Map<string, string>();
  const unattributed: string[] = [];
  for (const { isError, source, words } of problems(log)) {
    if (!COMPLAINING.has(source)) continue;
    const owner = byLine(words, files) ?? byQuotedId(words, byId);
    if (owner && owner !== SHARED) owners.set(owner, owners.get(owner) ?? words);
    else if ((isError || /parse error/i.test(words)) && !HARMLESS.test(words)) unattributed.push(words);
  }
  return { owners, unattributed };
}

/** Why one that is not there is not, in Asterisk's words: those that name it. */
export function explanation(log: string, { type, id }: Definition): string {
  const named = problems(log).find(
    ({ source, words }) => COMPLAINING.has(source) && words.includes(`'${type}'`) && words.includes(`'${id}'`),
  );
  return named?.words ?? `The ${type} ${id} was not loaded`;
}

/** Said by every healthy boot too. */
const HARMLESS = /(no such file|Unable to load config file|Could not find|not found|does not exist)/i;

function byLine(words: string, files: ReadonlyMap<string, AssembledFile>): string | undefined {
  const match =
    /line (\d+) of (?:config(?:uration)? file )?'?([^\s']+\.conf)'?/i.exec(words) ??
    /([^\s'/]+\.conf):?\s*line (\d+)/i.exec(words);
  if (!match) return undefined;
  const [number, file] = /^\d+$/.test(match[1] ?? '') ? [match[1], match[2]] : [match[2], match[1]];
  return files.get(file?.split('/').pop() ?? '')?.ownerOf(Number(number));
}

function byQuotedId(words: string, byId: ReadonlyMap<string, string>): string | undefined {
  for (const match of words.matchAll(/'([^']+)'/g)) {
    const owner = byId.get(match[1] ?? '');
    if (owner) return owner;
  }
  return undefined;
}

/** Same id twice: Asterisk would refuse the whole type. Who had it before keeps it, else the first. */
export function duplicates(known: readonly Definition[], before: readonly Definition[]): Map<string, string> {
  const had = new Map(before.map(({ type, id, owner }) => [`${type}/${id}`, owner]));
  const seen = new Map<string, string>();
  const later = new Map<string, string>();
  for (const { type, id, owner } of known) {
    const key = `${type}/${id}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, owner);
      continue;
    }
    const [keeps, loses] =
      owner === SHARED || (had.get(key) === owner && first !== SHARED) ? [owner, first] : [first, owner];
    seen.set(key, keeps);
    later.set(loses, `The ${type} ${id} is defined twice; the other one is of ${keeps}`);
  }
  return later;
}

/** What should be loaded and is not. */
export function missing(known: readonly Definition[], loaded: ReadonlyMap<string, ReadonlySet<string>>): Definition[] {
  return known.filter(({ type, id }) => loaded.has(type) && loaded.get(type)?.has(id) === false);
}
