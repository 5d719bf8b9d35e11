import { MANIFEST_KEY, SECRET_SETTINGS } from '../../api/bundle.ts';
import { shardCount, WITH_MANIFEST } from '../asterisk/bundle.ts';
import { Memos } from '../memo.ts';
import { childLabels, pbxName } from '../names.ts';
import type { Bundle } from '../plan.ts';
import type { Manifest } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { ownedBy } from './metadata.ts';

/**
 * The bundle as objects: fragments of shard n in ConfigMap `<org>-pbx-<n>` or, when derived from a secret, in Secret
 * `<org>-pbx-auth-<n>`; the manifest, and what changes as often, in ConfigMap `<org>-pbx`, applied last, so that a complete
 * set exists once it does. The agent's settings are in the same ConfigMap, its secret ones in Secret `<org>-pbx-auth-0`.
 */
export function configObjects(bundle: Bundle, tenant: Tenant, namespace: string): Manifest[] {
  const shards = Array.from({ length: shardTotal(tenant) }, (_, shard) => shard);
  const secrets = shardsOf(bundle, true);
  const open = shardsOf(bundle, false);
  const manifest = configMap(
    pbxName(tenant.name),
    { ...open.get(WITH_MANIFEST), ...settingsOf(bundle, false), [MANIFEST_KEY]: JSON.stringify(bundle.manifest) },
    tenant,
    namespace,
  );
  return [
    ...shards.map(shard => {
      const texts = { ...secrets.get(shard), ...(shard === 0 ? settingsOf(bundle, true) : {}) };
      return made(authName(tenant.name, shard), texts, tenant, namespace, secret);
    }),
    ...shards.map(shard => made(shardName(tenant.name, shard), open.get(shard) ?? {}, tenant, namespace, configMap)),
    manifest,
  ];
}

const remembered = new Memos<Tenant, string, Manifest>();

/** The identical object for the same texts: shards are large, and most of them do not change. */
function made(
  name: string,
  texts: Record<string, string>,
  tenant: Tenant,
  namespace: string,
  make: typeof configMap,
): Manifest {
  const inputs = [namespace, ...Object.keys(texts), ...Object.values(texts)];
  return remembered.of(tenant, name, inputs, () => make(name, texts, tenant, namespace));
}

/** Number of shards. Shard 0 has the fragments that belong to no single object. */
function shardTotal(tenant: Tenant): number {
  return 1 + shardCount(tenant.limits.users);
}

export function shardName(organization: string, shard: number): string {
  return `${pbxName(organization)}-${shard}`;
}

export function authName(organization: string, shard: number): string {
  return `${pbxName(organization)}-auth-${shard}`;
}

/** Settings of the agent, by file. */
function settingsOf({ settings }: Bundle, secret: boolean): Record<string, string> {
  return Object.fromEntries([...settings].filter(([key]) => (key === SECRET_SETTINGS) === secret));
}

/** Texts by fragment key, by shard. */
function shardsOf({ manifest, texts }: Bundle, secret: boolean): ReadonlyMap<number, Record<string, string>> {
  const shards = new Map<number, Record<string, string>>();
  for (const { key, secret: isSecret } of manifest.fragments) {
    if (isSecret !== secret) continue;
    const shard = Number(key.slice(-3));
    shards.set(shard, { ...shards.get(shard), [key]: texts.get(key) ?? '' });
  }
  return shards;
}

function configMap(name: string, data: Record<string, string>, tenant: Tenant, namespace: string): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(name, tenant, namespace), data };
}

function secret(name: string, texts: Record<string, string>, tenant: Tenant, namespace: string): Manifest {
  const data = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadata(name, tenant, namespace), type: 'Opaque', data };
}

function metadata(name: string, tenant: Tenant, namespace: string): Manifest['metadata'] {
  return {
    name,
    namespace,
    labels: childLabels(tenant.name, 'config'),
    ...ownedBy('Organization', tenant.organization),
  };
}
