import { describe, expect, expectTypeOf, it } from 'vitest';
import { baseFiles, placesIn } from '../src/agent/asterisk/base-files.ts';
import { attributeLog } from '../src/agent/configuration/attribution.ts';
import { Candidate, missingDefinitions } from '../src/agent/configuration/candidate.ts';
import { modulesFor } from '../src/agent/configuration/modules.ts';
import { definitions, ownerDigest, sectionsOfFragment } from '../src/agent/configuration/sections.ts';
import {
  type AgentFile,
  ASTERISK_FILES,
  asteriskFile,
  type BundleFile,
  LISTINGS,
  RELOADABLE,
  type SectionFile,
} from '../src/api/asterisk-files.ts';
import { fileOf, SHARED } from '../src/api/bundle.ts';
import { BundleWriter } from '../src/core/asterisk/bundle.ts';
import { ObjectWriter } from '../src/core/asterisk/object-writer.ts';
import { modulesConf, SORCERY_CONF } from '../src/core/asterisk/static-files.ts';
import { rejections } from '../src/core/status/loaded.ts';
import { problem } from './problem.ts';
import {
  IDLE_REPORT,
  location,
  organization,
  phoneNumber,
  secret,
  settle,
  snapshot,
  trunk,
  user,
} from './snapshots.ts';
import { spoiled } from './spoiled.ts';

/** The table of Asterisk's files, held against what the operator writes, what the agent does, and what is in its Asterisk. */

/** Somebody of every sort that has a text of its own. */
const { plan } = settle(
  snapshot({
    organizations: [organization({ location: { country: 'GB' } })],
    users: [user('jane', '1001', { sip: { address: 'desk' } }), user('john', '1002', {}, 2)],
    trunks: [
      trunk('registers', { credentialsSecretRef: { name: 'carrier' }, register: { enabled: true } }),
      trunk('both', { credentialsSecretRef: { name: 'carrier' }, inbound: { auth: { secretRef: { name: 'in' } } } }, 2),
    ],
    numbers: [phoneNumber('main', '+442079460000', { destination: { user: { name: 'jane' } } })],
    locations: [location('london', { country: 'GB' })],
    secrets: new Map(
      ['carrier', 'in'].map(name => [name, secret(name, { username: `acme-${name}`, password: 'secret' })]),
    ),
  }),
);
const bundle = plan.bundle!;
const { manifest, texts } = bundle;
const parts = [...texts].sort().flatMap(([key, text]) => sectionsOfFragment(key, text));
const owners = [...new Set(parts.map(({ owner }) => owner))].filter(owner => owner !== SHARED);

const names = Object.keys(ASTERISK_FILES) as (keyof typeof ASTERISK_FILES)[];
const isAgents = (name: keyof typeof ASTERISK_FILES): boolean => asteriskFile(name).by === 'agent';
const defining = names.filter(name => asteriskFile(name).defines);

describe('the table of Asterisk’s files', () => {
  it('has the files of a bundle, and no others but the agent’s own', () => {
    const written = new Set([...texts.keys()].map(fileOf));

    expect([...written].sort()).toEqual(names.filter(name => !isAgents(name)).sort());
  });

  it('has the files that the agent writes itself', () => {
    const installation = { version: '', modulesDir: '', dataDir: '', launch: () => [] };
    const base = baseFiles(placesIn('/x'), installation as never, { port: 1, username: 'a', secret: 'b' });
    const made = new Candidate('0123456789abcdef', parts, []).files();
    const own = [...base.keys(), ...made.keys()].filter(name => !texts.has(`${name}.000`));

    expect(own.sort()).toEqual(names.filter(isAgents).sort());
  });

  it('says what waits for a roll, and what is secret', () => {
    const secrets = new Set(manifest.fragments.filter(({ secret }) => secret).map(({ key }) => fileOf(key)));
    const open = new Set(manifest.fragments.filter(({ secret }) => !secret).map(({ key }) => fileOf(key)));

    expect(manifest.restartFiles).toEqual([
      'extensions.conf',
      'modules.conf',
      'pjsip_system.conf',
      'pjsip_transport.conf',
      'sorcery.conf',
      'voicemail.conf',
    ]);
    expect([...secrets].sort()).toEqual(['pjsip_auth.conf', 'voicemail_users.conf']);
    expect([...secrets].filter(name => open.has(name))).toEqual([]);
  });

  it('names modules that Asterisk loads, and PJSIP before the dialplan that names its endpoints', () => {
    const loaded = modulesConf().match(/(?<=load=).*/g);

    expect(RELOADABLE.filter(name => name.endsWith('.so') && !loaded?.includes(name))).toEqual([]);
    expect(modulesFor(names)).toEqual([...RELOADABLE]);
    expect(modulesFor(['extensions_tenant.conf', 'pjsip_aor.conf', 'udptl.conf'])).toEqual([
      'res_pjsip.so',
      'pbx_config.so',
    ]);
  });

  it('has each type of object of PJSIP in the file where sorcery.conf looks for it', () => {
    const counted = defining.flatMap(name => {
      const { defines } = asteriskFile(name);
      return defines && 'type' in defines && defines.counted ? [`${defines.type}=config,${name},`] : [];
    });

    expect(counted).toHaveLength(5);
    for (const mapping of counted) expect(SORCERY_CONF).toContain(`\n${mapping}`);
  });
});

describe('a file that is not in the table', () => {
  it('does not compile when the operator writes it, nor one that is the agent’s, nor a secret one beside the manifest', () => {
    const writer = new BundleWriter({}, 1);
    const object = new ObjectWriter({ kind: 'SipUser', name: 'jane' });

    expectTypeOf(writer.shared).toBeCallableWith('rtp.conf', '');
    // @ts-expect-error: nothing is known of it
    expectTypeOf(writer.shared).toBeCallableWith('queues.conf', '');
    // @ts-expect-error: the agent would write its own over it
    expectTypeOf(writer.shared).toBeCallableWith('manager.conf', '');
    // @ts-expect-error: the manifest is in a ConfigMap
    expectTypeOf(writer.last).toBeCallableWith('voicemail_users.conf', '');
    // @ts-expect-error: its sections would not be counted
    expectTypeOf(object.text).toBeCallableWith('pjsip_aor.conf', '');
    expectTypeOf<SectionFile>().toExtend<BundleFile>();
    expectTypeOf<AgentFile & BundleFile>().toBeNever();
  });

  it('is loaded by its family when an operator of a later release brings it, and defines nothing', () => {
    const later = sectionsOfFragment('pjsip_resource_list.conf.001', ';@ SipUser/jane u1\n[acme_1]\n');

    expect(new Candidate('0123456789abcdef', later, []).files().get('pjsip_resource_list.conf')?.text).toContain(
      '[acme_1]',
    );
    expect(definitions(later)).toEqual([]);
    expect(modulesFor(['pjsip_resource_list.conf'])).toEqual(['res_pjsip.so']);
    expect(modulesFor(['extensions_later.conf'])).toEqual(['pbx_config.so']);
    expect(modulesFor(['queues.conf', 'constructor'])).toEqual([]);
  });
});

describe('what the operator wrote', () => {
  it('has of each type that Asterisk is asked for, and defines as many as it promises', () => {
    const found = new Set(definitions(parts).map(({ type }) => type));
    const own = definitions(parts).filter(({ owner }) => owner !== SHARED);
    const counts = new Map(Object.keys(manifest.expects).map(type => [type, 0]));
    for (const { type } of own) if (counts.has(type)) counts.set(type, (counts.get(type) ?? 0) + 1);

    expect([...found].sort()).toEqual([...LISTINGS.keys()].sort());
    expect(Object.fromEntries(counts)).toEqual(manifest.expects);
    expect(missingDefinitions(manifest, parts)).toBeUndefined();
  });

  it.each(owners)('of %s is known by the digest by which the agent knows it', object => {
    const digest = ownerDigest(object, parts);
    const report = (refused: string) => ({
      ...IDLE_REPORT,
      quarantined: [{ object, digest: refused, reason: 'no' }],
    });

    const other = spoiled(bundle, 'extensions_tenant.conf', text => text.replaceAll('exten', 'x'));
    expect(rejections(bundle, report(digest)).get(object)?.reason).toBe('RejectedByAsterisk');
    expect(rejections(other, report(digest)).get(object)).toBeUndefined();
    expect(rejections(bundle, report(ownerDigest('SipUser/nobody', parts))).get(object)).toBeUndefined();
  });
});

describe('a complaint of Asterisk', () => {
  const files = new Candidate(manifest.generation, parts, []).files();
  const known = definitions(parts);
  const said = defining
    .filter(hasOwners)
    .flatMap(name => (asteriskFile(name).complaints ?? []).map(source => [source, name] as const));

  function hasOwners(name: string): boolean {
    return parts.some(({ file, owner }) => file === name && owner !== SHARED);
  }

  it.each(said)('by %s of %s is its object’s, by the line or by the id', (source, name) => {
    const line = files
      .get(name)!
      .text.split('\n')
      .findIndex((_, at) => files.get(name)?.ownerOf(at + 1) !== SHARED);
    const owner = files.get(name)!.ownerOf(line + 1)!;
    const { id } = definitions(parts.filter(part => part.file === name && part.owner === owner))[0]!;

    for (const words of [`bad, line ${line + 1} of /etc/asterisk/${name}`, `Object '${id}' is bad`])
      expect([...attributeLog(problem(source, words), files, known).owners.keys()]).toEqual([owner]);
  });

  it('of a file that belongs to nobody is not lost', () => {
    const shared = names.filter(name => !isAgents(name)).filter(name => !hasOwners(name));

    for (const name of shared) {
      for (const source of asteriskFile(name).complaints ?? []) {
        const words = `parse error: no closing ']', line 1 of ${name}`;
        expect(attributeLog(problem(source, words), files, known).unattributed).toEqual([words]);
      }
    }
    expect(shared.filter(name => !asteriskFile(name).complaints?.length)).toEqual([]);
  });
});
