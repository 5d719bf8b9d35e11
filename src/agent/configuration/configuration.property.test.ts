import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asterisk, bundle, SILENT } from '../../../test/scripted-asterisk.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import { UnknownBundleError } from './bundle-reader.ts';
import { Candidate } from './candidate.ts';
import { Configuration } from './configuration.ts';
import type { Loader, Outcome } from './loader.ts';
import { sectionsOfFragment } from './sections.ts';
import { readGood } from './state-files.ts';

/** Whatever comes, in whatever order, and whatever Asterisk does with it. */

const GENERATIONS = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(16));
const BUNDLES = GENERATIONS.map((generation, at) => {
  const text = `;@ SipUser/jane u1\n[acme_1]\nedit=${at}\n;@ SipUser/john u2\n[acme_2]\nedit=${at % 2}\n`;
  return bundle(generation, sectionsOfFragment('pjsip_aor.conf.000', text));
});

type Answer = 'takes it' | 'refuses it' | 'refuses jane' | 'fails';
const answer = fc.constantFrom<Answer>('takes it', 'takes it', 'takes it', 'refuses it', 'refuses jane', 'fails');
const step = fc.record({
  does: fc.constantFrom('apply', 'apply', 'apply', 'check', 'check', 'retry', 'greet', 'note', 'restart'),
  at: fc.nat(BUNDLES.length - 1),
  /** Only while a throw-away Asterisk boots. */
  meanwhile: fc.option(fc.nat(BUNDLES.length - 1), { freq: 4 }),
});
const script = fc.record({
  boot: fc.boolean(),
  steps: fc.array(step, { maxLength: 25 }),
  answers: fc.array(answer, { minLength: 1 }),
});

/** One Asterisk that runs, throw-away ones, and a disk: what each of them was given, and what it did with it. */
class World {
  /** Texts that a throw-away Asterisk booted with, and that the live one was made to read last. */
  readonly booted = new Set<string>();
  live = '';
  disk = '';
  meanwhile: (() => Promise<unknown>) | undefined;
  #answers: readonly Answer[];
  #next = 0;

  constructor(answers: readonly Answer[]) {
    this.#answers = answers;
  }

  async check(candidate: Candidate): Promise<Outcome> {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    const outcome = this.#answer(candidate);
    if (outcome.ok) this.booted.add(textOf(candidate));
    return outcome;
  }

  async live_(candidate: Candidate): Promise<Outcome & { pending: string[] }> {
    this.disk = textOf(candidate);
    this.live = 'unknown';
    const outcome = this.#answer(candidate);
    this.disk = textOf(candidate);
    if (outcome.ok) this.live = this.disk;
    return { ...outcome, pending: [] };
  }

  async putOnDisk(candidate: Candidate): Promise<string[]> {
    this.disk = textOf(candidate);
    return [];
  }

  #answer(candidate: Candidate): Outcome {
    const said = this.#answers[this.#next++ % this.#answers.length];
    if (said === 'fails') throw new Error('No answer');
    if (said === 'refuses jane') candidate.exclude('SipUser/jane', 'refused');
    return said === 'refuses it' ? { ok: false, error: 'Refused' } : { ok: true };
  }

  asLoader(): Loader {
    const loader: Pick<Loader, 'check' | 'live' | 'putOnDisk'> = {
      check: candidate => this.check(candidate) as ReturnType<Loader['check']>,
      live: candidate => this.live_(candidate),
      putOnDisk: candidate => this.putOnDisk(candidate),
    };
    return loader as Loader;
  }
}

function textOf(candidate: Candidate): string {
  return JSON.stringify([...candidate.files()].map(([name, { text }]) => [name, text]).sort());
}

const clockAt = (now: () => number): Clock => ({ ...systemClock, monotonic: now });

it('says what is true, and keeps only what boots', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(script, async ({ boot, steps, answers }) => {
      const root = await mkdtemp(join(tmpdir(), 'ringfleet-property-'));
      const world = new World(answers);
      let now = 0;
      const born = async (): Promise<Configuration> => {
        const places = { config: root, state: root, run: root, spool: root, log: root };
        const made = new Configuration(world.asLoader(), {
          places,
          log: SILENT,
          clock: clockAt(() => now),
          fingerprint: 'one',
        });
        await made.loadState();
        return made;
      };
      let made = await born();
      /** Undefined: Asterisk did not answer. */
      const apply = async (at: number): Promise<void> => {
        const wanted = BUNDLES[at] ?? bundle('');
        const { generation } = wanted.manifest;
        const isThrough = await made.apply(wanted, asterisk).then(
          () => true,
          () => false,
        );
        if (!isThrough) made.failed(generation, 'Asterisk did not take it');
        const { seen, loaded, error } = made.report().bundle;
        expect(seen).toBe(generation);
        // it is in force, or it is said why not
        expect((loaded === seen) === (error === undefined) || !isThrough).toBe(true);
        if (!isThrough) return;
        if (loaded !== undefined) expect(world.live).toContain(`RF_GENERATION=${loaded}`);
        // what a crash would bring up is what runs
        if (loaded !== undefined) expect(world.disk).toBe(world.live);
      };
      const acts: Readonly<Record<string, (at: number) => Promise<unknown>>> = {
        apply,
        check: () => made.check(),
        retry: () => {
          now += 120_000;
          return made.retryRejected();
        },
        greet: () => made.onConnected(asterisk),
        note: async () => made.note(new UnknownBundleError('00000000000000ff', 2)),
        restart: async () => {
          made = await born();
        },
      };
      if (boot) await made.boot(BUNDLES[0] ?? bundle('')).catch(() => undefined);
      world.live = world.disk; // an Asterisk starts with it
      for (const { does, at, meanwhile } of steps) {
        world.meanwhile = meanwhile === null ? undefined : () => apply(meanwhile);
        await acts[does]?.(at).catch((error: Error) => expect(error.message).toBe('No answer'));
        world.meanwhile = undefined;
        const good = await readGood(root);
        if (good) expect(world.booted).toContain(textOf(new Candidate(good.generation, good.parts, [])));
        const { error, seen } = made.report().bundle;
        if (seen === '00000000000000ff') expect(error).toContain('needs the image');
      }
      await rm(root, { recursive: true, force: true });
    }),
    { numRuns: 150 },
  );
});
