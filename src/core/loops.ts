import { FALLBACK } from './checks/destination.ts';
import { circlesOf } from './circles.ts';
import { type EvaluatedObjects, everyKind } from './kinds/index.ts';
import type { Evaluated, Onward } from './kinds/module.ts';
import { Memo } from './memo.ts';

/**
 * Finds objects that forward calls in a cycle, as users do by "no answer", "busy" and "unreachable". The engine's hop counter
 * would end such a call too. Here every object of the cycle gets a degradation that names the cycle, and its forwarding is
 * replaced, so that callers hear "unavailable" at once.
 */
export function cutLoops(objects: EvaluatedObjects): EvaluatedObjects {
  const [first = [], ...others] = LEADING.map(({ kind }) => objects[kind]);
  return { ...objects, ...cutLists.of(first, others, () => cutAll(objects)) };
}

type AnyEvaluated = Evaluated<{ readonly metadata: { readonly name: string } }>;

/** The kinds whose objects forward calls. */
const LEADING = everyKind.flatMap(([kind, { onward }]) => (onward ? [{ kind, onward }] : []));
/** Prefixes of the words that lead to an object of such a kind. */
const PREFIXES = LEADING.flatMap(({ onward }) => onward.prefixes.map(prefix => `${prefix}:`));

const cutLists = new Memo<readonly AnyEvaluated[], Partial<EvaluatedObjects>>();

/** An object that forwards calls. */
interface Step {
  readonly kind: string;
  readonly name: string;
  readonly resolved: unknown;
  /** The words that lead to it. */
  readonly reached: readonly string[];
  /** The words that it forwards to. */
  readonly words: readonly string[];
}

type Steps = ReadonlyMap<string, Step>;

function cutAll(objects: EvaluatedObjects): Partial<EvaluatedObjects> {
  // Only an object that forwards to another one can be part of a cycle.
  const byWord = new Map<string, Step>();
  for (const { kind, onward } of LEADING) addSteps(byWord, kind, objects[kind], onward);
  if (byWord.size === 0) return {};
  const found = circlesOf(new Set(byWord.values()), step => nextOf(step, byWord));
  if (found.size === 0) return {};
  const circles = new Map([...found].map(([step, members]) => [step.resolved, { step, members }]));
  const cut = LEADING.map(({ kind, onward }) => [kind, objects[kind].map(one => without(circles, one, onward))]);
  return Object.fromEntries(cut) as Partial<EvaluatedObjects>;
}

function addSteps(
  byWord: Map<string, Step>,
  kind: string,
  all: readonly AnyEvaluated[],
  { prefixes, key, words }: Onward<unknown>,
): void {
  for (const { object, resolved } of all) {
    if (!resolved) continue;
    const left = words(resolved);
    if (!left.some(isOnward)) continue;
    const reached = prefixes.map(prefix => `${prefix}:${key(resolved)}`);
    const step = { kind, name: object.metadata.name, resolved, reached, words: left };
    for (const word of reached) byWord.set(word, step);
  }
}

/** All members of the cycle that an object is in, by its resolved form. */
type Circles = ReadonlyMap<unknown, { readonly step: Step; readonly members: readonly Step[] }>;

function without(circles: Circles, one: AnyEvaluated, onward: Onward<unknown>): AnyEvaluated {
  const { resolved } = one;
  const found = circles.get(resolved);
  if (!found) return one;
  const message = `Calls would go round in a loop: ${named(found.step, found.members)}; change the destination of one of them`;
  return {
    ...one,
    degradations: [...one.degradations, { reason: 'RoutingLoop', field: onward.field, message }],
    resolved: onward.with(resolved, word => (isOnward(word) ? FALLBACK : word)),
  };
}

function isOnward(word: string): boolean {
  return PREFIXES.some(prefix => word.startsWith(prefix));
}

function nextOf(step: Step, among: Steps): Step[] {
  return step.words.flatMap(word => among.get(word) ?? []);
}

/** Up to so many members a message names the shortest way round; of a larger cycle it names some members. */
const NAMED_WHOLE = 50;
const SOME = 10;

function named(start: Step, members: readonly Step[]): string {
  const names = (steps: readonly Step[]): string[] =>
    steps.map(({ kind, name }) => (kind === 'SipUser' ? name : `${kind} ${name}`));
  if (members.length <= NAMED_WHOLE) return names(wayRound(start, members)).join(' → ');
  const some = [start, ...members.slice(0, SOME).filter(one => one !== start)].slice(0, SOME);
  return `${members.length} users lead to each other, among them ${names(some).join(', ')}`;
}

/** The shortest way from `start` back to it (breadth-first search). */
function wayRound(start: Step, members: readonly Step[]): Step[] {
  const among = new Map(members.flatMap(member => member.reached.map(word => [word, member] as const)));
  const queue: { step: Step; way: Step[] }[] = [{ step: start, way: [start] }];
  const seen = new Set<Step>();
  for (let at = queue.shift(); at; at = queue.shift()) {
    for (const next of nextOf(at.step, among)) {
      if (next === start) return [...at.way, start];
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push({ step: next, way: [...at.way, next] });
    }
  }
  return [start];
}
