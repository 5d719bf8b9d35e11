import { COMPLAINING } from '../../api/asterisk-files.ts';
import { SHARED } from '../../api/bundle.ts';
import { problems } from '../asterisk/asterisk-log.ts';
import type { AssembledFile, Definition } from './sections.ts';

/** Finds the object that is the cause of a message in Asterisk's log, or of a missing object. Pure. */

export interface Attribution {
  /** Asterisk's message by owner. */
  readonly owners: ReadonlyMap<string, string>;
  /** Messages that name no object. */
  readonly unattributed: readonly string[];
}

/**
 * Attributes the messages of a log to owners, by the line number in a message or by an id in quotes. This is a proof only
 * for a throw-away Asterisk. For a live one it is a hint that something may be wrong, because callers and phones can write
 * into its log.
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

/** Why an object was not loaded: the first message of Asterisk that names it. */
export function explanation(log: string, { type, id }: Definition): string {
  const named = problems(log).find(
    ({ source, words }) => COMPLAINING.has(source) && words.includes(`'${type}'`) && words.includes(`'${id}'`),
  );
  return named?.words ?? `The ${type} ${id} was not loaded`;
}

/** Messages that every healthy boot has too. */
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

/**
 * Owners whose text defines an id that another owner has too, with a message. Asterisk would refuse all objects of the
 * type. The owner that had the id before keeps it, or else the first one.
 */
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

/** Definitions that should be loaded and are not. */
export function missing(known: readonly Definition[], loaded: ReadonlyMap<string, ReadonlySet<string>>): Definition[] {
  return known.filter(({ type, id }) => loaded.has(type) && loaded.get(type)?.has(id) === false);
}
