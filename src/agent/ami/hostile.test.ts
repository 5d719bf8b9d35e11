import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { endure, HOSTILE } from '../../../test/bench/ami/hostile.ts';
import { FakeClock } from '../../../test/fake-clock.ts';
import { type ScriptedManager, scriptedManager } from '../../../test/scripted-manager.ts';
import { systemClock } from '../../runtime/clock.ts';
import { AmiClient } from './client.ts';

/** What a stranger writes into the manager, and what a manager that has gone wrong does. */
const LOGIN = { username: 'u', secret: 's' };
let manager: ScriptedManager;
let client: AmiClient;

beforeEach(async () => {
  manager = await scriptedManager();
  client = await AmiClient.connect({ port: manager.port, ...LOGIN }, systemClock);
});

afterEach(async () => {
  client.close();
  await manager.stop();
});

describe('a stranger who writes', () => {
  it.each(Object.keys(HOSTILE))('%s does no harm', async what => {
    await endure(client, what);
  });

  it('a line break into the value of an action makes no action of it', async () => {
    await client.action('Ping', { Value: 'x\r\n\r\nAction: Logoff\r\nX: 1', Other: '1\nAction: Logoff' });

    const [login, ping, ...more] = manager.heard;
    expect([login, ping].map(text => text?.match(/^Action: .*$/gm))).toEqual([['Action: Login'], ['Action: Ping']]);
    expect(more).toEqual([]);
  });
});

describe('a manager', () => {
  it('that is cut off in the middle of a list leaves no list', async () => {
    const rows = client.list('PJSIPShowEndpoints', { Rows: '5000', Cut: '2500' });

    await expect(rows).rejects.toThrow('Asterisk closed the manager connection');
    await client.closed;
    await expect(client.action('Ping')).rejects.toThrow('is closed');
  });

  it.each(['many', '1'])('is read whole when its answer has 63 MiB, of lines: %s', async lines => {
    const begun = systemClock.monotonic();
    const answer = await client.action('Command', { Mebibytes: '63', Lines: lines }, 60_000);

    expect((answer['Output'] ?? '').length).toBeGreaterThan(55 * 1024 ** 2);
    expect(await client.action('Ping')).toMatchObject({ Ping: 'Pong' });
    expect(systemClock.monotonic() - begun).toBeLessThan(15_000); // if each piece were looked at twice, minutes
  });

  it('that sends more than 64 MiB in one message is left, and it is said why', async () => {
    const answer = client.action('Command', { Mebibytes: '80', Lines: '1' }, 60_000);

    await expect(answer).rejects.toThrow('a message of more than 67108864 characters');
    await client.closed;
  });

  it('that sends rows without end is not gathered', async () => {
    const rows = client.list('PJSIPShowEndpoints', { Rows: '100001' });

    await expect(rows).rejects.toThrow('more than 100000 rows');
  });

  it('that has stopped to answer is waited for until the deadline, and can be left', async () => {
    await expect(client.action('Silence', {}, 50)).rejects.toThrow('did not answer Silence within 50 ms');
    await expect(client.list('Silence', {}, 50)).rejects.toThrow('did not answer Silence within 50 ms');
    client.close();
    await client.closed;
  });

  it('that takes no connection is waited for until the deadline', async () => {
    const port = await fullAndStopped();
    const clock = new FakeClock();
    const connecting = AmiClient.connect({ port, ...LOGIN }, clock);
    const said = expect(connecting).rejects.toThrow('did not take a connection within 10000 ms');
    await clock.advance(10_000);

    await said;
  });
});

/** A listener whose process is stopped and whose queue is full: the kernel answers nobody else. */
async function fullAndStopped(): Promise<number> {
  const script =
    "const s = require('net').createServer().listen(0, '127.0.0.1', 1, () => console.log(s.address().port))";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const port = Number(String(line));
  const waiting = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  for (const socket of waiting) socket.on('error', () => socket.destroy()); // its listener is killed in the end
  await Promise.all(waiting.map(socket => once(socket, 'connect')));
  return port;
}
