import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { type AmiClient, AmiError } from './ami/client.ts';
import { placesIn } from './base-files.ts';
import { MessagesLog } from './messages-log.ts';

let root: string;
let said: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ringfleet-messages-'));
  said = [];
});

afterEach(() => rm(root, { recursive: true }));

const file = (): string => join(root, 'messages');

function messages(clock: Clock = systemClock): MessagesLog {
  const log = pino({}, { write: (line: string) => said.push(line) });
  return new MessagesLog({ ...placesIn(root), log: root }, clock, log);
}

/** Answers at once, and has its log written as `write` does. */
function asterisk(write: (words: string) => Promise<void>): AmiClient {
  const action = async (_name: string, { Channel = '' }: Record<string, string>): Promise<never> => {
    void write(Channel);
    throw new AmiError('No such channel');
  };
  return { action } as unknown as AmiClient;
}

it('waits for what was said before the answer and is written after it', async () => {
  await writeFile(file(), 'old\n');
  const log = messages();
  const from = await log.size();
  const late = asterisk(async words => {
    await systemClock.sleep(30);
    await appendFile(file(), 'parse error\n');
    await systemClock.sleep(30);
    await appendFile(file(), `hangup ${words}\nlater\n`);
  });

  expect(await log.since(from, late)).toMatch(/^parse error\nhangup ringfleet\/read-back-[0-9a-f]{12}\n/);
  expect(said).toEqual([]);
});

it('has what there is when nothing is ever written, and says so', async () => {
  await writeFile(file(), 'old\nparse error\n');
  let now = 0;
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
  };
  const clock: Clock = { ...systemClock, monotonic: () => now, sleep };

  expect(
    await messages(clock).since(
      4,
      asterisk(async () => undefined),
    ),
  ).toBe('parse error\n');
  expect(said.join()).toContain('may not be all');
});

it('has nothing where there is no file', async () => {
  expect(await messages().size()).toBe(0);
});

it('reads a mebibyte at most, and waits for no more', async () => {
  await writeFile(file(), Buffer.alloc(1024 * 1024 + 10, 'a'));

  expect(
    await messages().since(
      0,
      asterisk(async () => undefined),
    ),
  ).toHaveLength(1024 * 1024);
  expect(said).toEqual([]);
});
