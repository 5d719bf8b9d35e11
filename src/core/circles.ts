/**
 * Members of cycles in a directed graph, each with all members of its strongly connected component (Tarjan's algorithm, linear
 * time). It is iterative, because a recursion would be as deep as the longest path, which may have thousands of members.
 */
export function circlesOf<T>(all: Iterable<T>, nextOf: (one: T) => readonly T[]): ReadonlyMap<T, readonly T[]> {
  const circles = new Map<T, readonly T[]>();
  const order = new Map<T, number>();
  const lowest = new Map<T, number>();
  const open: T[] = [];
  const isOpen = new Set<T>();
  const lower = (one: T, to: number): void => {
    lowest.set(one, Math.min(lowest.get(one) ?? to, to));
  };
  for (const root of all) {
    const path: { one: T; left: T[] }[] = [];
    const enter = (one: T): void => {
      order.set(one, order.size);
      lower(one, order.size - 1);
      open.push(one);
      isOpen.add(one);
      path.push({ one, left: [...nextOf(one)] });
    };
    if (!order.has(root)) enter(root);
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const next = step.left.pop();
      if (next !== undefined && !order.has(next)) enter(next);
      else if (next !== undefined) {
        if (isOpen.has(next)) lower(step.one, order.get(next) ?? 0);
      } else {
        path.pop();
        const above = path.at(-1);
        if (above) lower(above.one, lowest.get(step.one) ?? 0);
        if (lowest.get(step.one) !== order.get(step.one)) continue;
        const members = open.splice(open.lastIndexOf(step.one));
        for (const member of members) isOpen.delete(member);
        if (members.length > 1 || nextOf(step.one).includes(step.one))
          for (const member of members) circles.set(member, members);
      }
    }
  }
  return circles;
}
