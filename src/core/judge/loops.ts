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
  return judged.map(one => {
    const { rendered } = one;
    if (!rendered || !leadsOn(rendered)) return one;
    const circle = circleOf(rendered, byExtension);
    if (!circle) return one;
    const message = `Calls would go round in a circle: ${circle.join(' → ')}; change the destination of one of them`;
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

/** The names along a circle that leads back to `start`, or undefined. Breadth first, so the shortest one. */
function circleOf(start: RenderedUser, byExtension: ReadonlyMap<string, RenderedUser>): string[] | undefined {
  const queue: { user: RenderedUser; path: string[] }[] = [{ user: start, path: [start.user.metadata.name] }];
  const seen = new Set<string>();
  for (let at = queue.shift(); at; at = queue.shift()) {
    for (const word of [at.user.onNoAnswer, at.user.onBusy, at.user.onOffline]) {
      const next = byExtension.get(nextExtension(word) ?? '');
      if (!next) continue;
      if (next.id === start.id) return [...at.path, start.user.metadata.name];
      if (seen.has(next.id)) continue;
      seen.add(next.id);
      queue.push({ user: next, path: [...at.path, next.user.metadata.name] });
    }
  }
  return undefined;
}
