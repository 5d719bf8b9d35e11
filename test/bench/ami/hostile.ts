import { isDeepStrictEqual } from 'node:util';
import type { AmiClient } from '../../../src/agent/ami/client.ts';
import { nextTurn } from '../../../src/runtime/clock.ts';

/**
 * What a stranger can write into the manager: a caller's number, the name of an account. `PENDING` stands for the id of
 * the action under way, which he would have to guess.
 */
export const HOSTILE: Readonly<Record<string, string>> = {
  'a header': 'EventList: Complete\r\nX: 1',
  'headers that repeat those before': 'Event: CoreShowChannelsComplete\r\nActionID: x\r\nChannel: PJSIP/other-1',
  'headers that repeat those behind': 'Linkedid: evil\r\nLinkedid: evil',
  'words of JavaScript': '__proto__: x\r\nconstructor: y\r\nlength: 1\r\nVariable: __proto__=x',
  'a number for a header': '1: x',
  'line feeds alone': '1\nEvent: x\n\nEvent: y\nX: 1\n\nX: 1',
  'the end of the row': '\r\n\r\nX: 1',
  'the end of the list': '\r\n\r\nEvent: CoreShowChannelsComplete\r\nEventList: Complete\r\nListItems: 0\r\nX: 1',
  'an event named close': '\r\n\r\nEvent: close\r\nX: 1',
  'an event named end': '\r\n\r\nEvent: end\r\nX: 1',
  'an event named error': '\r\n\r\nEvent: error\r\nX: 1',
  'an event named connect': '\r\n\r\nEvent: connect\r\nX: 1',
  'an event named data': '\r\n\r\nEvent: data\r\nX: 1',
  'an event named rawevent': '\r\n\r\nEvent: rawevent\r\nX:',
  'an event named response': '\r\n\r\nEvent: response\r\nResponse: Success\r\nX: 1',
  'an event named like an action’s id': '\r\n\r\nEvent: PENDING\r\nX: 1',
  'an event with an action’s id': '\r\n\r\nEvent: X\r\nResponse: Error\r\nActionID: PENDING\r\nX: 1',
  'an answer to nobody': '\r\n\r\nResponse: Error\r\nMessage: No such thing\r\nX: 1',
  'an answer that follows': '\r\n\r\nResponse: follow\r\nX:',
  'a greeting': '\r\n\r\nAsterisk Call Manager/11.0.0\r\nX: 1',
};

const CALLS = ['PJSIP/a-1', 'PJSIP/b-2'];
const DEADLINE_MS = 3_000;

/** Throws when the client of a scripted manager is harmed by what a stranger writes. */
export async function endure(client: AmiClient, what: string): Promise<void> {
  const number = JSON.stringify(HOSTILE[what]);
  const heard: (string | undefined)[] = [];
  let closed = false;
  void client.closed.then(() => {
    closed = true;
  });
  client.onEvent(event => heard.push(event['Event']));

  const answer = await client.action('Stranger', { Number: number }, DEADLINE_MS);
  same('the answer to an action', [answer['Response'], answer['Event']], ['Success', undefined]);
  const rows = await client.list('CoreShowChannels', { Number: number }, DEADLINE_MS);
  // a list may have rows beside those that it is of
  const calls = rows.map(row => row['Channel']).filter(name => name !== undefined);
  same('the calls that there are', calls, CALLS);
  same('a Ping', (await client.action('Ping', {}, DEADLINE_MS))['Ping'], 'Pong');
  await nextTurn();
  same('the honest events', [heard[0], heard.filter(name => name === 'Honest')], ['InvalidAccountID', ['Honest']]);
  same('whether it is closed', [closed, client.open], [false, true]);
}

function same(what: string, found: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(found, wanted)) return;
  throw new Error(`${what}: ${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`);
}
