import { describe, expect, it } from 'vitest';
import { Frames } from './wire.ts';

const MESSAGES = ['Asterisk Call Manager/11.0.0\r\nResponse: Success', '', 'Event: X\r\nName: J\r\rosé\n\n', 'A: \r'];
const TEXT = MESSAGES.map(message => `${message}\r\n\r\n`).join('');

function cut(...chunks: readonly string[]): string[] {
  const frames = new Frames();
  return chunks.flatMap(chunk => [...frames.add(chunk)]);
}

describe('messages', () => {
  it('are the same wherever what comes is in two', () => {
    for (let at = 0; at <= TEXT.length; at++) expect(cut(TEXT.slice(0, at), TEXT.slice(at))).toEqual(MESSAGES);
  });

  it('are the same when each character comes alone', () => {
    expect(cut(...TEXT)).toEqual(MESSAGES);
  });

  it('are counted as long as they are not whole', () => {
    const frames = new Frames();
    const pending = ['Event: ', 'X\r\n', '\r', '\nResponse'].map(chunk => [[...frames.add(chunk)], frames.pending]);

    expect(pending).toEqual([
      [[], 7],
      [[], 10],
      [[], 11],
      [['Event: X'], 8],
    ]);
  });
});
