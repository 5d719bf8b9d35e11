/**
 * Knows whether a tenant is still being installed, which it is for a while after its newest object was first seen. Times are
 * monotonic milliseconds, because the server's timestamps come from another clock.
 */
const WINDOW_MS = 15_000;

export class OnboardingWindow {
  #newest: { readonly created: string; readonly seenAt: number } | undefined;

  /** Milliseconds until the tenant counts as installed; undefined: it does. `created`: timestamp of the newest object. */
  endsIn(created: string, now: number): number | undefined {
    if (this.#newest?.created !== created) this.#newest = { created, seenAt: now };
    const left = this.#newest.seenAt + WINDOW_MS - now;
    return left > 0 ? left : undefined;
  }
}
