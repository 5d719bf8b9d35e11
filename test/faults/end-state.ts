import { createHash, X509Certificate } from 'node:crypto';
import { expect } from 'vitest';
import type { BundleManifest } from '../../src/api/bundle.ts';
import { mailboxId, NUDGE } from '../../src/core/names.ts';
import { kinds } from '../fake-apiserver/kinds.ts';
import { isJson, type Obj } from '../fake-apiserver/object.ts';
import type { FakeApiServer } from '../fake-apiserver/server.ts';
import { completeBundle } from './fake-agents.ts';

/**
 * What there is in the end, without what no two lives have in common: uids, times, versions, and what is made at random.
 * Random things are looked at for what must hold of them (the digest is the password's, the key is the certificate's)
 * and are then only words.
 */
const ASIDE = new Set(['Event', 'Lease', 'Node', 'OrganizationClass']);

export function endState(server: FakeApiServer): Record<string, unknown> {
  const names = new Map<string, string>();
  for (const object of everything(server)) {
    names.set(object.metadata.uid ?? '', `uid of ${keyOf(object)}`);
    if (object.kind === 'SipUser') names.set(mailboxId(object.metadata), `mailbox of ${keyOf(object)}`);
  }
  const manifests = new Map<string, BundleManifest>();
  for (const { metadata } of server.list('Organization')) {
    const namespace = metadata.namespace ?? '';
    const manifest = completeBundle(server, namespace);
    expect(manifest, `the bundle of ${namespace} is complete`).toBeDefined();
    if (manifest) manifests.set(manifest.generation, manifest);
  }
  const replace = (text: string): string => plain(text, names, manifests);
  const objects = everything(server).filter(({ kind }) => !ASIDE.has(kind));
  checkPasswords(server);
  return Object.fromEntries(
    objects
      .map(object => [keyOf(object), walk(stripped(object), replace, object.metadata.generation)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function everything(server: FakeApiServer): Obj[] {
  return kinds().flatMap(({ kind }) => server.list(kind));
}

function keyOf({ kind, metadata }: Obj): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function stripped(object: Obj): Obj {
  const {
    resourceVersion: _,
    creationTimestamp: __,
    managedFields: ___,
    generation: ____,
    ...metadata
  } = object.metadata;
  const { data, ...rest } = object as Obj & { data?: Record<string, string> };
  if (Object.keys(data ?? {}).length === 0) return { ...rest, metadata } as Obj;
  if (object.kind !== 'Secret' || !data) return { ...object, metadata };
  const decoded = Object.entries(data).map(([key, value]) => [key, secretText(key, decode(value), data)] as const);
  return { ...object, metadata, data: Object.fromEntries(decoded) };
}

const decode = (value: string | undefined): string => Buffer.from(value ?? '', 'base64').toString();

/** A value of a Secret; random ones by their shape. */
function secretText(key: string, text: string, data: Record<string, string>): string {
  if (key === 'password') return text.replace(/^[A-Za-z0-9]{24}$/, 'a password');
  if (key === 'server') return text.replace(/^10\.96\..*/, 'an address');
  if (key === 'voicemailPin') return text.replace(/^\d{6}$/, 'a PIN');
  if (key === 'tls.crt' || key === 'ca.crt') return new X509Certificate(text).subject;
  if (key !== 'tls.key') return text;
  const certificate = new X509Certificate(decode(data['tls.crt']));
  const ca = new X509Certificate(decode(data['ca.crt'] ?? data['tls.crt']));
  expect(certificate.verify(ca.publicKey), 'the certificate is of its authority').toBe(true);
  return 'a key';
}

/** When something became so, and the nudge of a pod, which one that began with the newest never got. */
const PASSING = new Set(['lastTransitionTime', NUDGE]);

function walk(value: unknown, replace: (text: string) => string, generation = -2): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map(item => walk(item, replace, generation));
  if (!isJson(value)) return value;
  const lasting = Object.entries(value).filter(([key]) => !PASSING.has(key));
  return Object.fromEntries(
    lasting.map(([key, inner]) =>
      key === 'observedGeneration' && inner === generation ? [key, 'newest'] : [key, walk(inner, replace, generation)],
    ),
  );
}

function plain(
  text: string,
  names: ReadonlyMap<string, string>,
  manifests: ReadonlyMap<string, BundleManifest>,
): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, uid => names.get(uid) ?? 'a stranger')
    .replace(/"digest":"[0-9a-f]{64}"/g, '"digest":"right"') // a complete bundle has no other ones
    .replace(/"sequence":\d+/g, '"sequence":"of this life"') // one for each bundle that was written on the way
    .replace(/password_digest=(\S+):[0-9a-f]+/g, 'password_digest=$1:right')
    .replace(/\b(127\.1|10\.96)\.\d+\.\d+\b/g, 'an address')
    .replace(/\b[0-9a-f]{16}\b/g, generation => (manifests.has(generation) ? 'the generation' : generation))
    .replace(/\b[a-p]{24}\b/g, id => names.get(id) ?? id) // a mailbox
    .replace(/^(\S.* => )\d{6},/gm, '$1a PIN,');
}

/** The credentials for the phone and the digests for Asterisk are of the same password. */
function checkPasswords(server: FakeApiServer): void {
  for (const { metadata, data } of server.list('Secret')) {
    const { username, password, domain } = (data ?? {}) as Record<string, string>;
    if (!metadata.name.endsWith('-sip') || !username) continue;
    const digest = createHash('md5').update([username, domain, password].map(decode).join(':')).digest('hex');
    const auths = server
      .list('Secret', metadata.namespace)
      .filter(({ metadata: { name } }) => name.includes('-pbx-auth-'))
      .flatMap(secret => Object.values((secret['data'] ?? {}) as Record<string, string>).map(decode));
    expect(auths.join('\n'), `the digest of ${metadata.name}`).toContain(`password_digest=MD5:${digest}`);
  }
}

/** Follows the Secrets: which passwords each has had, in order, by uid of the user. */
export function passwordHistory(server: FakeApiServer): Map<string, string[]> {
  const history = new Map<string, string[]>();
  server.onWrite(({ type, object }) => {
    if (object.kind !== 'Secret' || !object.metadata.name.endsWith('-sip') || type === 'DELETED') return;
    const password = (object['data'] as Record<string, string> | undefined)?.['password'] ?? '';
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const known = history.get(key) ?? [];
    if (known.at(-1) !== password) history.set(key, [...known, password]);
  });
  return history;
}
