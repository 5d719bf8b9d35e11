import type { Credentials } from '../../view/phone-uri.ts';
import type { ShownTenant } from '../../view/tenant.ts';
import { type ClusterOptions, refuseBoth } from '../frame/cluster-options.ts';
import type { Invocation } from '../frame/invocation.ts';
import { withProgress } from '../frame/progress.ts';
import { ClusterTenant } from './cluster.ts';
import { DirectoryTenant } from './directory.ts';

/** Where verbs read a tenant from: a cluster, with the rights of who asks, or a directory of manifests. */
export interface TenantSource {
  read(): Promise<ShownTenant>;
  /** What a user's phone needs, from the Secret that the operator (or `up`) made. Throws a CommandError when there is none. */
  credentials(user: string): Promise<Credentials>;
  close(): Promise<void>;
}

/** Runs the work with the source that the command line names, and closes it. */
export async function withTenant<T>(
  invocation: Invocation,
  options: ClusterOptions,
  work: (source: TenantSource) => Promise<T>,
): Promise<T> {
  refuseBoth(invocation, options);
  const { directory } = invocation;
  const source: TenantSource =
    directory === undefined ? await ClusterTenant.open(options, invocation) : new DirectoryTenant(directory);
  try {
    return await withProgress('Reading the tenant', work(source));
  } finally {
    await source.close();
  }
}
