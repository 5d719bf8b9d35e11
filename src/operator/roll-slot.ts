/**
 * One tenant rolls at a time, so that a bad image stops at the first PBX that does not come back. A node that is being
 * emptied does not wait for it.
 */
export class RollSlot {
  #holder: string | undefined;

  isFreeFor(namespace: string): boolean {
    return this.#holder === undefined || this.#holder === namespace;
  }

  take(namespace: string): void {
    this.#holder ??= namespace;
  }

  /** True when it was this tenant's: others may be waiting. */
  release(namespace: string): boolean {
    if (this.#holder !== namespace) return false;
    this.#holder = undefined;
    return true;
  }
}
