import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import { type AmiClient, AmiError } from '../ami/client.ts';
import { placesIn } from './base-files.ts';
import { MessagesLog } from './messages-log.ts';

let root: string;
let said: string[];
let commands: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ringfleet-messages-'));
  said = [];
  commands = [];
});

afterEach(() => rm(root, { recursive: true }));

const file = (name = 'messages'): string => join(root, name);

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
  const command = async (words: string): Promise<string> => {
    commands.push(words);
    return '';
  };
  return { action, command, open: true } as unknown as AmiClient;
}

it('waits for what was said before the answer and is written after it', async () => {
  await writeFile(file('problems'), 'old\n');
  const log = messages();
  const from = await log.size();
  const late = asterisk(async words => {
    await systemClock.sleep(30);
    await appendFile(file('problems'), 'parse error\n');
    await appendFile(file(), `hangup ${words.slice(0, 9)}`);
    await systemClock.sleep(30);
    await appendFile(file(), `${words.slice(9)}\nlater\n`);
  });

  const { text, whole } = await log.since(from, late);

  expect([text, whole, said, commands]).toEqual(['parse error\n', true, [], []]);
});

/** Its time passes only while somebody waits. */
function patientClock(): Clock {
  let now = 0;
  const sleep = async (ms: number): Promise<void> => {
    now += ms;
  };
  return { ...systemClock, monotonic: () => now, sleep };
}

it('has what there is when nothing is ever written, and says so', async () => {
  await writeFile(file('problems'), 'old\nparse error\n');
  const { text, whole } = await messages(patientClock()).since(
    4,
    asterisk(async () => undefined),
  );

  expect([text, whole]).toEqual(['parse error\n', false]);
  expect(said.join()).toContain('may not be all');
});

it('has a log opened again that writes no more, and hears all then', async () => {
  const full = asterisk(async words => {
    await appendFile(file('problems'), 'parse error\n');
    if (commands.length > 0) await appendFile(file(), `${words}\n`);
  });
  const { text, whole } = await messages(patientClock()).since(0, full);

  expect(commands).toEqual(['logger reload']);
  expect(text).toBe('parse error\nparse error\n');
  expect([whole, said]).toEqual([true, []]);
});

it('does not wait for an Asterisk that is gone', async () => {
  const dead = Object.assign(
    asterisk(async () => undefined),
    { open: false },
  );

  await expect(messages().since(0, dead)).rejects.toThrow('Asterisk went');
});

it('has nothing where there is no file', async () => {
  expect(await messages().size()).toBe(0);
});

it('does not read again what was said to people before', async () => {
  await writeFile(file(), 'NOTICE[1] app_voicemail.c: Failed reading voicemail password\n'.repeat(30_000));
  const late = asterisk(async words => {
    await appendFile(file('problems'), 'parse error\n');
    await appendFile(file(), `${words}\n`);
  });

  expect(await messages().since(0, late)).toEqual({ text: 'parse error\n', whole: true });
});

it('reads sixteen mebibytes at most, and does not call it all', async () => {
  await writeFile(file('problems'), Buffer.alloc(16 * 1024 * 1024 + 10, 'a'));
  const { text, whole } = await messages().since(
    0,
    asterisk(words => appendFile(file(), `${words}\n`)),
  );

  expect([text.length, whole]).toEqual([16 * 1024 * 1024, false]);
});
