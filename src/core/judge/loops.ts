import { FALLBACK } from '../checks/destination.ts';
import type { JudgedUser, ResolvedUser } from '../kinds/sip-user/resolve.ts';
import { Memo } from '../memo.ts';

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
  const byExtension = new Map<string, ResolvedUser>();
  for (const { resolved } of judged) if (resolved && leadsOn(resolved)) byExtension.set(resolved.extension, resolved);
  if (byExtension.size === 0) return judged;
  const circles = circlesOf(byExtension);
  if (circles.size === 0) return judged;
  return judged.map(one => {
    const { resolved } = one;
    const members = resolved && circles.get(resolved);
    if (!resolved || !members) return one;
    const message = `Calls would go round in a circle: ${named(resolved, members)}; change the destination of one of them`;
    return {
      ...one,
      faults: [...one.faults, { reason: 'RoutingLoop', field: 'spec.ring', message }],
      resolved: {
        ...resolved,
        onNoAnswer: cut(resolved.onNoAnswer),
        onBusy: cut(resolved.onBusy),
        onOffline: cut(resolved.onOffline),
      },
    };
  });
}

function leadsOn({ onNoAnswer, onBusy, onOffline }: ResolvedUser): boolean {
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

function nextOf(user: ResolvedUser, among: ReadonlyMap<string, ResolvedUser>): ResolvedUser[] {
  const words = [user.onNoAnswer, user.onBusy, user.onOffline];
  return words.flatMap(word => among.get(nextExtension(word) ?? '') ?? []);
}

/** Circles of so many users are named whole, the shortest way round; of larger ones some members. */
const NAMED_WHOLE = 50;
const SOME = 10;

function named(start: ResolvedUser, members: readonly ResolvedUser[]): string {
  const names = (users: readonly ResolvedUser[]): string[] => users.map(({ user }) => user.metadata.name);
  if (members.length <= NAMED_WHOLE) return names(wayRound(start, members)).join(' → ');
  const some = [start, ...members.slice(0, SOME).filter(one => one !== start)].slice(0, SOME);
  return `${members.length} users lead to each other, among them ${names(some).join(', ')}`;
}

/** From `start` back to it, breadth first, so the shortest way. */
function wayRound(start: ResolvedUser, members: readonly ResolvedUser[]): ResolvedUser[] {
  const among = new Map(members.map(member => [member.extension, member]));
  const queue: { user: ResolvedUser; way: ResolvedUser[] }[] = [{ user: start, way: [start] }];
  const seen = new Set<ResolvedUser>();
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
function circlesOf(all: ReadonlyMap<string, ResolvedUser>): ReadonlyMap<ResolvedUser, readonly ResolvedUser[]> {
  const circles = new Map<ResolvedUser, readonly ResolvedUser[]>();
  const order = new Map<ResolvedUser, number>();
  const lowest = new Map<ResolvedUser, number>();
  const open: ResolvedUser[] = [];
  const isOpen = new Set<ResolvedUser>();
  const lower = (user: ResolvedUser, to: number): void => {
    lowest.set(user, Math.min(lowest.get(user) ?? to, to));
  };
  for (const root of all.values()) {
    const path: { user: ResolvedUser; left: ResolvedUser[] }[] = [];
    const enter = (user: ResolvedUser): void => {
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
