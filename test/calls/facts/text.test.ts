import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Candidate } from '../../../src/agent/configuration/candidate.ts';
import { sectionsOfFragment } from '../../../src/agent/configuration/sections.ts';
import { directoryName, displayName } from '../../../src/core/asterisk/escape.ts';
import { sectionText } from '../../../src/core/asterisk/object-writer.ts';
import { trunkAuth } from '../../../src/core/kinds/trunk/render.ts';
import { mailboxId } from '../../../src/core/names.ts';
import { user } from '../../snapshots.ts';
import { bundleFor } from '../agent-rig.ts';
import { freePorts } from '../ports.ts';
import { BareAsterisk, type Files } from './bare-asterisk.ts';

/** What a user writes comes out of Asterisk's parser as the renderer meant it, and makes nothing else (T12). */
const PORT = await freePorts();
const HOSTILE = [
  'a;b',
  'a\\;b',
  'a;;b',
  ';--a--;',
  '>arrow',
  '=equals',
  '=>both',
  '+=more',
  '"quoted"',
  "'single'",
  'say "hi"; ok',
  '[section]',
  '](+)',
  '(!)',
  '#include x.conf',
  '#exec id',
  '${SHELL(id)}',
  '$[1+1]',
  'back\\slash',
  '\\\\double',
  'a => b',
  'a,b|c',
  '<sip:x@y>',
];
const SEED = 22_10;
/** What no escape has seen. */
const RAW = '[raw]\ntype=auth\nusername=cut;off\npassword=>arrow\n';
let asterisk: BareAsterisk;

const secrets = [
  ...HOSTILE,
  ...fc.sample(fc.string({ unit: fc.constantFrom(...';\\"=>[]#$ {}a'), minLength: 1, maxLength: 12 }), {
    seed: SEED,
    numRuns: 100,
  }),
].filter(text => text.trim() === text && !text.endsWith('\\'));
const names = [
  ...HOSTILE,
  'Zoë O’Brien-Smith (Sales) & Co, 2/3',
  'एक दो',
  ...fc.sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), { seed: SEED, numRuns: 25 }),
].map(name => `x${name.replace(/\p{C}/gu, '')}`);
/** As stored under another schema: today's would not let them in. */
const users = names.map((fullName, at) => {
  const { spec, ...rest } = user(`user-${at}`, String(1000 + at), { voicemail: { enabled: true } });
  return { ...rest, spec: { ...spec, fullName } };
});

function rendered(): Files {
  const { manifest, texts } = bundleFor(PORT, { users });
  const files = new Candidate(
    manifest.generation,
    [...texts].sort().flatMap(([key, text]) => sectionsOfFragment(key, text)),
    [],
  ).files();
  const auths = secrets
    .map((password, at) => sectionText(trunkAuth(`acme_t-${at}`, { username: password, password })))
    .join('\n');
  const text = [...files].map(([name, file]) => [
    name,
    name === 'pjsip_auth.conf' ? `${file.text}${auths}\n${RAW}` : file.text,
  ]);
  return Object.fromEntries(text);
}

beforeAll(async () => {
  asterisk = await BareAsterisk.start(PORT, rendered());
});

afterAll(() => asterisk?.remove());

it('a carrier’s password and user name are what they were', async () => {
  const rows = await asterisk.client.list('PJSIPShowAuths');
  const read = new Map(rows.map(row => [row['ObjectName'], [row['Username'], row['Password']]]));

  for (const [at, secret] of secrets.entries())
    expect([secret, read.get(`acme_t-${at}`)]).toEqual([secret, [secret, secret]]);
  expect(read.get('raw')).toEqual(['cut', 'arrow']);
  expect(read.size).toBe(secrets.length + users.length + 1);
});

it('a name is shown as it was cleaned, and there is no endpoint more', async () => {
  const shown = new Map<string, string>();
  for (const id of await asterisk.endpoints()) {
    const rows = await asterisk.client.list('PJSIPShowEndpoint', { Endpoint: id });
    const row = rows.find(one => one['Event'] === 'EndpointDetail');
    shown.set(id, row?.['Callerid'] ?? '');
  }

  for (const [at, name] of names.entries())
    expect(shown.get(`acme_${1000 + at}`)).toBe(`"${displayName(name)}" <${1000 + at}>`);
  expect(shown.size).toBe(users.length + 2); // the agent's probe, and who is refused
});

const mailboxOf = (at: number): string => mailboxId(users[at]?.metadata ?? { name: '' });

it('a mailbox has its owner’s name, and there is no mailbox more', async () => {
  const rows = await asterisk.client.list('VoicemailUsersList');
  const read = Object.fromEntries(rows.map(row => [row['VoiceMailbox'] ?? '', row['Fullname']]));

  expect(read).toEqual(Object.fromEntries(names.map((name, at) => [mailboxOf(at), directoryName(name)])));
});
