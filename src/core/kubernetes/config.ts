import { MANIFEST_KEY } from '../../api/bundle.ts';
import { shardCount } from '../asterisk/bundle.ts';
import { childLabels, pbxName } from '../names.ts';
import type { Bundle } from '../plan.ts';
import type { Tenant } from '../tenant.ts';
import type { Manifest } from '../world.ts';
import { ownedBy } from './credentials.ts';

/**
 * The bundle as objects: fragments of shard n in ConfigMap `<org>-pbx-<n>` or, when derived from a secret, in Secret
 * `<org>-pbx-auth-<n>`; the manifest in ConfigMap `<org>-pbx`, applied last, so that a complete set follows it.
 */
export function configObjects(bundle: Bundle, tenant: Tenant, namespace: string): Manifest[] {
  const shards = Array.from({ length: shardTotal(tenant) }, (_, shard) => shard);
  const manifest = configMap(
    pbxName(tenant.name),
    { [MANIFEST_KEY]: JSON.stringify(bundle.manifest) },
    tenant,
    namespace,
  );
  return [
    ...shards.map(shard => secret(authName(tenant.name, shard), shardData(bundle, shard, true), tenant, namespace)),
    ...shards.map(shard =>
      configMap(shardName(tenant.name, shard), shardData(bundle, shard, false), tenant, namespace),
    ),
    manifest,
  ];
}

/** Shard 0 holds what belongs to no single object. */
function shardTotal(tenant: Tenant): number {
  return 1 + shardCount(tenant.limits.users);
}

export function shardName(organization: string, shard: number): string {
  return `${pbxName(organization)}-${shard}`;
}

export function authName(organization: string, shard: number): string {
  return `${pbxName(organization)}-auth-${shard}`;
}

function shardData(bundle: Bundle, shard: number, secret: boolean): Record<string, string> {
  const suffix = `.${String(shard).padStart(3, '0')}`;
  const fragments = bundle.manifest.fragments.filter(
    fragment => fragment.secret === secret && fragment.key.endsWith(suffix),
  );
  return Object.fromEntries(fragments.map(({ key }) => [key, bundle.texts.get(key) ?? '']));
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
