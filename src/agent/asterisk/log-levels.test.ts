import { pino } from 'pino';
import { beforeEach, expect, it } from 'vitest';
import { type AmiClient, AmiError } from '../ami/client.ts';
import { LogLevels } from './log-levels.ts';

let commands: string[];
let levels: LogLevels;

beforeEach(() => {
  commands = [];
  levels = new LogLevels(pino({ level: 'silent' }));
});

function asterisk(answer: (words: string) => Promise<string> = async () => ''): AmiClient {
  const command = async (words: string): Promise<string> => {
    commands.push(words.replace(/^logger (reload logger)?/, ''));
    return answer(words);
  };
  return { command } as unknown as AmiClient;
}

it('has errors alone written after the first look, and asks for that once', async () => {
  const client = asterisk();
  for (let look = 0; look < 3; look++) await levels.looked(client, false);

  expect(commands).toEqual(['_errors.conf']);
});

it('has warnings written for the agent while a carrier refuses', async () => {
  const client = asterisk();
  for (const refused of [false, true, true, false]) await levels.looked(client, refused);

  expect(commands).toEqual(['_errors.conf', '_refusals.conf', '_errors.conf']);
});

it('has everything written before a load begins and until the last one has ended, whoever looks meanwhile', async () => {
  const client = asterisk();
  await levels.looked(client, false);
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const loads = [first, second].map(({ promise }, index) =>
    levels.during(client, async () => {
      commands.push(`load ${index}`);
      await promise;
    }),
  );
  await levels.looked(client, true);
  first.resolve();
  await loads[0];
  await levels.looked(client, true);
  commands.push('second ends');
  second.resolve();
  await loads[1];

  expect(commands).toEqual(['_errors.conf', '.conf', 'load 0', 'load 1', 'second ends', '_refusals.conf']);
});

it('is what it was after a load that failed, and the failure is told', async () => {
  const client = asterisk();
  await levels.looked(client, false);
  const load = levels.during(client, async () => {
    throw new Error('no');
  });

  await expect(load).rejects.toThrow('no');
  expect(commands).toEqual(['_errors.conf', '.conf', '_errors.conf']);
});

it('does not load what it could not hear of', async () => {
  const gone = asterisk(async () => {
    throw new AmiError('gone');
  });
  const load = levels.during(gone, async () => commands.push('load'));

  await expect(load).rejects.toThrow('gone');
  expect(commands).not.toContain('load');
});

it('says it again to an Asterisk that may not have heard it, and to another one', async () => {
  let fails = true;
  const client = asterisk(async () => {
    if (fails) throw new AmiError('timed out');
    return '';
  });
  await expect(levels.looked(client, false)).rejects.toThrow('timed out');
  fails = false;
  await levels.looked(client, false);
  await levels.looked(asterisk(), false);

  expect(commands).toEqual(['_errors.conf', '_errors.conf', '_errors.conf']);
});

it('says it again after a rotation, by which Asterisk writes everything', async () => {
  const client = asterisk();
  await levels.looked(client, false);
  await levels.rotate(client);

  expect(commands).toEqual(['_errors.conf', 'rotate', '_errors.conf']);
});
