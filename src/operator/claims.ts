import type { Organization, OrganizationClass } from '../api/index.ts';
import { tenantOf } from '../core/tenant.ts';
import type { Claimant, Claims } from '../core/world.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { Change } from '../kube/store.ts';

/**
 * Who on the whole platform wants which e-mail address, E.164 number and SIP domain. A tenant cannot see this alone; when
 * a claim comes or goes, every namespace that wants the thing looks again.
 */
type Sort = keyof Claims;

export class ClaimIndex {
  readonly #claims: Record<Sort, Map<string, Claimant[]>> = {
    emails: new Map(),
    numbers: new Map(),
    domains: new Map(),
  };
  readonly #held = new Map<string, { sort: Sort; key: string }>();
  readonly #classOf: (name: string) => OrganizationClass | undefined;

  constructor(classOf: (name: string) => OrganizationClass | undefined) {
    this.#classOf = classOf;
  }

  get claims(): Claims {
    return this.#claims;
  }

  /** Takes a change in; returns the namespaces that must look again because of it. */
  note(kind: string, { object, type }: Change): Set<string> {
    const id = `${kind}/${object.metadata.uid ?? ''}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const wanted = type === 'deleted' ? undefined : this.#wantedBy(kind, object);
    const before = this.#held.get(id);
    if (before?.sort === wanted?.sort && before?.key === wanted?.key) return new Set();
    const moved = new Set<string>();
    if (before) {
      const rest = (this.#claims[before.sort].get(before.key) ?? []).filter(one => one.uid !== object.metadata.uid);
      if (rest.length > 0) this.#claims[before.sort].set(before.key, rest);
      else this.#claims[before.sort].delete(before.key);
      for (const { namespace } of rest) moved.add(namespace);
      this.#held.delete(id);
    }
    if (wanted) {
      const others = this.#claims[wanted.sort].get(wanted.key) ?? [];
      for (const { namespace } of others) moved.add(namespace);
      this.#claims[wanted.sort].set(wanted.key, [...others, claimant(kind, object)]);
      this.#held.set(id, wanted);
    }
    return moved;
  }

  #wantedBy(kind: string, object: KubeObject): { sort: Sort; key: string } | undefined {
    const spec = (object['spec'] ?? {}) as { email?: string; number?: string };
    if (kind === 'SipUser') return spec.email ? { sort: 'emails', key: spec.email.toLowerCase() } : undefined;
    if (kind === 'PhoneNumber') return spec.number ? { sort: 'numbers', key: spec.number } : undefined;
    if (kind !== 'Organization') return undefined;
    const organization = object as unknown as Organization;
    const orgClass = this.#classOf(organization.spec?.className ?? 'general');
    return { sort: 'domains', key: tenantOf(organization, orgClass, []).domain };
  }
}

function claimant(kind: string, { metadata }: KubeObject): Claimant {
  const { namespace = '', name, uid = '', creationTimestamp: createdAt = '' } = metadata;
  return { kind, namespace, name, uid, createdAt };
}
