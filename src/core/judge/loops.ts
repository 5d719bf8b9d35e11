import { Memo } from '../memo.ts';
import { FALLBACK } from './destinations.ts';
import type { JudgedUser, RenderedUser } from './users.ts';

/**
 * Finds users whose "no answer", "busy" and "unreachable" lead in a circle. The engine's hop counter would cut it too;
 * here it is said, with the circle named, and the last step is replaced so that callers hear "unavailable" at once.
 */
export function cutLoops(judged: readonly JudgedUser[]): readonly JudgedUser[] {
  return cutLists.of(judged, [], () => cutAll(judged));
}

const cutLists = new Memo<readonly JudgedUser[], readonly JudgedUser[]>();

function cutAll(judged: readonly JudgedUser[]): readonly JudgedUser[] {
  // a circle leads through nobody else
  const byExtension = new Map<string, RenderedUser>();
  for (const { rendered } of judged) if (rendered && leadsOn(rendered)) byExtension.set(rendered.extension, rendered);
  if (byExtension.size === 0) return judged;
  const circles = circlesOf(byExtension);
  if (circles.size === 0) return judged;
  return judged.map(one => {
    const { rendered } = one;
    const members = rendered && circles.get(rendered);
    if (!rendered || !members) return one;
    const message = `Calls would go round in a circle: ${named(rendered, members)}; change the destination of one of them`;
    return {
      ...one,
      faults: [...one.faults, { reason: 'RoutingLoop', field: 'spec.ring', message }],
      rendered: {
        ...rendered,
        onNoAnswer: cut(rendered.onNoAnswer),
        onBusy: cut(rendered.onBusy),
        onOffline: cut(rendered.onOffline),
      },
    };
  });
}

function leadsOn({ onNoAnswer, onBusy, onOffline }: RenderedUser): boolean {
  return isPhone(onNoAnswer) || isPhone(onBusy) || isPhone(onOffline);
}

function cut(word: string): string {
  return nextExtension(word) === undefined ? word : FALLBACK;
}

function isPhone(word: string): boolean {
  return word.startsWith('user:') || word.startsWith('extension:');
}

function nextExtension(word: string): string | undefined {
  return isPhone(word) ? word.split(':')[1] : undefined;
}

function nextOf(user: RenderedUser, among: ReadonlyMap<string, RenderedUser>): RenderedUser[] {
  const words = [user.onNoAnswer, user.onBusy, user.onOffline];
  return words.flatMap(word => among.get(nextExtension(word) ?? '') ?? []);
}

/** Circles of so many users are named whole, the shortest way round; of larger ones some members. */
const NAMED_WHOLE = 50;
const SOME = 10;

function named(start: RenderedUser, members: readonly RenderedUser[]): string {
  const names = (users: readonly RenderedUser[]): string[] => users.map(({ user }) => user.metadata.name);
  if (members.length <= NAMED_WHOLE) return names(wayRound(start, members)).join(' → ');
  const some = [start, ...members.slice(0, SOME).filter(one => one !== start)].slice(0, SOME);
  return `${members.length} users lead to each other, among them ${names(some).join(', ')}`;
}

/** From `start` back to it, breadth first, so the shortest way. */
function wayRound(start: RenderedUser, members: readonly RenderedUser[]): RenderedUser[] {
  const among = new Map(members.map(member => [member.extension, member]));
  const queue: { user: RenderedUser; way: RenderedUser[] }[] = [{ user: start, way: [start] }];
  const seen = new Set<RenderedUser>();
  for (let at = queue.shift(); at; at = queue.shift()) {
    for (const next of nextOf(at.user, among)) {
      if (next === start) return [...at.way, start];
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push({ user: next, way: [...at.way, next] });
    }
  }
  return [start];
}

/**
 * Who is in a circle, and with whom: the strongly connected components of who leads to whom (Tarjan), so that a tenant
 * with thousands of users in one costs no more than a look at each. Without recursion, which would be as deep.
 */
function circlesOf(all: ReadonlyMap<string, RenderedUser>): ReadonlyMap<RenderedUser, readonly RenderedUser[]> {
  const circles = new Map<RenderedUser, readonly RenderedUser[]>();
  const order = new Map<RenderedUser, number>();
  const lowest = new Map<RenderedUser, number>();
  const open: RenderedUser[] = [];
  const isOpen = new Set<RenderedUser>();
  const lower = (user: RenderedUser, to: number): void => {
    lowest.set(user, Math.min(lowest.get(user) ?? to, to));
  };
  for (const root of all.values()) {
    const path: { user: RenderedUser; left: RenderedUser[] }[] = [];
    const enter = (user: RenderedUser): void => {
      order.set(user, order.size);
      lower(user, order.size - 1);
      open.push(user);
      isOpen.add(user);
      path.push({ user, left: nextOf(user, all) });
    };
    if (!order.has(root)) enter(root);
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const next = step.left.pop();
      if (next && !order.has(next)) enter(next);
      else if (next) {
        if (isOpen.has(next)) lower(step.user, order.get(next) ?? 0);
      } else {
        path.pop();
        const above = path.at(-1);
        if (above) lower(above.user, lowest.get(step.user) ?? 0);
        if (lowest.get(step.user) !== order.get(step.user)) continue;
        const members = open.splice(open.lastIndexOf(step.user));
        for (const member of members) isOpen.delete(member);
        if (members.length > 1 || nextOf(step.user, all).includes(step.user))
          for (const member of members) circles.set(member, members);
      }
    }
  }
  return circles;
}
