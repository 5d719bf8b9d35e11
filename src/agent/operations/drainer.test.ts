import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { FakePbx } from '../../../test/fake-pbx.ts';
import { Drainer } from './drainer.ts';

function setUp() {
  const clock = new FakeClock();
  const pbx = new FakePbx();
  const drainer = new Drainer({ agent: pbx, refuseMs: 120_000, clock, log: pino({ level: 'silent' }) });
  const ended: string[] = [];
  const { signal } = new AbortController();
  const begin = (verb: 'drain' | 'drainForShutdown', deadlineMs: number): void => {
    drainer[verb](deadlineMs, signal).then(
      () => ended.push(verb),
      (error: unknown) => ended.push(String(error)),
    );
  };
  /** Time passes, and the operator asks again every five seconds. */
  const whileAsked = async (deadlineMs: number, ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 5_000) {
      drainer.drain(deadlineMs, signal).catch(() => undefined); // `begin` says how it ended
      await clock.advance(Math.min(5_000, ms - at));
    }
  };
  return { clock, pbx, drainer, ended, begin, whileAsked, signal };
}

describe('a drain', () => {
  it('that is over begins anew with calls that came after, within the deadline of the first', async () => {
    const { clock, pbx, ended, begin, whileAsked } = setUp();
    begin('drain', 60_000);
    await clock.advance(1_000);
    expect(ended).toEqual(['drain']);
    pbx.channels = 3;

    begin('drain', 60_000);
    await whileAsked(60_000, 50_000);
    expect([ended.length, pbx.gate]).toEqual([1, false]);
    await whileAsked(60_000, 10_000);
    expect([ended.length, pbx.gate, pbx.channels]).toEqual([1, true, 3]);
    await whileAsked(60_000, 121_000);

    expect([ended.length, pbx.channels]).toEqual([2, 0]);
  });

  it('takes a PBX that does not answer for one with calls, until its time is over', async () => {
    const { pbx, ended, begin, whileAsked } = setUp();
    pbx.channels = undefined;
    begin('drain', 60_000);
    await whileAsked(60_000, 30_000);
    pbx.connected = false;
    await whileAsked(60_000, 100_000);
    expect(ended).toEqual([]);

    await whileAsked(60_000, 60_000);

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

describe('a drain that nobody asks for any more', () => {
  it('is over after a minute, and calls are let in again', async () => {
    const { clock, pbx, ended, begin } = setUp();
    pbx.channels = 1;
    begin('drain', 0);
    await clock.advance(30_000);
    begin('drain', 0);
    await clock.advance(59_000);
    expect([pbx.gate, pbx.draining, ended]).toEqual([true, true, []]);

    await clock.advance(1_000);

    expect([pbx.gate, pbx.draining, pbx.channels]).toEqual([false, false, 1]);
    expect(ended).toEqual(Array(2).fill('Error: The drain was not asked for any more'));
  });

  it('goes on while it is asked for every five seconds', async () => {
    const { pbx, ended, begin, whileAsked } = setUp();
    pbx.channels = 1;
    begin('drain', 600_000);
    await whileAsked(600_000, 100_000);

    expect([pbx.draining, ended]).toEqual([true, []]);
  });

  it('lets calls in as soon as an Asterisk that does not answer does again', async () => {
    const { clock, pbx, begin } = setUp();
    pbx.channels = 1;
    begin('drain', 0);
    await clock.advance(10_000);
    pbx.channels = undefined;
    await clock.advance(60_000);
    expect([pbx.gate, pbx.draining]).toEqual([true, true]);

    pbx.channels = 1;
    await clock.advance(1_000);

    expect([pbx.gate, pbx.draining]).toEqual([false, false]);
  });

  it('begins anew, with a deadline of its own, when it is asked for again', async () => {
    const { clock, pbx, begin } = setUp();
    pbx.channels = 1;
    begin('drain', 90_000);
    await clock.advance(80_000);
    begin('drain', 90_000);
    await clock.advance(30_000);

    expect([pbx.gate, pbx.draining]).toEqual([false, true]);
  });

  it('goes on when it became the end of Asterisk', async () => {
    const { clock, pbx, ended, begin } = setUp();
    pbx.channels = 1;
    begin('drain', 0);
    begin('drainForShutdown', 0);
    await clock.advance(100_000);

    expect([pbx.gate, pbx.draining, ended]).toEqual([true, true, []]);
  });
});

describe('the end of Asterisk', () => {
  it('waits for calls that came after a drain', async () => {
    const { clock, pbx, ended, begin } = setUp();
    begin('drain', 60_000);
    await clock.advance(1_000);
    pbx.channels = 3;

    begin('drainForShutdown', 60_000);
    await clock.advance(5_000);
    expect(ended).toEqual(['drain']);
    pbx.channels = 0;
    await clock.advance(400);

    expect(ended).toEqual(['drain', 'drainForShutdown']);
    expect(pbx.gate).toBe(true);
  });

  it('waits for a call that slips in before the gate is closed', async () => {
    const { clock, pbx, ended, begin } = setUp();
    pbx.afterEmpty = () => {
      if (!pbx.gate) pbx.channels = 1;
    };
    begin('drainForShutdown', 60_000);
    await clock.advance(5_000);
    expect([ended.length, pbx.gate]).toEqual([0, true]);

    pbx.channels = 0;
    await clock.advance(400);

    expect(ended).toEqual(['drainForShutdown']);
  });

  it('is not taken back, a drain is', async () => {
    const { clock, pbx, drainer, ended, begin, signal } = setUp();
    pbx.channels = 1;
    begin('drain', 60_000);
    await drainer.undrain(signal);
    await clock.advance(400);
    expect(ended).toEqual(['Error: Taken back into service']);

    begin('drainForShutdown', 60_000);
    await drainer.undrain(signal);
    await clock.advance(5_000);

    expect([ended.length, pbx.draining]).toEqual([1, true]);
  });
});
