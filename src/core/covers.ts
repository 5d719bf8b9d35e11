/** Whether `live` says everything that `wanted` says. What the server adds (defaults, status, uid) does not count. */
export function covers(live: unknown, wanted: unknown): boolean {
  if (wanted === undefined || live === wanted) return true;
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((item, place) => covers(live[place], item))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (live === undefined) return Object.keys(wanted).length === 0;
    if (typeof live !== 'object' || live === null) return false;
    return Object.keys(wanted).every(member =>
      covers((live as Record<string, unknown>)[member], (wanted as Record<string, unknown>)[member]),
    );
  }
  return false;
}

/** Both ways, so that what is gone counts as a change too. */
export function same(one: unknown, other: unknown): boolean {
  return covers(one, other) && covers(other, one);
}
