import type { Logger } from '../../runtime/log.ts';
import type { CompleteBundle } from './bundle-reader.ts';
import { Candidate, missingDefinitions } from './candidate.ts';
import { bootVerdict } from './control-boot.ts';
import { currentOf, isSame } from './current.ts';
import type { Loader } from './loader.ts';
import type { Section } from './sections.ts';
import { BOOTS, GOOD_IN_FORCE, type Rejection } from './state.ts';
import type { Store } from './store.ts';
import type { Event } from './transitions.ts';

/**
 * Before the first boot of Asterisk: puts files in place that a throw-away Asterisk booted with, now or, the very same
 * ones and of this very image, in an earlier life.
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

  /** With a bundle, or the last known good instead. False: nothing of the kind yet. */
  async boot(bundle: CompleteBundle): Promise<boolean> {
    const { manifest, sections } = bundle;
    const { generation } = manifest;
    const missing = missingDefinitions(manifest, sections);
    if (missing !== undefined) return this.#reject({ is: 'Rejected', generation, error: missing }, sections);
    const candidate = new Candidate(generation, sections, this.#store.state.good?.parts ?? []);
    const installed = { current: currentOf(candidate, bundle), restartSafe: BOOTS };
    if (this.#wasProven(candidate)) {
      this.#log.info({ generation }, 'Started with what an Asterisk of this image booted with before');
      await this.#install({ ...installed, isUnread: true }); // so it is read back from the live one, and checked after that
      return true;
    }
    const verdict = await bootVerdict(candidate, () => this.#store.lastGood(), this.#loader, this.#log);
    if (!verdict.ok) return this.#reject({ is: 'Suspect', generation, error: verdict.error, bundle }, sections);
    await this.#install({ ...installed, isUnread: false });
    return true;
  }

  /** As long as there is no bundle to boot with: the last known good. `sections`: of the bundle that it stands in for. */
  async bootGood(sections?: readonly Section[]): Promise<boolean> {
    const good = this.#store.lastGood(sections);
    if (!good || !(this.#store.isProven || (await this.#loader.check(good.candidate)).ok)) return false;
    await this.#install({ current: good, isUnread: false, restartSafe: GOOD_IN_FORCE });
    return true;
  }

  #reject(rejection: Rejection, sections: readonly Section[]): Promise<boolean> {
    this.#store.dispatch({ is: 'RejectedBeforeBoot', rejection });
    this.#log.error({ reason: rejection.error }, 'Refused a bundle before boot');
    return this.bootGood(sections);
  }

  /** An Asterisk of this very image booted with the very same files before. */
  #wasProven(candidate: Candidate): boolean {
    const good = this.#store.isProven && this.#store.lastGood();
    return !!good && isSame(candidate, good.candidate);
  }

  async #install(installed: Omit<Extract<Event, { is: 'Installed' }>, 'is'>): Promise<void> {
    await this.#loader.putOnDisk(installed.current.candidate, []);
    this.#store.dispatch({ is: 'Installed', ...installed });
    await this.#store.registry.moveMailboxes().catch((error: unknown) => {
      this.#log.error({ err: error }, 'Failed to bring mailboxes to their owners, trying again later');
    });
    await this.#store.keep(installed.current);
  }
}
