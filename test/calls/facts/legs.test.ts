import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { SipClient } from '../sip.ts';
import { BareAsterisk, login, userFiles } from './bare-asterisk.ts';

/** Legs that Dial makes, and what can be done with one before it rings and when it is over. */
const PORT = await freePorts();
const DIALPLAN = `[general]
[globals]
SAID=
[c]
exten => refused,1,Dial(PJSIP/two,5,b(too-many^s^1))
 same => n,Set(GLOBAL(SAID)=\${DIALSTATUS})
 same => n,Hangup(17)
exten => redirect,1,Set(_DIALLER=\${CHANNEL})
 same => n,Dial(PJSIP/two,5,ib(watch^s^1))
 same => n,Set(GLOBAL(SAID)=\${DIALSTATUS} \${SHARED(TO)})
 same => n,Hangup(17)
exten => followed,1,Dial(PJSIP/two,5)
 same => n,Set(GLOBAL(SAID)=\${DIALSTATUS})
 same => n,Hangup(17)
exten => contacts,1,Set(GLOBAL(SAID)=\${PJSIP_AOR(two,contact)} \${PJSIP_CONTACT(\${CUT(PJSIP_AOR(two,contact),\\,,1)},uri)})
 same => n,Hangup(17)
exten => hang,1,Dial(PJSIP/two,5,b(leg-name^s^1))
 same => n,Hangup(17)
[too-many]
exten => s,1,SoftHangup(\${CHANNEL})
 same => n,Return()
[watch]
exten => s,1,Set(CHANNEL(hangup_handler_push)=over,s,1)
 same => n,Return()
[over]
exten => s,1,Set(SHARED(TO,\${DIALLER})=\${REDIRECTING(to-num)})
 same => n,Return()
[leg-name]
exten => s,1,Set(GLOBAL(LEG)=\${CHANNEL})
 same => n,Return()
[inner]
exten => _X.,1,Set(GLOBAL(WENT)=\${EXTEN})
 same => n,Hangup(17)
`;
let asterisk: BareAsterisk;
let caller: SipClient;
let phone: SipClient;

beforeAll(async () => {
  asterisk = await BareAsterisk.start(PORT, { ...userFiles('one', 'two'), 'extensions.conf': DIALPLAN });
  [caller, phone] = [await SipClient.open(PORT), await SipClient.open(PORT)];
});

afterAll(async () => {
  await Promise.all([caller, phone].map(client => client?.close()));
  await asterisk?.remove();
});

beforeEach(async () => {
  phone.received.length = 0;
  phone.reply = () => ({ code: 486 });
  await phone.register('two', { auth: login('two') });
});

async function said(number: string): Promise<string> {
  await caller.request('INVITE', number, { from: 'one', auth: login('one') });
  return asterisk.value('SAID');
}

it('one that is softly hung up before it rings is not called: a leg that is one too many ends itself', async () => {
  expect(await said('refused')).toBe('CHANUNAVAIL');
  expect(phone.received).toEqual([]);
});

it('one that is redirected tells where to when it is over, and Dial does not go there when told so', async () => {
  for (const [contact, to] of [
    ['<sip:1003@x>', '1003'],
    ['<sip:Local/99%40inner@x>', 'Local/99@inner'],
    ['<sip:a&b@x>', 'a&b'],
  ] as const) {
    phone.reply = () => ({ code: 302, headers: { Contact: contact } });
    expect(await said('redirect')).toBe(`BUSY ${to}`);
  }
});

it('one that is redirected chooses technology and context where Dial is not told so', async () => {
  phone.reply = () => ({ code: 302, headers: { Contact: '<sip:Local/99%40inner@x>' } });
  await caller.request('INVITE', 'followed', { from: 'one', auth: login('one') });

  const went = async (): Promise<true | undefined> => ((await asterisk.value('WENT')) === '99' ? true : undefined);
  await until('the inner context to be reached', went, { deadlineMs: 15_000, everyMs: 10 });
});

it('100 Trying cannot be told from silence; a ringing has a tag of the other side', async () => {
  const tag = async (code: number): Promise<string> => {
    phone.reply = () => ({ code });
    const call = caller.request('INVITE', 'hang', { from: 'one', auth: login('one') });
    await until('the phone to be called', () => phone.received[0], { deadlineMs: 15_000, everyMs: 10 });
    const name = await asterisk.value('LEG');
    const answer = await until(
      'the answer to be known',
      async () => {
        const row = await asterisk.client.action('Getvar', { Channel: name, Variable: 'CHANNEL(pjsip,remote_tag)' });
        return code === 100 || row['Value'] ? row : undefined;
      },
      { deadlineMs: 15_000, everyMs: 10 },
    );
    await asterisk.client.command(`channel request hangup ${name}`);
    await call;
    phone.received.length = 0;
    return answer['Value'] ?? '';
  };

  expect(await tag(180)).not.toBe('');
  expect(await tag(100)).toBe('');
});

it('contacts have ids of Asterisk’s own making and give their text by it, whatever stands in it', async () => {
  await phone.register('two', { auth: login('two'), contact: 'sip:a&Local/99@inner' });

  const [, ids = '', uri] = /^(\S+) (.*)$/.exec(await said('contacts')) ?? [];
  expect(ids.split(',').every(id => /^two;@[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(uri).toMatch(/^sip:/);
});
