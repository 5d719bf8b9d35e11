import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problems } from '../../../src/agent/asterisk/asterisk-log.ts';
import { managerConf, PROBLEMS } from '../../../src/agent/asterisk/base-files.ts';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { SipClient } from '../sip.ts';
import { BareAsterisk, login, users } from './bare-asterisk.ts';

/** What callers and strangers can write into Asterisk's manager and its logs, and what they cannot. */
const PORT = await freePorts();
const { endpoint, aor, auth } = users('one');
const NUMBER = '1%0D%0ALinkedid%3A%20evil%0D%0A%0D%0AEvent%3A%20Foo%0D%0AX%3A%201';
let asterisk: BareAsterisk;
let carrier: SipClient;
let phone: SipClient;

beforeAll(async () => {
  asterisk = await BareAsterisk.start(PORT, {
    'pjsip_endpoint.conf': `${endpoint}[carrier]\ntype=endpoint\ncontext=c\nallow=!all,alaw\n`,
    'pjsip_aor.conf': aor,
    'pjsip_auth.conf': auth,
    'pjsip_identify.conf': '[carrier]\ntype=identify\nendpoint=carrier\nmatch=127.0.0.5\n',
    'extensions.conf':
      '[c]\nexten => _[0-9]!,1,Answer()\n same => n,Wait(60)\nexten => warn,1,Dial(PJSIP/nobody)\n same => n,Goto(nowhere,1,1)\n',
    'manager.conf': managerConf(PORT + 3, 'facts', 'loopback-only'),
  });
  carrier = await SipClient.open(PORT, '127.0.0.5');
  phone = await SipClient.open(PORT);
});

afterAll(async () => {
  await asterisk?.remove();
  await Promise.all([carrier?.close(), phone?.close()]);
});

/** All that the manager says to a user, as it stands on the wire. */
function listen(username: string) {
  const socket = connect({ host: '127.0.0.1', port: PORT + 3 });
  const heard = { text: '' };
  socket.setEncoding('utf8').on('data', chunk => {
    heard.text += chunk;
  });
  socket.write(`Action: Login\r\nUsername: ${username}\r\nSecret: loopback-only\r\n\r\n`);
  const ask = async (action: string, end: string): Promise<string> => {
    const from = heard.text.length;
    socket.write(`Action: ${action}\r\nActionID: secret-7\r\n\r\n`);
    await until(`${end} of ${action}`, () => heard.text.slice(from).includes(end) || undefined, { deadlineMs: 5_000 });
    return heard.text.slice(from);
  };
  return { heard, ask, end: () => socket.destroy() };
}

describe('the manager', () => {
  it('prints a caller’s number as it is decoded, but never before the name of the channel', async () => {
    const agent = listen('facts');
    const { dialog } = await carrier.request('INVITE', '600', { from: `<sip:${NUMBER}@c>` });
    const list = await agent.ask('CoreShowChannels', 'ListItems');

    expect(list).toContain('CallerIDNum: 1\r\nLinkedid: evil\r\n\r\nEvent: Foo\r\nX: 1\r\n');
    expect(list).toMatch(/\r\n\r\nEvent: CoreShowChannel\r\nActionID: secret-7\r\nChannel: PJSIP\/carrier-/);
    expect(list).toMatch(
      /\r\n\r\nEvent: CoreShowChannelsComplete\r\nActionID: secret-7\r\nEventList: Complete\r\nListItems: 1\r\n/,
    );
    await carrier.hangUp(dialog);
    // the end of this call repeats the number: nobody who logs in later is to hear it
    await until('the hangup', () => agent.heard.text.includes('Event: Hangup') || undefined, { deadlineMs: 5_000 });
    agent.end();
  });

  it('lets through what is asked for, by the event’s own name, and what strangers write goes elsewhere', async () => {
    const [agent, watch] = [listen('facts'), listen('facts-watch')];
    await watch.ask('Ping', 'Response');
    await agent.ask('Ping', 'Response');
    const forged = '<sip:%0D%0A%0D%0AEvent%3A%20Newchannel%0D%0AX%3A%201@x>';
    await phone.request('REGISTER', '', { from: forged, to: 'x' });
    await until('the watcher to hear', () => watch.heard.text.includes('InvalidAccountID') || undefined, {
      deadlineMs: 5_000,
    });
    await phone.register('one', { auth: login('one') });
    await until('an event', () => agent.heard.text.includes('Event: ContactStatus') || undefined, {
      deadlineMs: 5_000,
    });

    expect(watch.heard.text).toMatch(/Service: PJSIP\r\nEventVersion: 1\r\nAccountID: \r\n\r\nEvent: Newchannel\r\n/);
    const names = new Set([...agent.heard.text.matchAll(/^Event: (\S+)/gm)].map(match => match[1]));
    expect(
      [...names].filter(name => !['FullyBooted', 'ContactStatus', 'Newchannel', 'Hangup'].includes(name ?? '')),
    ).toEqual([]);
    expect(agent.heard.text).not.toContain('X: 1');
    agent.end();
    watch.end();
  });

  it('has each header of a phone on one line', async () => {
    for (const agentName of ['A\r\n folded', 'A\rB', 'A\nB', 'A\u0000B']) {
      const headers = { 'User-Agent': agentName };
      await phone.register('one', { auth: login('one'), headers, deadlineMs: 500 }).catch(() => undefined);
    }
    const rows = await asterisk.client.list('PJSIPShowRegistrationInboundContactStatuses');

    expect(rows.map(row => row['UserAgent'])).toEqual(['A folded']); // the others are no SIP and were dropped
  });
});

describe('the log', () => {
  it('repeats a number with its line breaks, which in JSON are none, and leaves notices out there', async () => {
    const forged = '%0a%5b2026-11-24%5d ERROR%5b1%5d pbx.c%3a bad'.replaceAll(' ', '%20');
    await phone.request('INVITE', `z${forged}`, { from: 'one', auth: login('one') });
    await asterisk.says(/^\[2026-11-24\] ERROR\[1\] pbx\.c: bad/m);
    await phone.request('INVITE', 'warn', { from: 'one', auth: login('one') });
    const read = (): Promise<string> => readFile(join(asterisk.places.log, PROBLEMS), 'utf8');
    await until('a warning', async () => (await read()).includes('nowhere') || undefined, { deadlineMs: 5_000 });
    const lines = (await read()).split('\n').filter(line => line.startsWith('{'));

    expect(lines.map(line => JSON.parse(line).logmsg.level)).not.toContain('NOTICE');
    const warned = lines.find(line => line.includes('nowhere')) ?? '';
    expect(JSON.parse(warned).identifiers.callid).toMatch(/^\[C-/);
    expect(problems(warned)).toEqual([]);
    // not all that is said of a call says so: an id alone tells nothing
    expect(
      problems(lines.join('\n'))
        .map(({ words }) => words)
        .join(),
    ).toContain('nobody');
  });
});
