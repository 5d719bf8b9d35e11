import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { Candidate } from '../../src/agent/configuration/candidate.ts';
import { Loader } from '../../src/agent/configuration/loader.ts';
import { type Section, sectionsOfFragment } from '../../src/agent/configuration/sections.ts';
import type { Bundle } from '../../src/core/plan.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { findAsterisk } from '../../src/standalone/asterisk/find.ts';
import { user } from '../snapshots.ts';
import { spoiled } from '../spoiled.ts';
import { AgentRig, bundleFor, endpoints, loaded, restartSafe } from './agent-rig.ts';
import { freePorts } from './ports.ts';

/** A pod that starts with what its image booted with in an earlier life: it does not try that first, but afterwards. */
const PORT = await freePorts();
const SKIPPED = 'Started with what an Asterisk of this image booted with before';
let rig: AgentRig;

afterEach(() => rig?.stop());

const users = ['jane', 'john'].map((name, place) => user(name, `100${place + 1}`, {}, place));
const poison = user('poison', '1010', {}, 9);

const skipped = (): boolean => rig.said.some(line => line.includes(SKIPPED));

function checkRuns(): Promise<true> {
  const look = async () =>
    (await readdir(rig.scratch).catch(() => [])).some(name => name.startsWith('boot-check-')) || undefined;
  return until('a restart check', look, { deadlineMs: 20_000, everyMs: 5 });
}

function partsOf(texts: Bundle['texts']): Section[] {
  return [...texts].sort().flatMap(([key, text]) => sectionsOfFragment(key, text));
}

/** As if an earlier life had found it good. */
async function claim({ manifest, texts }: Bundle): Promise<void> {
  const path = join(rig.places.state, 'last-known-good.json');
  const good = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...good, generation: manifest.generation, parts: partsOf(texts) }));
}

async function proven(): Promise<Bundle> {
  rig = await AgentRig.start(PORT);
  const bundle = bundleFor(PORT, { users });
  await rig.publish(bundle);
  await loaded(rig, bundle.manifest.generation);
  await restartSafe(rig.agent);
  return bundle;
}

describe('what booted before', () => {
  it('is started with at once, and checked when it is in force', async () => {
    const bundle = await proven();
    expect(skipped()).toBe(false);

    await rig.kill();
    await loaded(rig, bundle.manifest.generation);

    expect(skipped()).toBe(true);
    await checkRuns();
    await restartSafe(rig.agent);
    expect(await endpoints(rig.agent)).toEqual(['acme_1001', 'acme_1002']);
  });

  it('is checked no more when the agent has ended', async () => {
    const bundle = await proven();
    await rig.kill();
    await loaded(rig, bundle.manifest.generation);
    await checkRuns();

    await rig.stopAgent();

    expect(await readdir(rig.scratch)).toEqual([]);
  });

  it('is read back all the same: what was good once, and is not now, is named', async () => {
    await proven();
    const bad = spoiled(bundleFor(PORT, { users: [...users, poison] }), 'pjsip_endpoint.conf', text =>
      text.replace('[acme_1010](user)', '[acme_1010](user)\nno_such_option=1'),
    );
    await Promise.all([rig.stopAgent(), rig.stopAsterisk()]);
    await claim(bad);
    await rig.publish(bad);

    rig.startAgent();
    rig.startAsterisk();
    await until(
      'the object to be named',
      () => rig.agent.report().quarantined.some(({ object }) => object === 'SipUser/poison') || undefined,
      { deadlineMs: 20_000 },
    );

    expect(skipped()).toBe(true);
    await loaded(rig, bad.manifest.generation);
    expect(await endpoints(rig.agent)).toEqual(['acme_1001', 'acme_1002']);
  });

  it('is not proven by an Asterisk that booted with what the live one refused meanwhile', async () => {
    const { manifest, texts } = await proven();
    let boots = 0;
    const found = await findAsterisk(line => console.log(line));
    const launch: typeof found.launch = folders => {
      boots++;
      return found.launch(folders);
    };
    const installation = { ...found, launch };
    const log = pino({ level: 'silent' });
    const loader = new Loader({ places: rig.places, scratch: rig.scratch, installation, clock: systemClock, log });
    const candidate = new Candidate(manifest.generation, partsOf(texts), []);

    const checked = loader.check(candidate);
    await until('the first to boot', () => boots === 1 || undefined, { deadlineMs: 10_000, everyMs: 1 });
    candidate.exclude('SipUser/john', 'The live one refused it');

    expect(await checked).toEqual({ ok: true });
    expect(boots).toBe(2);
  });
});
