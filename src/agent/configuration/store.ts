import { type Current, currentOfGood, goodOf } from './current.ts';
import type { EndpointRegistry } from './endpoint-registry.ts';
import type { Section } from './sections.ts';
import { INITIAL, type State } from './state.ts';
import { readGood, writeGood } from './state-files.ts';
import { type Event, next } from './transitions.ts';

/** Events after which another configuration is in force, or the same one without some objects. */
const PUT_IN_FORCE: ReadonlySet<Event['is']> = new Set(['Installed', 'Loaded', 'Reverted', 'Reapplied', 'RolledBack']);

/** Holds the state of the configuration, and updates what depends on it: the owners of endpoints, and the file of the last known good. */
export class Store {
  readonly registry: EndpointRegistry;
  readonly #stateDir: string;
  readonly #fingerprint: string | undefined;
  #state: State = INITIAL;
  #turn: Promise<unknown> = Promise.resolve();

  /** `fingerprint`: of the image; without it every configuration is checked before a boot. */
  constructor(stateDir: string, registry: EndpointRegistry, fingerprint: string | undefined) {
    this.#stateDir = stateDir;
    this.registry = registry;
    this.#fingerprint = fingerprint;
  }

  get state(): State {
    return this.#state;
  }

  dispatch(event: Event): void {
    this.#state = next(this.#state, event);
    const { current } = this;
    if (current && PUT_IN_FORCE.has(event.is)) this.registry.setLoaded(current.candidate.sections(), current.wanted);
  }

  /** The configuration in force. */
  get current(): Current | undefined {
    const { inForce } = this.#state;
    return inForce.is === 'Nothing' ? undefined : inForce.current;
  }

  /** Reads what an earlier agent kept on disk. */
  async load(): Promise<void> {
    const good = await readGood(this.#stateDir);
    this.dispatch({ is: 'StateRead', good });
    await this.registry.loadState(good?.parts ?? []);
  }

  /** The last known good. `sections`: those of the bundle that it replaces. */
  lastGood(sections?: readonly Section[]): Current | undefined {
    const { good } = this.#state;
    return good && currentOfGood(good, sections);
  }

  /** Whether an Asterisk of the same image booted with the last known good. */
  get isProven(): boolean {
    const { good } = this.#state;
    return good?.provenBy !== undefined && good.provenBy === this.#fingerprint;
  }

  /** Keeps a configuration, with which an Asterisk booted, as the last known good. */
  async keep(current: Current): Promise<void> {
    const good = goodOf(current, this.#fingerprint);
    this.dispatch({ is: 'GoodKept', good });
    await writeGood(this.#stateDir, good);
  }

  /** Runs `act` when nothing else changes files or Asterisk. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => undefined); // the caller gets the error
    return done;
  }
}
