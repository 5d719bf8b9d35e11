import { afterAll, beforeAll, expect, it } from 'vitest';
import { attributeLog } from '../../../src/agent/configuration/attribution.ts';
import { readBack } from '../../../src/agent/configuration/read-back.ts';
import { type AssembledFile, assembledFile, type Definition } from '../../../src/agent/configuration/sections.ts';
import { ASTERISK_FILES, type AsteriskFile, LISTINGS, objectsIn } from '../../../src/api/asterisk-files.ts';
import { until } from '../../../src/runtime/clock.ts';
import { freePorts } from '../ports.ts';
import { BareAsterisk, userFiles } from './bare-asterisk.ts';

/** The table of Asterisk's files is true of Asterisk: what a file defines is listed, and what is wrong in it is complained of. */
const PORT = await freePorts();
const DIALPLAN =
  '[general]\n[globals]\nRF_GENERATION=one\n[c]\nexten => 1,1,Answer()\n#include extensions_tenant.conf\n';
const VOICEMAIL = '[general]\nformat=wav\n[default]\n#include voicemail_users.conf\n';

/** An object of a tenant in each file that defines some; of a context with each type of extension. */
const OBJECTS = {
  ...userFiles('acme_7'),
  'pjsip_registration.conf':
    '[acme_7]\ntype=registration\nserver_uri=sip:127.0.0.9:9\nclient_uri=sip:acme@127.0.0.9\nretry_interval=3600\n',
  'pjsip_identify.conf': '[acme_7]\ntype=identify\nendpoint=acme_7\nmatch=127.0.0.7\n',
  'extensions_tenant.conf': ['users', 'names', 'numbers', 'trunks']
    .map(context => `[${context}]\nexten => acme_7,1,Return()\n`)
    .join(''),
  'voicemail_users.conf': 'acme7 => 4711,Seven,,,\n',
};
const names = Object.keys(OBJECTS) as (keyof typeof OBJECTS)[];
let asterisk: BareAsterisk;

beforeAll(async () => {
  asterisk = await BareAsterisk.start(PORT, { ...OBJECTS, 'extensions.conf': DIALPLAN, 'voicemail.conf': VOICEMAIL });
});

afterAll(() => asterisk?.remove());

it('each type that a file defines is read back, and Asterisk has what the agent reads in the text', async () => {
  const defined = names.flatMap(name => objectsIn(name, OBJECTS[name]));
  const loaded = await readBack(asterisk.client);

  expect([...new Set(defined.map(({ type }) => type))].sort()).toEqual([...LISTINGS.keys()].sort());
  for (const { type, id } of defined) expect([type, [...(loaded.get(type) ?? [])]]).toEqual([type, [id]]);
});

it.each(names)('a section of %s that does not end is its object’s, by a source that the table names', async name => {
  const { module, complaints = [] }: AsteriskFile = ASTERISK_FILES[name];
  const pieces = [
    { owner: '-', text: OBJECTS[name] },
    { owner: 'SipUser/poison', text: '[broken\nx=1\n' },
  ];
  const files = new Map<string, AssembledFile>([[name, assembledFile(pieces)]]);
  const known: Definition[] = objectsIn(name, OBJECTS[name]).map(one => ({ ...one, owner: '-' }));
  const before = (await asterisk.problems()).length;
  await asterisk.load({ [name]: files.get(name)?.text });

  const log = await until(
    'a complaint',
    async () => {
      const text = (await asterisk.problems()).slice(before);
      return text.includes('parse error') ? text : undefined;
    },
    { deadlineMs: 5_000, everyMs: 20 },
  );
  expect([...attributeLog(log, files, known).owners.keys()]).toEqual(['SipUser/poison']);
  expect(module).toBeDefined();
  expect(complaints.filter(source => log.includes(`"${source}"`))).not.toEqual([]);
  await asterisk.load({ [name]: OBJECTS[name] });
});
