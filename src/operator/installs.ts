/**
 * Whether a tenant is still being installed: something new came a moment ago. By the monotonic clock from when it was
 * first seen, since the server's times are of another clock, and clocks jump. Milliseconds.
 */
const INSTALLED_MS = 15_000;

export class Installs {
  readonly #newest = new Map<string, { created: string; seenAt: number }>();

  /** Milliseconds until the tenant counts as installed if nothing comes; undefined: it does. */
  endsIn(namespace: string, created: string, now: number): number | undefined {
    const known = this.#newest.get(namespace);
    const seenAt = known?.created === created ? known.seenAt : now;
    this.#newest.set(namespace, { created, seenAt });
    const left = seenAt + INSTALLED_MS - now;
    return left > 0 ? left : undefined;
  }

  forget(namespace: string): void {
    this.#newest.delete(namespace);
  }
}
