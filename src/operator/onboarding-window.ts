/**
 * Whether a tenant is still being installed: something new came a moment ago. By the monotonic clock from when it was
 * first seen, since the server's times are of another clock, and clocks jump. Milliseconds.
 */
const WINDOW_MS = 15_000;

export class OnboardingWindow {
  #newest: { readonly created: string; readonly seenAt: number } | undefined;

  /** `created`: of the newest object. Milliseconds until the tenant counts as installed if nothing comes; undefined: it does. */
  endsIn(created: string, now: number): number | undefined {
    if (this.#newest?.created !== created) this.#newest = { created, seenAt: now };
    const left = this.#newest.seenAt + WINDOW_MS - now;
    return left > 0 ? left : undefined;
  }
}
