/** Whether `live` says everything that `wanted` says. What the server adds (defaults, status, uid) does not count. */
export function covers(live: unknown, wanted: unknown): boolean {
  if (wanted === undefined || live === wanted) return true;
  if (typeof wanted !== 'object' || wanted === null) return false;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((item, place) => covers(live[place], item))
    );
  }
  const members = Object.keys(wanted);
  if (live === undefined) return members.length === 0;
  if (typeof live !== 'object' || live === null) return false;
  // a loop: of thousands of objects each member is looked at
  for (const member of members) {
    if (!covers((live as Record<string, unknown>)[member], (wanted as Record<string, unknown>)[member])) return false;
  }
  return true;
}

/** Both ways, so that what is gone counts as a change too. */
export function same(one: unknown, other: unknown): boolean {
  return covers(one, other) && covers(other, one);
}
