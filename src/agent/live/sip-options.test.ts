import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fake-clock.ts';
import { sipOptions } from './sip-options.ts';

/** A server that has heard `heard` and answers when it is told to. */
let server: Socket;
let port: number;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock();
  server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address());
});

afterEach(() => {
  server.close();
});

async function hear(): Promise<{ text: string; from: RemoteInfo }> {
  const [data, from] = (await once(server, 'message')) as [Buffer, RemoteInfo];
  return { text: data.toString('latin1'), from };
}

function answer(code: number, { text, from }: { text: string; from: RemoteInfo }, then?: () => void): void {
  const via = /^Via: .*$/m.exec(text)?.[0] ?? '';
  server.send(`SIP/2.0 ${code} Whatever\r\n${via}\r\n\r\n`, from.port, from.address, then);
}

/** The answer is with the kernel. */
function sent(code: number, heard: { text: string; from: RemoteInfo }): Promise<void> {
  return new Promise(resolve => answer(code, heard, () => resolve()));
}

describe('sipOptions', () => {
  it.each([200, 401, 503])('says what the server says: %d', async code => {
    const asked = sipOptions('127.0.0.1', port, clock);
    answer(code, await hear());

    expect(await asked).toBe(code);
  });

  it('asks again when a packet was lost, with the same branch', async () => {
    const asked = sipOptions('127.0.0.1', port, clock);
    const first = await hear();
    const again = hear();
    await clock.advance(500);
    const second = await again;
    answer(200, second);

    expect(second.text).toBe(first.text);
    expect(await asked).toBe(200);
  });

  it('gives a silent server up after four seconds, having asked four times', async () => {
    const texts: string[] = [];
    server.on('message', data => texts.push(data.toString('latin1')));
    const asked = sipOptions('127.0.0.1', port, clock);
    await hear();
    await clock.advance(3_999);
    let over = false;
    void asked.then(() => {
      over = true;
    });
    await new Promise(setImmediate);
    expect(over).toBe(false);
    await clock.advance(1);

    expect(await asked).toBeUndefined();
    expect(texts).toHaveLength(4);
  });

  it('does not take the answer of another request for its own', async () => {
    const asked = sipOptions('127.0.0.1', port, clock);
    const heard = await hear();
    answer(200, { ...heard, text: heard.text.replace(/branch=\S+/, 'branch=z9hG4bKother') });
    answer(503, heard);

    expect(await asked).toBe(503);
  });

  it('reads an answer that came before the deadline although the time is over', async () => {
    // nothing is read between the sending and the end of the time, as when the machine stood still
    const still = new FakeClock({ turns: 0 });
    const asked = sipOptions('127.0.0.1', port, still);
    await sent(200, await hear());
    await still.advance(60_000);

    expect(await asked).toBe(200);
  });

  it('knows at once that nobody listens, whatever the time', async () => {
    const closed = createSocket('udp4');
    closed.bind(0, '127.0.0.1');
    await once(closed, 'listening');
    const free = closed.address().port;
    closed.close();
    await once(closed, 'close');

    expect(await sipOptions('127.0.0.1', free, clock)).toBeUndefined();
    expect(clock.monotonic()).toBe(new FakeClock().monotonic());
  });

  it('waits for nothing when it is asked to stop', async () => {
    const stop = new AbortController();
    const asked = sipOptions('127.0.0.1', port, clock, stop.signal);
    await hear();
    stop.abort(new Error('SIGTERM'));

    await expect(asked).rejects.toThrow('SIGTERM');
    expect(clock.sleepers).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const asked = sipOptions('127.0.0.1', port, clock);
    answer(200, await hear());
    await asked;

    expect(clock.sleepers).toBe(0);
  });
});
