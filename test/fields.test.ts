import { describe, expect, it } from 'vitest';
import { crdSchema } from '../src/api/crd-schema.ts';
import { kinds, organizationClassSchema } from '../src/api/index.ts';
import type { StatusWrite } from '../src/core/plan.ts';
import type { TenantSnapshot } from '../src/core/snapshot.ts';
import { location, organization, phoneNumber, secret, settle, snapshot, trunk, user } from './snapshots.ts';

/**
 * No field of the API is silently ignored: for every leaf of every schema an object that sets it must either change what
 * is rendered, applied or said, or carry the condition NotImplementedYet that names the field.
 */
interface Node {
  readonly properties?: Record<string, Node>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

type Path = readonly string[];

/** For people only, by their nature: who somebody is, whom to ask. */
const FOR_PEOPLE: Readonly<Record<string, readonly string[]>> = {
  Organization: ['displayName', 'contact.email', 'contact.phone'],
  SipUser: ['mobile', 'ring.target.sip'], // sip says what absent says
  PhoneNumber: ['displayName'],
};
/** Read where the platform of a snapshot is gathered, not by the compiler. */
const READ_BEFORE: Readonly<Record<string, readonly string[]>> = {
  Organization: ['exposure.advertisedAddress'],
  OrganizationClass: ['exposure.advertisedAddress'],
};

const HEAD = { apiVersion: 'ringfleet.io/v1alpha1' };

/** Values that the schema alone does not tell. Later ones win. */
const SAMPLES: readonly (readonly [RegExp, unknown])[] = [
  [/./, 'sample'],
  [/(S|s)ecretRef\.name$/, 'creds'],
  [/(S|s)ecretRef\.key$/, 'password'],
  [/pinSecretRef\.key$/, 'pin'],
  [/(callerId|fallbackCallerId)\.(default\.)?name$|\.number\.name$|^callerId\.default\.name$/, 'other'],
  [/(user|voicemail)\.name$/, 'zoe'],
  [/trunk\.name$/, 'tata'],
  [/^trunk\.name$/, 'nowhere'],
  [/^location\.name$/, 'office'],
  [/(extension|\.number)$/, '1003'],
  [/additionalExtensions\.0\.number$/, '7001'],
  [/(^|\.)extension$/, '1003'],
  [/^extension$/, '1042'],
  [/(destination|onNoAnswer|onBusy|forwardAll|unknownNumber|phone)\.number$/, '+442079460000'],
  [/followMe\.numbers\.0$|^mobile$|contact\.phone$|^number$/, '+442079460000'],
  [/allowed\.numbers\.0$/, '+49*'],
  [/blocklist\.0$/, '+1900*'],
  [/emailDomains\.0$|sipDomain|Domain$|host$|Suffix$|advertisedAddress|outboundProxy/, 'sample.example'],
  [/email$|\.from$|notify\.0$/, 'sample@acme.example'],
  [/identity\.fromDomain$/, 'sample.example'],
  [/country$|blockedCountries\.0$|Countries\.0$/, 'GB'],
  [/timezone$/, 'Europe/London'],
  [/language$/, 'en'],
  [/(url|endpoint)$/, 'https://sample.example/x'],
  [/(sources|Sources|localNetworks)\.0$/, '198.51.100.0/24'],
  [/window\.start$/, '02:00'],
  [/window\.timezone$/, 'Asia/Kolkata'],
  [/failoverOn\.0$/, '503'],
  [/prefix$|areaCode$/, '9'],
  [/reserved\.0$/, '1001'],
  [/overEmergency\.0$/, '1003'],
  [/dialing\.service\.0$/, '1800*'],
  [/emergency\.numbers\.0$/, '118'],
  [/parking\.extension$/, '70'],
  [/(address|sip\.address)$/, 'sample'],
  [/houseNumber|floor|room$/, '3'],
  [/className$/, 'hotel'],
  [/size$|storage$/, '7Gi'],
  [/sip\.codecs\.0$|^codecs\.0$|userDefaults\.sip\.codecs\.0$/, 'gsm'],
  [/permissions\.dial\.0$/, 'Internal'],
  [/^email$/, 'john@acme.example'],
  [/^role$/, 'Supervisor'],
  [/allowed\.emailDomains\.0$/, 'sample.example'],
];

function leaves(node: Node, path: Path = []): Path[] {
  if (node.properties && Object.keys(node.properties).length > 0)
    return Object.entries(node.properties).flatMap(([name, child]) => leaves(child, [...path, name]));
  if (node.items) return leaves(node.items, [...path, '0']);
  return [path];
}

function child(node: Node, name: string): Node {
  return node.properties?.[name] ?? node.items ?? {};
}

function sampleOf(node: Node, path: Path): unknown {
  const dotted = path.join('.');
  const own = SAMPLES.findLast(([pattern]) => pattern.test(dotted))?.[1];
  if (node.enum) return node.enum.includes(String(own)) ? own : node.enum.at(-1);
  if (/^register\.enabled$|^features\.(?!voicemail|callTransfer)/.test(dotted)) return true;
  if (/minDigits$/.test(dotted)) return 5;
  if (/maxDigits$/.test(dotted)) return 3;
  if (node.type === 'boolean') return !TRUE_BY_DEFAULT.test(dotted);
  if (node.type === 'integer' || node.type === 'number') return Math.min((node.minimum ?? 0) + 2, node.maximum ?? 2);
  if (node.type === 'object' && node.additionalProperties) return { a: 'b' };
  if (node.type === 'object') return {};
  return own;
}

const TRUE_BY_DEFAULT =
  /(^|\.)(enabled|callWaiting|rewriteContact|symmetricRtp|forceRport|verify|attach|recording|callTransfer|callRecording|voicemail|conference|ivr)$|^permissions\.followMe/;

/** The smallest value with this leaf: what else the schema requires on the way is filled in. */
function build(node: Node, path: Path, at: Path = []): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return sampleOf(node, at);
  if (node.items) return [build(node.items, rest, [...at, '0'])];
  const others = (node.required ?? []).filter(one => one !== name);
  const filled = others.map(one => [one, required(child(node, one), [...at, one])] as const);
  return Object.fromEntries([...filled, [name, build(child(node, name), rest, [...at, name])]]);
}

function required(node: Node, at: Path): unknown {
  if (node.items) return [required(node.items, [...at, '0'])];
  if (!node.properties) return sampleOf(node, at);
  return Object.fromEntries((node.required ?? []).map(one => [one, required(child(node, one), [...at, one])]));
}

const CREDS = secret('creds', { username: 'acme', password: 'carrier-password', pin: '4711', key: 'x' });

/** Of an older template: when it is replaced is a matter of the class. */
const POD = {
  name: 'acme-pbx-0',
  uid: 'uid-pod',
  ready: true,
  terminating: false,
  templateDigest: 'older',
  annotations: {},
  cordoned: false,
};

/** A tenant in which every reference leads somewhere, with one object of a kind as the test wants it. */
function tenant(kind: string, spec: Record<string, unknown>): TenantSnapshot {
  const of = (one: string, base: Record<string, unknown>): Record<string, unknown> =>
    one === kind ? { ...base, ...spec } : base;
  const general = organizationClassSchema.parse({
    ...HEAD,
    kind: 'OrganizationClass',
    metadata: { name: 'general' },
    spec: of('OrganizationClass', {}),
  });
  const classes = [
    general,
    { ...structuredClone(general), metadata: { name: 'hotel' }, spec: { sipDomainSuffix: 'h.example' } },
  ];
  return snapshot({
    platform: { ...snapshot().platform, address: { value: '203.0.113.7', source: 'Test', advertise: true } },
    pod: POD,
    classes,
    organizations: [organization(of('Organization', { location: { country: 'IN' }, sipDomain: undefined }))],
    users: [
      user('jane', '1001', of('SipUser', { extension: '1001', location: { name: 'london' } })),
      user('zoe', '1003', {}, 2),
      user('john', '1004', { email: 'john@acme.example' }, 3),
    ],
    trunks: [
      trunk(
        'tata',
        of(
          'Trunk',
          kind === 'Trunk' && 'credentialsSecretRef' in spec ? {} : { credentialsSecretRef: { name: 'creds' } },
        ),
      ),
    ],
    numbers: [
      phoneNumber(
        'main',
        '+914412345678',
        of('PhoneNumber', { number: '+914412345678', destination: { user: { name: 'jane' } } }),
      ),
      phoneNumber('other', '+914412345679', {}, 2),
    ],
    locations: [
      location('london', of('Location', { country: 'IN' }) as { country: string }),
      location('office', { country: 'US', emergency: { callerId: { name: 'main' } } }),
    ],
    secrets: new Map([['creds', CREDS]]),
  });
}

interface Outcome {
  readonly visible: string;
  readonly notYet: string;
}

function outcome(kind: string, spec: Record<string, unknown>): Outcome {
  const { plan } = settle(tenant(kind, spec));
  const notes: string[] = [];
  // What a class gives is shown as effective; in an Organization that would be no behaviour yet.
  const shown = kind === 'OrganizationClass' ? plan.statuses.map(({ status }) => status['effective']) : [];
  const statuses = plan.statuses.map(write => ({ ...write, status: withoutNotes(write, notes) }));
  const visible = JSON.stringify([
    [...(plan.bundle?.texts ?? [])],
    plan.apply,
    statuses,
    shown,
    plan.requeueAfterSeconds,
    plan.roll,
  ]);
  return { visible, notYet: notes.join('\n') };
}

function withoutNotes(write: StatusWrite, notes: string[]): unknown {
  const {
    conditions,
    effective: _shown,
    usage: _counted,
    ...rest
  } = write.status as {
    conditions: { type: string; message: string; reason: string }[];
    effective?: unknown;
    usage?: unknown;
  };
  for (const one of conditions) if (/NotImplementedYet/.test(`${one.type}${one.reason}`)) notes.push(one.message);
  return {
    ...rest,
    conditions: conditions.filter(({ type, reason }) => !/NotImplementedYet/.test(`${type}${reason}`)),
  };
}

describe.each(kinds.map(info => [info.kind, info] as const))('%s', (kind, info) => {
  const spec = child(crdSchema(info.schema) as Node, 'spec');
  const base = outcome(kind, {});

  it.each(leaves(spec).map(path => [path.join('.'), path] as const))('spec.%s is not ignored', (dotted, path) => {
    const plain = dotted.replace(/^(defaults\.)?userDefaults\./, '');
    if (FOR_PEOPLE[kind]?.includes(dotted) || FOR_PEOPLE['SipUser']?.includes(plain)) return;
    if (READ_BEFORE[kind]?.includes(dotted)) return;
    const wanted = build(spec, path) as Record<string, unknown>;
    const value = wanted[path[0] ?? ''];
    const named = /^(firstName|lastName)$/.test(dotted) ? { fullName: undefined } : {};

    const whole = { ...named, ...SETTING[dotted], [path[0] ?? '']: merged(SETTING[dotted]?.[path[0] ?? ''], value) };
    const after = outcome(kind, whole);
    const before = withoutLeaf(kind, whole, path) ?? base;

    const said =
      after.notYet.includes(`spec.${dotted.replace(/\.0(?=\.|$)/g, '')}`) ||
      [...prefixes(path), ...prefixes(plain.split('.'))].some(one =>
        [' ', ':'].some(end => after.notYet.includes(`spec.${one}${end}`)),
      );
    expect({ visible: after.visible !== before.visible, said }).not.toEqual({
      visible: false,
      said: false,
    });
  });
});

/** What else must be said for a field to matter. */
const SETTING: Readonly<Record<string, Record<string, unknown>>> = {
  'exposure.signalling.loadBalancerClass': { exposure: { signalling: { type: 'LoadBalancer' } } },
  'register.expirySeconds': { register: { enabled: true } },
};

function merged(base: unknown, value: unknown): unknown {
  if (typeof base !== 'object' || base === null || typeof value !== 'object' || value === null) return value;
  const both = { ...(base as Record<string, unknown>) };
  for (const [name, member] of Object.entries(value)) both[name] = merged(both[name], member);
  return both;
}

/** The outcome of the same object but for this leaf; undefined where the schema requires it. */
function withoutLeaf(kind: string, whole: Record<string, unknown>, path: Path): Outcome | undefined {
  const copy = structuredClone(whole);
  const last = path.at(-1) ?? '';
  const shorter = last === '0' ? path.slice(0, -1) : path; // a list of one goes with its element
  let at = copy;
  for (const name of shorter.slice(0, -1)) at = at[name] as Record<string, unknown>;
  delete at[shorter.at(-1) ?? ''];
  try {
    return outcome(kind, copy);
  } catch {
    // Without it the schema refuses the object: then without all of that member, or the plain object.
  }
  try {
    return outcome(kind, { ...whole, [path[0] ?? '']: undefined });
  } catch {
    return undefined;
  }
}

function prefixes(path: Path): string[] {
  return path.map((_, place) =>
    path
      .slice(0, place + 1)
      .filter(one => one !== '0')
      .join('.'),
  );
}
