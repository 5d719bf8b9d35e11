import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { type AmiClient, AmiError, type AmiMessage } from '../ami/client.ts';
import type { MemoryFigure } from './memory-marks.ts';
import { MemoryWatch } from './memory-watch.ts';

const MIB = 1024 * 1024;
let clock: FakeClock;
let stop: AbortController;
let running: Promise<void> | undefined;
let figure: MemoryFigure | undefined;
let asterisk: Asterisk | undefined;
let said: string[];
let changes: number;
let metrics: Record<'figures' | 'trims', number> & { refusing: string };
let watch: MemoryWatch;

/** One that does as it is told, and keeps what. */
class Asterisk {
  told: string[] = [];
  lamps = true;
  fails = false;
  watching: readonly string[] = [];

  async action(action: string, { Key = '' }: Record<string, string> = {}): Promise<AmiMessage> {
    if (this.fails) throw new AmiError('Asterisk is busy');
    this.told.push(`${action} ${Key}`);
    return {};
  }

  async command(command: string): Promise<string> {
    if (this.fails) throw new AmiError('Asterisk is busy');
    if (command === 'dialplan show hints') return this.lamps ? "Include =>  'hints-users'" : '';
    this.told.push(command);
    const opens = command.startsWith('dialplan add');
    if (command.startsWith('dialplan') && opens === this.lamps) throw new AmiError('It is so already');
    if (command.startsWith('dialplan')) this.lamps = opens;
    return '';
  }

  async list(): Promise<AmiMessage[]> {
    return this.watching.map(Endpoint => ({ Endpoint }));
  }
}

beforeEach(() => {
  clock = new FakeClock({ turns: 3 });
  stop = new AbortController();
  [figure, asterisk, said, changes, running] = [undefined, new Asterisk(), [], 0, undefined];
  metrics = { figures: 0, trims: 0, refusing: '' };
  watch = new MemoryWatch({
    source: async () => figure,
    clock,
    log: pino({}, { write: line => said.push(JSON.parse(line).msg) }),
    agent: {
      get client() {
        return asterisk as unknown as AmiClient | undefined;
      },
      metrics: {
        memory: () => metrics.figures++,
        trimmed: () => metrics.trims++,
        refusing: ({ refuseCalls, refuseLamps }) => {
          metrics.refusing = `${refuseCalls} ${refuseLamps}`;
        },
      },
    },
    changed: () => changes++,
  });
});

afterEach(async () => {
  stop.abort();
  await running?.catch(() => undefined);
});

async function pass(ms: number): Promise<void> {
  running ??= watch.run(stop.signal);
  await clock.advance(ms);
}

function uses(percent: number): void {
  figure = { used: percent * 4 * MIB, limit: 400 * MIB };
}

const told = (): string[] => asterisk?.told.splice(0) ?? [];

describe('the watch of memory', () => {
  it('opens what an agent before it may have closed, once for each Asterisk, and then says nothing', async () => {
    figure = { used: 10 * MIB, limit: 400 * MIB };
    await pass(10 * 60_000);
    expect(told()).toEqual(['DBDel memory', 'dialplan add include hints-users into hints']);
    asterisk = new Asterisk();
    await pass(10 * 60_000);
    expect(told()).toHaveLength(2);
    expect(changes).toBe(0);
    expect(said).toEqual([]);
  });

  it('refuses lamps, then calls, says so once, and lets all in again', async () => {
    uses(20);
    await pass(5_000);
    told();
    uses(80);
    await pass(1_500);
    expect(told()).toEqual(['dialplan remove include hints-users from hints']);
    expect(watch.report()).toEqual({ memoryPressure: { refused: 'Lamps' } });
    uses(95);
    await pass(500);
    expect(told()).toEqual(['DBPut memory']);
    expect(watch.report()).toEqual({ memoryPressure: { refused: 'Calls' } });
    expect(metrics.refusing).toBe('true true');
    uses(20);
    await pass(120_000);
    expect(told().filter(words => !words.includes('remove') && words !== 'malloc trim')).toEqual([
      'dialplan add include hints-users into hints',
      'DBDel memory',
    ]);
    expect(metrics.refusing).toBe('false false');
    expect(said.filter(words => /calls|lamps/.test(words))).toEqual([
      'Refused new lamps for want of memory',
      'Refused new calls for want of memory',
      'Let in lamps again',
      'Let in calls again',
    ]);
    await pass(15 * 60_000);
    expect(watch.report()).toEqual({});
    expect(changes).toBe(3);
  });

  it('refuses lamps again that a reload has let in', async () => {
    uses(90);
    await pass(5_000);
    expect(asterisk?.lamps).toBe(false);
    if (asterisk) asterisk.lamps = true;
    await pass(3_000);
    expect(asterisk?.lamps).toBe(false);
  });

  it('names who watches more than any phone would', async () => {
    if (asterisk) asterisk.watching = [...Array(301).fill('acme_1003'), ...Array(20).fill('acme_1001')];
    uses(80);
    await pass(5_000);
    expect(watch.report()).toEqual({ memoryPressure: { refused: 'Lamps', watcher: 'acme_1003' } });
  });

  it('names nobody where all watch as much as phones do', async () => {
    if (asterisk) asterisk.watching = Array.from({ length: 3_000 }, (_one, n) => `acme_${n % 10}`);
    uses(80);
    await pass(5_000);
    expect(watch.report()).toEqual({ memoryPressure: { refused: 'Lamps' } });
  });

  it('says that Asterisk does not answer, and tries again later', async () => {
    if (asterisk) asterisk.fails = true;
    uses(95);
    await pass(10_000);
    expect(said).toEqual(['Failed to see to the memory of Asterisk, trying again']);
    if (asterisk) asterisk.fails = false;
    await pass(10_000);
    expect(told()).toContain('DBPut memory');
  });

  it('does nothing while there is no Asterisk, and begins anew with another', async () => {
    uses(95);
    await pass(5_000);
    asterisk = undefined;
    await pass(60_000);
    asterisk = new Asterisk();
    watch.forget();
    uses(10);
    await pass(2_000);
    expect(told().slice(0, 2)).toEqual(['DBDel memory', 'dialplan add include hints-users into hints']);
  });

  it('opens the next Asterisk at once though the last one died without an answer', async () => {
    uses(95);
    await pass(5_000);
    if (asterisk) asterisk.fails = true;
    await pass(3_000);
    expect(said).toContain('Failed to see to the memory of Asterisk, trying again');
    asterisk = new Asterisk();
    watch.forget();
    uses(10);
    await pass(1_500);
    expect(told().slice(0, 2)).toEqual(['DBDel memory', 'dialplan add include hints-users into hints']);
  });
});
