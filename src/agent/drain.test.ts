import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fake-clock.ts';
import type { AmiClient } from './ami/client.ts';
import { Drainer } from './drain.ts';

/** An Asterisk with so many channels and a gate; `undefined`: it does not answer. */
class FakePbx {
  channels: number | undefined = 0;
  gate = false;
  absent = false;
  draining = false;
  connected = true;
  /** Happens right after the next look that found it empty. */
  afterEmpty: (() => void) | undefined;
  readonly #starts: (() => void)[] = [];

  get client(): AmiClient | undefined {
    return this.connected ? (this as unknown as AmiClient) : undefined;
  }

  onNewAsterisk(listener: () => void): void {
    this.#starts.push(listener);
  }

  restart(): void {
    for (const listener of this.#starts) listener();
  }

  async list(): Promise<unknown[]> {
    if (this.channels === undefined) throw new Error('No answer');
    const rows = Array.from({ length: this.channels }, () => ({}));
    if (rows.length === 0) this.afterEmpty?.();
    return rows;
  }

  async action(action: string): Promise<void> {
    if (action === 'Hangup') this.channels = 0;
    else this.gate = action === 'DBPut';
  }
}

function setUp() {
  const clock = new FakeClock();
  const pbx = new FakePbx();
  const drainer = new Drainer({ agent: pbx, refuseMs: 120_000, clock, log: pino({ level: 'silent' }) });
  const ended: string[] = [];
  const { signal } = new AbortController();
  const begin = (verb: 'drain' | 'join', deadlineMs: number): void => {
    drainer[verb](deadlineMs, signal).then(
      () => ended.push(verb),
      (error: unknown) => ended.push(String(error)),
    );
  };
  return { clock, pbx, drainer, ended, begin };
}

describe('a drain', () => {
  it('that is over begins anew with calls that came after, within the deadline of the first', async () => {
    const { clock, pbx, ended, begin } = setUp();
    begin('drain', 60_000);
    await clock.advance(1_000);
    expect(ended).toEqual(['drain']);
    pbx.channels = 3;

    begin('drain', 60_000);
    await clock.advance(50_000);
    expect([ended.length, pbx.gate]).toEqual([1, false]);
    await clock.advance(10_000);
    expect([ended.length, pbx.gate, pbx.channels]).toEqual([1, true, 3]);
    await clock.advance(121_000);

    expect([ended.length, pbx.channels]).toEqual([2, 0]);
  });

  it('takes a PBX that does not answer for one with calls, until its time is over', async () => {
    const { clock, pbx, ended, begin } = setUp();
    pbx.channels = undefined;
    begin('drain', 60_000);
    await clock.advance(30_000);
    pbx.connected = false;
    await clock.advance(100_000);
    expect(ended).toEqual([]);

    await clock.advance(60_000);

    expect(ended).toEqual(['drain']);
  });

  it('ends at once where there is no Asterisk', async () => {
    const { clock, pbx, ended, begin } = setUp();
    Object.assign(pbx, { connected: false, absent: true });
    begin('drain', 60_000);
    await clock.advance(200);

    expect(ended).toEqual(['drain']);
  });

  it('is over when another Asterisk starts', async () => {
    const { clock, pbx, ended, begin } = setUp();
    pbx.channels = 1;
    begin('drain', 60_000);
    pbx.restart();
    await clock.advance(400);

    expect(ended).toEqual(['Error: Another Asterisk was started']);
    expect(pbx.draining).toBe(false);
  });
});

describe('the end of Asterisk', () => {
  it('waits for calls that came after a drain', async () => {
    const { clock, pbx, ended, begin } = setUp();
    begin('drain', 60_000);
    await clock.advance(1_000);
    pbx.channels = 3;

    begin('join', 60_000);
    await clock.advance(5_000);
    expect(ended).toEqual(['drain']);
    pbx.channels = 0;
    await clock.advance(400);

    expect(ended).toEqual(['drain', 'join']);
    expect(pbx.gate).toBe(true);
  });

  it('waits for a call that slips in before the gate is closed', async () => {
    const { clock, pbx, ended, begin } = setUp();
    pbx.afterEmpty = () => {
      if (!pbx.gate) pbx.channels = 1;
    };
    begin('join', 60_000);
    await clock.advance(5_000);
    expect([ended.length, pbx.gate]).toEqual([0, true]);

    pbx.channels = 0;
    await clock.advance(400);

    expect(ended).toEqual(['join']);
  });

  it('is not taken back, a drain is', async () => {
    const { clock, pbx, drainer, ended, begin } = setUp();
    pbx.channels = 1;
    begin('drain', 60_000);
    await drainer.undrain();
    await clock.advance(400);
    expect(ended).toEqual(['Error: Taken back into service']);

    begin('join', 60_000);
    await drainer.undrain();
    await clock.advance(5_000);

    expect([ended.length, pbx.draining]).toEqual([1, true]);
  });
});
