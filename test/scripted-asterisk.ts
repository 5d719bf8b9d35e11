import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach } from 'vitest';
import type { AmiClient } from '../src/agent/ami/client.ts';
import type { CompleteBundle } from '../src/agent/configuration/bundle-reader.ts';
import type { Candidate } from '../src/agent/configuration/candidate.ts';
import { Configuration } from '../src/agent/configuration/configuration.ts';
import type { Loader, Outcome } from '../src/agent/configuration/loader.ts';
import { sectionsOfFragment } from '../src/agent/configuration/sections.ts';
import { writeGood } from '../src/agent/configuration/state-files.ts';
import { type Clock, systemClock } from '../src/runtime/clock.ts';

/** A configuration whose Asterisks, live and thrown away, answer what a test says. */
export const GOOD = 'aaaaaaaaaaaaaaaa';
export const NEW = 'bbbbbbbbbbbbbbbb';
export const SILENT = pino({ level: 'silent' });
export const YES: Outcome = { ok: true };
export const NO: Outcome = { ok: false, error: 'A throw-away Asterisk did not boot with it' };
export const SECTIONS = sectionsOfFragment('pjsip_aor.conf.000', ';@ SipUser/jane u1\n[acme_1]\n');

/** Says of each generation what throw-away Asterisks do with it, one after the other; the last answer stands. */
export class ScriptedLoader {
  readonly #answers: Map<string, Outcome[]>;
  /** How many throw-away Asterisks were booted, and how often the live one was made to read something. */
  boots = 0;
  loads = 0;
  /** The generation that an Asterisk would start with, and the one that the live one has; undefined: nobody knows. */
  disk: string | undefined;
  running: string | undefined;

  constructor(answers: Record<string, Outcome[]>) {
    this.#answers = new Map(Object.entries(answers));
  }

  /** What happens while an Asterisk boots. */
  meanwhile: () => Promise<void> = async () => undefined;

  /** Objects that a throw-away Asterisk refuses. */
  refuses: readonly string[] = [];

  async check(candidate: Candidate): Promise<Outcome> {
    const { generation } = candidate;
    this.boots++;
    await this.meanwhile();
    for (const object of this.refuses) candidate.exclude(object, 'refused');
    const answers = this.#answers.get(generation) ?? [];
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? YES;
  }

  /** What the live Asterisk does the next times; without a word it takes it. */
  readonly lives: (Outcome | Error)[] = [];

  async live(candidate: Candidate): Promise<Outcome & { pending: string[] }> {
    const { generation } = candidate;
    this.loads++;
    this.disk = generation;
    this.running = undefined;
    for (const object of this.refuses) candidate.exclude(object, 'refused');
    const outcome = this.lives.shift() ?? YES;
    if (outcome instanceof Error) throw outcome;
    if (outcome.ok) this.running = generation;
    return { ...outcome, pending: [] };
  }

  /** How often the disk is full. */
  full = 0;

  async putOnDisk({ generation }: Candidate): Promise<string[]> {
    if (this.full-- > 0) throw new Error('No space left on device');
    this.disk = generation;
    return [];
  }
}

export let root: string;
export const asterisk = { command: async () => '', list: async () => [] } as unknown as AmiClient;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ringfleet-configuration-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** With a last known good from before. */
export async function configuration(
  loader: ScriptedLoader,
  { provenBy, fingerprint, clock = systemClock }: { provenBy?: string; fingerprint?: string; clock?: Clock } = {},
): Promise<Configuration> {
  const places = { config: root, state: root, run: root, spool: root, log: root };
  await writeGood(root, { generation: GOOD, parts: SECTIONS, ...(provenBy === undefined ? {} : { provenBy }) });
  const made = new Configuration(loader as unknown as Loader, { places, log: SILENT, clock, fingerprint });
  await made.loadState();
  return made;
}

export function bundle(generation: string, sections = SECTIONS): CompleteBundle {
  const manifest = {
    version: 1,
    organization: 'acme',
    generation,
    fragments: [],
    expects: {},
    restartFiles: [],
    sipPort: 5060,
    rtp: { start: 10_000, end: 10_100 },
    kept: [],
  } as const;
  return {
    manifest: { ...manifest, fragments: [], restartFiles: [], kept: [] },
    sections,
    settings: { open: {}, secret: {} },
  };
}
