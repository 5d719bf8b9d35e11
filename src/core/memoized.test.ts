import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  carryOut,
  location,
  NOW,
  organization,
  phoneNumber,
  secret,
  settle,
  snapshot,
  trunk,
  user,
  withParts,
} from '../../test/snapshots.ts';
import { ownerDigest, sectionsOfFragment } from '../agent/configuration/sections.ts';
import type { SipUser } from '../api/index.ts';
import type { AgentReport } from '../api/report.ts';
import { compile } from './compile.ts';
import type { Plan } from './plan.ts';
import type { Claimant, Manifest, TenantSnapshot } from './snapshot.ts';

/** Results that are kept must never show: whatever happens, a fresh copy of the snapshot gives the same plan. */

const SPECS: readonly Record<string, unknown>[] = [
  {},
  { ring: { seconds: 30 } },
  { ring: { onNoAnswer: { user: { name: 'u1' } } } },
  { ring: { onBusy: { extension: '1002' }, unreachable: { destination: { voicemail: { name: 'u3' } } } } },
  { email: 'one@acme.example' },
  { email: 'ONE@acme.example', enabled: false },
  { sip: { passwordSecretRef: { name: 'own', key: 'password' } } },
  { voicemail: { enabled: false }, location: { name: 'london' } },
  { callerId: { default: { name: 'main' } }, sip: { transport: 'TCP' } },
  { sip: { address: 'desk' }, ring: { onNoAnswer: { voicemail: { name: 'u2' } } } },
  { fullName: 'Jane Roe', followMe: { active: true, numbers: ['+447700900123'] } },
];

const ORGANIZATIONS: readonly Record<string, unknown>[] = [
  {},
  { limits: { users: 3 } },
  { features: { voicemail: false } },
  { allowed: { numbers: ['+44*'] }, userDefaults: { sip: { address: 'desk', codecs: ['g729'] } } },
  { location: { name: 'london' }, callerId: { default: { name: 'main' } } },
  { extensions: { reserved: ['1001'] }, allowed: { emailDomains: ['acme.example'] } },
];

/** One thing that happens; `a` and `b` choose to whom and how. */
type Happening = (now: TenantSnapshot, a: number, b: number) => TenantSnapshot;

const HAPPENINGS: Readonly<Record<string, Happening>> = {
  edit: (now, a, b) =>
    changedUser(now, a, ({ metadata, spec }) => ({
      ...user(metadata.name, spec.extension, SPECS[b % SPECS.length]),
      metadata,
    })),
  dial: (now, a, b) => changedUser(now, a, one => ({ ...one, spec: { ...one.spec, extension: extension(b) } })),
  age: (now, a, b) =>
    changedUser(now, a, ({ metadata, ...one }) => ({
      ...one,
      metadata: { ...metadata, creationTimestamp: `2026-01-01T00:00:0${b % 5}Z` },
    })),
  touch: (now, a) => changedUser(now, a, one => structuredClone(one)),
  annotate: (now, a, b) =>
    changedUser(now, a, one => ({
      ...one,
      metadata: { ...one.metadata, annotations: { 'ringfleet.io/rotate-sip-password': String(b) } },
    })),
  hire: (now, a, b) =>
    withParts(now, {
      users: [
        ...now.objects.SipUser.filter(one => one.metadata.name !== `u${a % 9}`),
        user(`u${a % 9}`, extension(b), {}, 1 + (a % 4)),
      ],
    }),
  fire: (now, a) => withParts(now, { users: without(now.objects.SipUser, a) }),
  shuffle: now => withParts(now, { users: now.objects.SipUser.toReversed(), children: now.children.toReversed() }),
  misread: (now, a) => {
    const { SipUser: users } = now.objects;
    const [one] = users.slice(a % (users.length || 1));
    const invalid = one
      ? [{ kind: 'SipUser', metadata: one.metadata, status: one.status, violation: 'spec: of a newer schema' }]
      : [];
    return withParts(now, { users: users.filter(other => other !== one), invalid });
  },
  reform: (now, a) => ({
    ...now,
    organizations: [{ ...organization(ORGANIZATIONS[a % ORGANIZATIONS.length]), status: now.organizations[0]?.status }],
  }),
  dissolve: now => ({ ...now, organizations: [] }),
  hear: now => ({ ...now, organizations: now.organizations.map(one => ({ ...one, status: undefined })) }),
  line: (now, a) =>
    withParts(now, {
      trunks:
        a % 2 ? [] : [trunk('tata', { credentialsSecretRef: { name: 'own' }, ...(a % 3 ? { enabled: false } : {}) })],
    }),
  number: (now, a) =>
    withParts(now, {
      numbers: a % 3 ? [phoneNumber('main', '+914412345678', { destination: { user: { name: `u${a % 5}` } } })] : [],
    }),
  move: (now, a) =>
    withParts(now, {
      locations: a % 2 ? [location('london', { country: 'GB', emergency: { numbers: ['1003'] } })] : [],
    }),
  password: (now, a, b) => {
    const secrets = new Map(now.secrets);
    if (a % 3) secrets.set('own', secret('own', { username: 'x', password: `password-${b % 3}` }));
    else secrets.delete('own');
    return { ...now, secrets };
  },
  // as the index of the operator does it
  claim: (now, a) => {
    const claimant: Claimant = { kind: 'SipUser', namespace: 'beta', name: 'b', uid: 'b', createdAt: '', standing: 0 };
    (now.claims.emails as Map<string, Claimant>).clear();
    if (a % 2) (now.claims.emails as Map<string, Claimant>).set('one@acme.example', claimant);
    return now;
  },
  foreign: (now, a) => ({ ...now, unmanagedSecretNames: new Set(a % 2 ? [`u${a % 5}-sip`] : []) }),
  spoil: (now, a) =>
    changedChild(now, a, one => ({ ...one, ...(one['data'] ? { data: { strange: 'x' } } : { spec: {} }) })),
  lose: (now, a) => ({ ...now, children: without(now.children, a) }),
  end: (now, a) => changedChild(now, a, one => ({ ...one, metadata: { ...one.metadata, deletionTimestamp: NOW } })),
  address: (now, a) => ({
    ...now,
    platform: {
      ...now.platform,
      address: { value: `192.0.2.${a % 3}`, source: 'Node', advertise: a % 2 === 0 },
    },
  }),
  ports: (now, a) => ({
    ...now,
    platform: { ...now.platform, publicPorts: { udp: 30_000 + (a % 2), tcp: 30_000 } },
  }),
  mail: (now, a, b) =>
    changedUser(now, a, one => ({ ...one, spec: { ...one.spec, email: `${'ab'[b % 2]}@acme.example` } })),
  phones: (now, a, b) => heard(now, { contacts: { acme_1001: b % 2 ? [contact(a)] : [], acme_1002: [contact(a)] } }),
  boxes: (now, _, b) => heard(now, { mailboxes: { 1001: { new: b % 3, old: 0 } } }),
  quarantine: (now, a) => heard(now, { quarantined: quarantined(now, a) }),
  engine: (now, a) => heard(now, { version: 1, engine: { version: a % 3 } }),
  blind: (now, a) => heard(now, { observed: a % 2 === 0 }),
  report: (now, a, b) => ({ ...now, report: report(now, a, b) }),
  silence: ({ report: _, ...now }) => now,
};

function extension(of: number): string {
  return String(1001 + (of % 6));
}

function without<T>(list: readonly T[], at: number): T[] {
  return list.filter((_, place) => place !== at % list.length);
}

function changedUser(now: TenantSnapshot, at: number, change: (one: SipUser) => SipUser): TenantSnapshot {
  return withParts(now, { users: changed(now.objects.SipUser, at, change) });
}

function changedChild(now: TenantSnapshot, at: number, change: (one: Manifest) => Manifest): TenantSnapshot {
  return { ...now, children: changed(now.children, at, change) };
}

function changed<T>(list: readonly T[], at: number, change: (one: T) => T): T[] {
  return list.map((one, place) => (place === at % list.length ? change(one) : one));
}

function report(now: TenantSnapshot, a: number, b: number): AgentReport {
  const generation = compile(now, NOW).bundle?.manifest.generation ?? '';
  return {
    observed: a % 5 > 0,
    ready: a % 3 > 0,
    bundle: { seen: generation, loaded: b % 4 ? generation : 'another', restartPending: [] },
    contacts: a % 2 ? { acme_1001: [contact(b)], acme_1002: [] } : {},
    mailboxes: { 1001: { new: b % 3, old: 0 } },
    trunks: {},
    quarantined: [],
    channels: 0,
    calls: a % 2,
    restartSafe: { status: 'True', message: '' },
    asteriskVersion: '22',
  } as unknown as AgentReport;
}

function contact(at: number): AgentReport['contacts'][string][number] {
  const state = at % 2 ? 'Reachable' : 'Unreachable';
  return { uri: 'sip:acme_1001@192.0.2.9', userAgent: 'x', source: '192.0.2.9', transport: 'UDP', since: NOW, state };
}

/** The next report of an agent that reports. */
function heard(now: TenantSnapshot, more: Partial<AgentReport>): TenantSnapshot {
  return now.report ? { ...now, report: { ...now.report, ...more } } : now;
}

/** The running text of one of the users, or another text of that user. */
function quarantined(now: TenantSnapshot, a: number): AgentReport['quarantined'] {
  const object = `SipUser/u${a % 5}`;
  const texts = [...(compile(now, NOW).bundle?.texts ?? [])].sort();
  const parts = texts.flatMap(([key, text]) => sectionsOfFragment(key, text));
  const digest = ownerDigest(object, parts);
  return a % 7 ? [{ object, digest: a % 3 ? digest : 'of another text', reason: 'no' }] : [];
}

function atRest(now: TenantSnapshot): TenantSnapshot {
  const { snapshot: filled, plan } = settle(now);
  return carryOut(filled, plan);
}

function plain({ bundle, ...plan }: Plan): string {
  return JSON.stringify([plan, bundle?.manifest, [...(bundle?.texts ?? [])], [...(bundle?.refused ?? [])]]);
}

/** A step is two whole compiles, one of them of what nothing is remembered of (3 ms): so many stories share a time limit. */
const STORIES = 50;

it.each([1, 2, 3, 4])('compile gives for a snapshot what it gives for a fresh copy, part %i', () => {
  const happening = fc.tuple(fc.constantFrom(...Object.keys(HAPPENINGS)), fc.nat(60), fc.nat(60), fc.boolean());

  fc.assert(
    fc.property(fc.array(happening, { minLength: 1, maxLength: 25, size: 'max' }), story => {
      const users = [0, 1, 2, 3, 4].map(at => user(`u${at}`, extension(at), {}, 1 + (at % 2)));
      const claims = { emails: new Map(), numbers: new Map(), domains: new Map() };
      const built = atRest(snapshot({ users, claims }));
      let now = atRest({ ...built, report: report(built, 1, 1) });
      for (const [what, a, b, rest] of story) {
        now = HAPPENINGS[what]?.(now, a, b) ?? now;
        const time = `2026-01-01T00:00:${10 + (a % 50)}Z`;
        expect(plain(compile(now, time))).toBe(plain(compile(structuredClone(now), time)));
        if (rest) now = atRest(now);
      }
    }),
    { numRuns: STORIES },
  );
}, 60_000);
