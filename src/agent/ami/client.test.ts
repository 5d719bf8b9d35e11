import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../runtime/clock.ts';
import { AmiClient, type AmiMessage } from './client.ts';
import { channels, contacts, countCalls } from './queries.ts';

/** A manager that answers what a test says, with what callers wrote into it as Asterisk leaves it. */
let server: Server;
let peer: Socket;
let client: AmiClient;
/** By action; `ID` stands for the action's id. */
let answers: Record<string, (fields: AmiMessage) => string>;

beforeEach(async () => {
  answers = { Login: () => 'Response: Success\r\nActionID: ID\r\n\r\n' };
  server = createServer(socket => {
    peer = socket;
    socket.write('Asterisk Call Manager/11.0.0\r\n');
    socket.setEncoding('utf8').on('data', chunk => {
      for (const text of String(chunk).split('\r\n\r\n').filter(Boolean)) {
        const fields = Object.fromEntries(text.split('\r\n').map(line => line.split(': ', 2) as [string, string]));
        const answer = answers[fields['Action'] ?? '']?.(fields) ?? '';
        socket.write(answer.replaceAll('ID\r\n', `${fields['ActionID']}\r\n`));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  client = await AmiClient.connect({ port, username: 'u', secret: 's' }, systemClock);
});

afterEach(async () => {
  client.close();
  peer.destroy();
  await new Promise(resolve => server.close(resolve));
});

const START = 'Response: Success\r\nActionID: ID\r\nEventList: start\r\n\r\n';
const row = (name: string, number: string): string =>
  `Event: CoreShowChannel\r\nActionID: ID\r\nChannel: ${name}\r\nCallerIDNum: ${number}\r\nLinkedid: ${name}\r\n\r\n`;
const end = (items: number): string =>
  `Event: CoreShowChannelsComplete\r\nActionID: ID\r\nEventList: Complete\r\nListItems: ${items}\r\n\r\n`;

describe('a caller whose number is', () => {
  it.each([
    ['the end of the list', '1\r\nEventList: Complete\r\nX: 1'],
    ['the end of the list as an event', '1\r\nEvent: CoreShowChannelsComplete\r\nListItems: 0\r\nX: 1'],
    ['the end of the row', '1\r\n\r\nEvent: CoreShowChannelsComplete\r\nEventList: Complete\r\nListItems: 0\r\nX: 1'],
    ['another row', '1\r\n\r\nEvent: CoreShowChannel\r\nChannel: PJSIP/other-1\r\nX: 1'],
    ['another channel', '1\r\nChannel: PJSIP/other-1\r\nActionID: x\r\nX: 1'],
    ['an answer', '1\r\nResponse: Error\r\nMessage: No such thing\r\nX: 1'],
    ['a word of JavaScript', '1\r\n__proto__: x\r\nconstructor: y\r\nX: 1'],
  ])('%s hides no call and makes none', async (_what, number) => {
    const names = ['PJSIP/a-1', 'PJSIP/b-2'];
    answers['CoreShowChannels'] = () => `${START}${names.map(name => row(name, number)).join('')}${end(2)}`;

    expect(await channels(client)).toEqual(names);
  });

  it('the mark of another call is counted with its own', async () => {
    answers['Getvar'] = ({ Channel }) =>
      Channel === 'PJSIP/gone-3'
        ? 'Response: Error\r\nActionID: ID\r\nMessage: No such channel\r\n\r\n'
        : `Response: Success\r\nActionID: ID\r\nVariable: CHANNEL(linkedid)\r\nValue: of ${Channel?.slice(0, 7)}\r\n\r\n`;

    expect(await countCalls(client, ['PJSIP/a-1', 'PJSIP/a-2', 'PJSIP/b-1', 'PJSIP/gone-3'])).toBe(2);
  });
});

describe('a list', () => {
  it.each([
    ['fewer rows than were announced', `${START}${row('PJSIP/a-1', '1')}${end(2)}`],
    ['more rows than were announced', `${START}${row('PJSIP/a-1', '1')}${row('PJSIP/b-1', '1')}${end(1)}`],
    ['no count', `${START}${end(0).replace('ListItems: 0\r\n', '')}`],
  ])('with %s is an error, and not empty', async (_what, text) => {
    answers['CoreShowChannels'] = () => text;

    await expect(channels(client)).rejects.toThrow('rows of');
  });

  it('may have rows beside those that it counts', async () => {
    const event = (name: string, more = ''): string => `Event: ${name}\r\nActionID: ID\r\n${more}\r\n`;
    const name = 'OutboundRegistrationDetail';
    answers['PJSIPShowRegistrationsOutbound'] = () =>
      `${START}${event(name)}${event('AuthDetail')}${event(`${name}Complete`, 'ListItems: 1\r\n')}`;

    expect(await client.list('PJSIPShowRegistrationsOutbound')).toHaveLength(2);
  });
});

it('takes no event for the answer to an action', async () => {
  answers['Ping'] = () => 'Event: X\r\nActionID: ID\r\n\r\nResponse: Success\r\nActionID: ID\r\nPing: Pong\r\n\r\n';

  expect(await client.action('Ping')).toMatchObject({ Response: 'Success', Ping: 'Pong' });
});

it('takes an answer for one whatever header is behind', async () => {
  // JavaScript has numbers stand first among the names of an object
  answers['Ping'] = () => 'Response: Success\r\nActionID: ID\r\n1: x\r\nPing: Pong\r\n\r\n';

  expect(await client.action('Ping', {}, 1_000)).toMatchObject({ Ping: 'Pong' });
});

describe('what a phone says of itself', () => {
  const told = async (changes: Record<string, string>) => {
    const fields = { AOR: 'acme_1', URI: 'sip:a@192.0.2.7', UserAgent: 'x', ViaAddress: '192.0.2.7:5060', ...changes };
    const lines = Object.entries(fields).map(([key, value]) => `${key}: ${value}\r\n`);
    const done = 'Event: ContactStatusDetailComplete\r\nActionID: ID\r\nEventList: Complete\r\nListItems: 1\r\n\r\n';
    answers['PJSIPShowRegistrationInboundContactStatuses'] = () =>
      `${START}Event: ContactStatusDetail\r\nActionID: ID\r\n${lines.join('')}Status: Reachable\r\n\r\n${done}`;
    return (await contacts(client))[0]?.contact;
  };

  it('has no control in it, and an end', async () => {
    const userAgent = `A\u001b[2J\u001b]0;pwn\u0007\u202eB${'x'.repeat(300)}`;
    const contact = await told({ UserAgent: userAgent, URI: 'sip:a\u0007@192.0.2.7' });

    expect(contact?.userAgent).toMatch(/^A\ufffd\[2J\ufffd\]0;pwn\ufffd\ufffdBx+$/);
    expect(contact?.userAgent).toHaveLength(256);
    expect(contact?.uri).toBe('sip:a\ufffd@192.0.2.7');
  });

  it.each([
    ['sip:a@192.0.2.7', 'UDP'],
    ['sip:a@192.0.2.7;transport=tcp', 'TCP'],
    ['sip:a@192.0.2.7:5061;ob;transport=TLS', 'TLS'],
    ['sip:a@192.0.2.7;transport=ws', 'WS'],
    ['sips:a@192.0.2.7', 'TLS'],
    ['sip:a@192.0.2.7;transport=%0d%0aX', 'UDP'],
    ['sip:a@192.0.2.7;transport=evil', 'UDP'],
    ['sip:a;transport=tcp@192.0.2.7', 'UDP'],
  ])('is a transport that there is: %s → %s', async (URI, transport) => {
    expect((await told({ URI }))?.transport).toBe(transport);
  });

  it.each([
    ['192.0.2.7:5060', '192.0.2.7:5060'],
    ['[2001:db8::1]:5060', '[2001:db8::1]:5060'],
    ['phone-7.example:5060', 'phone-7.example:5060'],
    ['<script>:1', '192.0.2.9:5062'],
    ['', '192.0.2.9:5062'],
  ])('is an address: %s → %s', async (ViaAddress, source) => {
    expect((await told({ ViaAddress, URI: 'sip:a@192.0.2.9:5062;x=y' }))?.source).toBe(source);
  });
});

it('hears an event, and what a name made look like one', async () => {
  const heard: (string | undefined)[] = [];
  client.onEvent(event => heard.push(event['Event']));
  peer.write(
    'Event: TestEvent\r\n\r\nEvent: Newchannel\r\nCallerIDNum: 1\r\nEvent: Y\r\n\r\nEvent: Foo\r\nX: 1\r\n\r\n',
  );
  await client.action('Login');

  expect(heard).toEqual(['Newchannel', 'Foo']);
});
