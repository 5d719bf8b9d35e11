import { expect, it } from 'vitest';
import { settle } from '../../test/fake-clock.ts';
import type { Operation } from '../api/operation.ts';
import { Operations } from './operations.ts';

const DRAIN: Operation = { verb: 'drain', deadlineSeconds: 60 };
const UNDRAIN: Operation = { verb: 'undrain' };

/** An agent that answers when a test says so. */
function setUp() {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const operations = new Operations();
  const send = (...all: Operation[]): void =>
    operations.send(all, async ({ verb }) => {
      asked.push(verb);
      await new Promise<void>(resolve => waiting.push(resolve));
    });
  const answer = async (): Promise<void> => {
    for (const resolve of waiting.splice(0)) resolve();
    await settle();
  };
  return { asked, answer, send };
}

it('are asked for one after the other', async () => {
  const { asked, answer, send } = setUp();
  send(DRAIN, UNDRAIN);
  expect(asked).toEqual(['drain']);

  await answer();

  expect(asked).toEqual(['drain', 'undrain']);
});

it('are not asked of an agent that has not answered yet, and then again', async () => {
  const { asked, answer, send } = setUp();
  for (let pass = 0; pass < 10; pass++) send(DRAIN);
  expect(asked).toHaveLength(1);

  await answer();
  send(DRAIN);

  expect(asked).toHaveLength(2);
});

it('are only a few at a time', async () => {
  const { asked, answer, send } = setUp();
  send(...Array<Operation>(100).fill(DRAIN));
  for (let turn = 0; turn < 100; turn++) await answer();

  expect(asked).toHaveLength(16);
});
