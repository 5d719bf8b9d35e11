import type { Logger } from '../../runtime/log.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import { Candidate, missingDefinitions } from './candidate.ts';
import { bootVerdict } from './control-boot.ts';
import { currentOf, isSame, standInFor } from './current.ts';
import type { Loader } from './loader.ts';
import { BOOTS, GOOD_IN_FORCE, type Rejection, TO_BE_CHECKED } from './state.ts';
import type { Store } from './store.ts';
import type { Event } from './transitions.ts';

/**
 * Before the first boot of Asterisk: puts files in place with which a throw-away Asterisk booted. When the same files already
 * booted with the same image, before the pod was restarted, they are not tried again.
 */
export class FirstBoot {
  readonly #store: Store;
  readonly #loader: Pick<Loader, 'check' | 'putOnDisk'>;
  readonly #log: Logger;

  constructor(store: Store, loader: Pick<Loader, 'check' | 'putOnDisk'>, log: Logger) {
    this.#store = store;
    this.#loader = loader;
    this.#log = log;
  }

  /** Puts a bundle in place, or the last known good if that is rejected. False: neither boots. */
  async boot(bundle: CompleteBundle): Promise<boolean> {
    const { manifest, sections } = bundle;
    const { generation } = manifest;
    const missing = missingDefinitions(manifest, sections);
    if (missing !== undefined) return this.#reject({ is: 'Rejected', generation, error: missing }, bundle);
    const candidate = new Candidate(generation, sections, this.#store.state.good?.parts ?? []);
    const installed = { current: currentOf(candidate, bundle), restartSafe: BOOTS };
    if (this.#wasProven(candidate)) {
      this.#log.info({ generation }, 'Started with what an Asterisk of this image booted with before');
      await this.#install({ ...installed, isUnread: true }); // the live Asterisk is asked what it loaded, and the restart check follows
      return true;
    }
    const verdict = await bootVerdict(candidate, () => this.#store.lastGood(), this.#loader, this.#log);
    if (!verdict.ok) return this.#reject({ is: 'Suspect', generation, error: verdict.error, bundle }, bundle);
    await this.#install({ ...installed, isUnread: false });
    return true;
  }

  /** Puts the last known good in place. `rejected`: the bundle that it replaces, if there is one, and why. */
  async bootGood(rejected?: { readonly bundle: CompleteBundle; readonly error: string }): Promise<boolean> {
    const { good: kept } = this.#store.state;
    const good = kept && rejected ? standInFor(rejected.bundle, kept, rejected.error) : this.#store.lastGood();
    if (!good || !(this.#store.isProven || (await this.#loader.check(good.candidate)).ok)) return false;
    await this.#install({ current: good, isUnread: false, restartSafe: GOOD_IN_FORCE });
    return true;
  }

  #reject(rejection: Rejection, bundle: CompleteBundle): Promise<boolean> {
    const { error } = rejection;
    this.#store.dispatch({ is: 'RejectedBeforeBoot', rejection });
    this.#log.error({ reason: error }, 'Refused a bundle before boot');
    return this.bootGood({ bundle, error });
  }

  /** Whether an Asterisk of the same image booted with the same files before. */
  #wasProven(candidate: Candidate): boolean {
    const good = this.#store.isProven && this.#store.lastGood();
    return !!good && isSame(candidate, good.candidate);
  }

  async #install(installed: Omit<Extract<Event, { is: 'Installed' }>, 'is'>): Promise<void> {
    await this.#loader.putOnDisk(installed.current.candidate, []);
    // a full state volume must not keep Asterisk from starting; the restart check keeps it later
    const restartSafe = await this.#store.keep(installed.current).then(
      () => installed.restartSafe,
      (error: unknown) => {
        this.#log.error({ err: error }, 'Failed to keep the last known good, trying again later');
        return TO_BE_CHECKED;
      },
    );
    this.#store.dispatch({ is: 'Installed', ...installed, restartSafe });
    await this.#store.registry.moveMailboxes().catch((error: unknown) => {
      this.#log.error({ err: error }, 'Failed to bring mailboxes to their owners, trying again later');
    });
  }
}
