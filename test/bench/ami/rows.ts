import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { systemClock } from '../../../src/runtime/clock.ts';
import { BareAsterisk, userFiles } from '../../calls/facts/bare-asterisk.ts';
import { freePorts } from '../../calls/ports.ts';
import { SipClient } from '../../calls/sip.ts';
import { type ScriptedManager, scriptedManager } from '../../scripted-manager.ts';
import { duration, megabytes, percentile, type Row } from '../table.ts';
import { HOSTILE } from './hostile.ts';

/**
 * Our way to the manager, and the npm package `asterisk-manager` in its place, each under the same client and in turns:
 * `guarded` with all that can be put around it, `framed` with our own framing before its reader as well, and, where it
 * is about strangers, `plain` as its README has it.
 */
const WIRES = ['own', 'guarded', 'framed'] as const;
const ROUNDS = 3;
const USERS = 5_000;
const MINUTE = 60;

/** What a process of one way told; `undefined`: it was ended, since it had not done in its time. */
interface Told {
  readonly error?: string;
  readonly delays?: readonly number[];
  readonly ms: number;
  readonly cpuMs: number;
  readonly peak: number;
  readonly blockedMs: number;
}

interface Ask {
  readonly task: string;
  readonly port: number;
  readonly what?: string;
  readonly number?: number;
  readonly patienceMs?: number;
  /** What is done while it waits. */
  readonly meanwhile?: () => Promise<void>;
}

async function ask(wire: string, { task, port, what, number = 0, ...more }: Ask): Promise<Told | undefined> {
  const child = fork(join(import.meta.dirname, 'subject.ts'), {
    env: {
      ...process.env,
      BENCH_WIRE: wire,
      BENCH_TASK: task,
      BENCH_PORT: String(port),
      BENCH_WHAT: what ?? '',
      BENCH_NUMBER: String(number),
    },
  });
  const done = new AbortController();
  const late = systemClock.sleep(more.patienceMs ?? 120_000, done.signal).then(
    () => child.kill('SIGKILL'),
    () => undefined, // it has told
  );
  const told = await answerOf(child, more.meanwhile);
  done.abort();
  await late;
  return told;
}

async function answerOf(child: ChildProcess, meanwhile: Ask['meanwhile']): Promise<Told | undefined> {
  const exited = once(child, 'exit');
  let told: Told | undefined;
  child.on('message', async message => {
    if (message !== 'ready') told = message as Told;
    else await meanwhile?.().then(() => child.send('go'));
  });
  await exited;
  return told;
}

/** In turns, so that what else the machine does falls on all. */
async function inTurns(
  wires: readonly string[],
  asked: Ask,
  rounds = ROUNDS,
): Promise<Map<string, (Told | undefined)[]>> {
  const all = new Map<string, (Told | undefined)[]>(wires.map(wire => [wire, []]));
  for (let round = 0; round < rounds; round++) for (const [wire, results] of all) results.push(await ask(wire, asked));
  return all;
}

type Say = (told: readonly Told[]) => string;

function row(what: string, goal: string, results: Map<string, (Told | undefined)[]>, meets: Met, say: Say): Row {
  const texts: string[] = [];
  const numbers: Record<string, number> = {};
  for (const [wire, all] of results) {
    const told = all.filter(one => one !== undefined && one.error === undefined) as Told[];
    const failures = all.filter(one => one?.error !== undefined || one === undefined);
    const errors = new Set(failures.map(one => one?.error ?? 'ended: it did not come back'));
    texts.push(`${wire}: ${[...(told.length > 0 ? [say(told)] : []), ...errors].join('; ')}`);
    numbers[`${wire} failed`] = failures.length;
    for (const key of ['ms', 'cpuMs', 'peak', 'blockedMs'] as const) numbers[`${wire} ${key}`] = median(told, key);
  }
  const own = results.get('own') ?? [];
  const met = own.every(one => one !== undefined && one.error === undefined && meets(one));
  return { section: 'manager', what, goal, measured: texts.join(' — '), met, numbers };
}

type Met = (told: Told) => boolean;

function median(told: readonly Told[], key: 'ms' | 'cpuMs' | 'peak' | 'blockedMs'): number {
  return percentile(
    told.map(one => one[key]),
    0.5,
  );
}

const costs: Say = told =>
  `${duration(median(told, 'ms'))}, CPU ${duration(median(told, 'cpuMs'))}, peak ${megabytes(median(told, 'peak'))}`;

const events: Say = told => {
  const delays = told.flatMap(one => one.delays ?? []);
  const [p50, p99] = [percentile(delays, 0.5), percentile(delays, 0.99)];
  const share = (100 * median(told, 'cpuMs')) / median(told, 'ms');
  return `${delays.length} heard, p50 ${duration(p50)}, p99 ${duration(p99)}, CPU ${share.toFixed(1)} %`;
};

export async function amiRows(say: (line: string) => void): Promise<Row[]> {
  const manager = await scriptedManager();
  try {
    return [...(await scriptedRows(manager, say)), ...(await realRows(say))];
  } finally {
    await manager.stop();
  }
}

async function scriptedRows(manager: ScriptedManager, say: (line: string) => void): Promise<Row[]> {
  const { port } = manager;
  const rows: Row[] = [];
  const measure = async (
    what: string,
    goal: string,
    asked: Omit<Ask, 'port'>,
    meets: Met,
    text = costs,
    rounds = ROUNDS,
  ) => {
    say(what);
    rows.push(row(what, goal, await inTurns(WIRES, { port, ...asked }, rounds), meets, text));
  };
  await measure(`${USERS} endpoints listed`, 'all, ≤ 500 ms', { task: 'list', number: USERS }, one => one.ms <= 500);
  const heard = (one: Told, count: number): boolean =>
    one.delays?.length === count && percentile(one.delays, 0.99) <= 50;
  for (const [seconds, rounds] of [
    [20, ROUNDS],
    [MINUTE, 1],
  ] as const) {
    const asked = { task: 'events', number: seconds };
    const what = `1,000 events/s for ${seconds} s`;
    await measure(what, 'all, p99 ≤ 50 ms', asked, one => heard(one, seconds * 1_000), events, rounds);
  }
  await measure('cut off in the middle of a list', 'an error, ≤ 500 ms', { task: 'cut' }, one => one.ms <= 500);
  for (const [mebibytes, rounds] of [
    [1, ROUNDS],
    [4, ROUNDS],
    [16, 1],
    [63, 1],
  ] as const) {
    const asked = { task: 'answer', number: mebibytes, patienceMs: 150_000 };
    await measure(`an answer of ${mebibytes} MiB`, 'whole, ≤ 10 s', asked, one => one.ms <= 10_000, costs, rounds);
  }
  await measure('nobody answers for 0.5 s, then left', 'an error, ≤ 1 s', { task: 'silence' }, one => one.ms <= 1_000);
  say('What strangers write');
  return [...rows, await strangers(manager)];
}

async function strangers(manager: ScriptedManager): Promise<Row> {
  const wires = ['own', 'plain', 'guarded', 'framed'];
  const harmed = new Map<string, string[]>(wires.map(wire => [wire, []]));
  for (const what of Object.keys(HOSTILE)) {
    for (const [wire, harms] of harmed) {
      const told = await ask(wire, { task: 'hostile', port: manager.port, what, patienceMs: 15_000 });
      if (!told) harms.push(`${what}: the process hangs`);
      else if (told.error) harms.push(`${what}: ${told.error}`);
    }
  }
  for (const [wire, harms] of harmed) {
    const before = manager.heard.length;
    await ask(wire, { task: 'lines', port: manager.port, patienceMs: 15_000 });
    const heard = manager.heard.slice(before).length;
    if (heard !== 2) harms.push(`a line break in the value of an action: ${heard - 1} actions`);
  }
  const count = Object.keys(HOSTILE).length + 1;
  const texts = [...harmed].map(([wire, harms]) => `${wire}: ${harms.length} of ${count} harm`);
  for (const [wire, harms] of harmed) for (const harm of harms) console.error(`  ${wire}: ${harm}`);
  return {
    section: 'manager',
    what: 'what a stranger writes (test/bench/ami/hostile.ts)',
    goal: 'none harms',
    measured: texts.join(' — '),
    met: harmed.get('own')?.length === 0,
    numbers: Object.fromEntries([...harmed].map(([wire, harms]) => [wire, harms.length])),
  };
}

/** The same of Asterisk itself: its list, and what it prints of a REGISTER without a password. */
async function realRows(say: (line: string) => void): Promise<Row[]> {
  say(`An Asterisk with ${USERS} endpoints`);
  const port = await freePorts();
  const ids = Array.from({ length: USERS }, (_, i) => `acme_${10_000 + i}`);
  const asterisk = await BareAsterisk.start(port, userFiles(...ids));
  const outsider = await SipClient.open(port, '127.0.0.9');
  try {
    const at = { port: asterisk.managerAddress.port };
    const listed = await inTurns(WIRES, { ...at, task: 'list', number: USERS });
    const what = `${USERS} endpoints of an Asterisk listed`;
    const rows = [row(what, 'all, ≤ 2 s', listed, one => one.ms <= 2_000, costs)];
    for (const event of ['Event: rawevent', 'Response: follow']) {
      const name = escaped(`\r\n\r\n${event}\r\n`);
      const meanwhile = async (): Promise<void> => {
        await outsider.request('REGISTER', '', { from: `<sip:${name}@x>`, to: 'x' });
      };
      const asked = { ...at, task: 'stranger', meanwhile, patienceMs: 15_000 };
      const wires = ['own', 'plain', 'guarded', 'framed'];
      const told = await inTurns(wires, asked, 1);
      rows.push(
        row(
          `one REGISTER whose account is \`⏎⏎${event}⏎\`, to an Asterisk`,
          'no harm',
          told,
          () => true,
          () => 'none',
        ),
      );
    }
    return rows;
  } finally {
    await outsider.close();
    await asterisk.remove();
  }
}

function escaped(text: string): string {
  return text.replace(/[\r\n: ]/g, sign => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
