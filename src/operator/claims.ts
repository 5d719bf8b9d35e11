import type { Organization, OrganizationClass } from '../api/index.ts';
import type { InForce } from '../api/record.ts';
import { byClaim, holderOf, standingOf } from '../core/claims.ts';
import { type AnyKind, everyKind } from '../core/kinds/index.ts';
import type { Claimant, Claims } from '../core/snapshot.ts';
import { conditionsOf } from '../core/status/conditions.ts';
import { tenantOf } from '../core/tenant.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { Change } from '../kube/store.ts';

/**
 * Claims on the whole platform to e-mail addresses, E.164 numbers and SIP domains, and their holders. When the holder of one
 * changes, every namespace that claims it is reconciled.
 */
type ClaimKind = keyof Claims;

const CLAIMS = new Map<string, AnyKind['claim']>(everyKind.map(([kind, { claim }]) => [kind, claim]));

interface Held {
  readonly claimKind: ClaimKind;
  readonly key: string;
  readonly claimant: Claimant;
}

export class ClaimIndex {
  readonly #claimants: Record<ClaimKind, Map<string, Map<string, Claimant>>> = {
    emails: new Map(),
    numbers: new Map(),
    domains: new Map(),
  };
  readonly #holders: Record<ClaimKind, Map<string, Claimant>> = {
    emails: new Map(),
    numbers: new Map(),
    domains: new Map(),
  };
  readonly #held = new Map<string, Held>();
  /** Accepted values by namespace. Their domains are held even while the Organizations ask for others. */
  readonly #inForce = new Map<string, InForce>();
  /** All Organizations, whose domains may change with their classes. */
  readonly #organizations = new Map<string, KubeObject>();
  readonly #classOf: (name: string) => OrganizationClass | undefined;

  constructor(classOf: (name: string) => OrganizationClass | undefined) {
    this.#classOf = classOf;
  }

  get claims(): Claims {
    return this.#holders;
  }

  /** Takes in a change of an object; returns the namespaces that must be reconciled because of it. */
  observe(kind: string, { object, type }: Change): Set<string> {
    if (kind === 'OrganizationClass') return this.#observeClass(object.metadata.name);
    const id = `${kind}/${object.metadata.uid ?? ''}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (kind === 'Organization') {
      if (type === 'deleted') this.#organizations.delete(id);
      else this.#organizations.set(id, object);
    }
    const affected = this.#replace(id, type === 'deleted' ? undefined : this.#wantedBy(id, kind, object));
    if (kind !== 'Organization') return affected;
    return new Set([...affected, ...this.#hold(object.metadata.namespace ?? '')]);
  }

  /**
   * Takes in the accepted values of a tenant as soon as they are decided. From then on no other tenant can get its domain, even
   * while the Organization asks for another one and is refused. Returns the namespaces that must be reconciled.
   */
  hold(namespace: string, inForce: InForce | undefined): Set<string> {
    if (inForce) this.#inForce.set(namespace, inForce);
    else this.#inForce.delete(namespace);
    return this.#hold(namespace);
  }

  #hold(namespace: string): Set<string> {
    const id = `in force/${namespace}`;
    const inForce = this.#inForce.get(namespace);
    const uid = inForce?.organization;
    const owner = this.#organizations.get(`Organization/${uid ?? ''}/${namespace}/${namespace}`);
    if (!inForce || !owner) return this.#replace(id, undefined);
    const { name, creationTimestamp: createdAt = '' } = owner.metadata;
    const claimant = { kind: 'Organization', namespace, name, uid: uid ?? '', createdAt, standing: 0 } as const;
    const before = this.#held.get(id);
    if (before?.key === inForce.domain && before.claimant.uid === claimant.uid) return new Set();
    return this.#replace(id, { claimKind: 'domains', key: inForce.domain, claimant });
  }

  #observeClass(name: string): Set<string> {
    const affected = new Set<string>();
    for (const [id, object] of this.#organizations) {
      if (classNameOf(object) !== name) continue;
      for (const namespace of this.#replace(id, this.#wantedBy(id, 'Organization', object))) affected.add(namespace);
    }
    return affected;
  }

  #replace(id: string, wanted: Held | undefined): Set<string> {
    const affected = new Set<string>();
    const before = this.#held.get(id);
    if (before && (before.claimKind !== wanted?.claimKind || before.key !== wanted.key)) {
      this.#change(before, id, undefined, affected);
      this.#held.delete(id);
    }
    if (wanted) {
      this.#held.set(id, wanted);
      this.#change(wanted, id, wanted.claimant, affected);
    }
    return affected;
  }

  #change({ claimKind, key }: Held, id: string, claimant: Claimant | undefined, affected: Set<string>): void {
    const claimants = this.#claimants[claimKind].get(key) ?? new Map<string, Claimant>();
    const holder = this.#holders[claimKind].get(key);
    const held = holder !== undefined && claimants.get(id) === holder;
    if (claimant) this.#claimants[claimKind].set(key, claimants.set(id, claimant));
    else claimants.delete(id);
    if (claimants.size === 0) this.#claimants[claimKind].delete(key);
    // All claimants are compared only when the holder itself changes.
    const challenged = claimant && (!holder || byClaim(claimant, holder) < 0) ? claimant : holder;
    const now = held ? holderOf(claimants.values()) : challenged;
    if (now) this.#holders[claimKind].set(key, now);
    else this.#holders[claimKind].delete(key);
    if (now?.uid === holder?.uid && now?.namespace === holder?.namespace && now?.name === holder?.name) return;
    for (const { namespace } of claimants.values()) affected.add(namespace);
  }

  #wantedBy(id: string, kind: string, object: KubeObject): Held | undefined {
    const what = this.#claimOf(kind, object);
    if (!what) return undefined;
    const before = this.#held.get(id);
    const same = before?.claimKind === what.claimKind && before.key === what.key;
    const claimant = claimantOf(kind, object, same && before.claimant.standing === 0);
    return same && before.claimant.standing === claimant.standing ? before : { ...what, claimant };
  }

  #claimOf(kind: string, object: KubeObject): { claimKind: ClaimKind; key: string } | undefined {
    const spec = (object['spec'] ?? {}) as Readonly<Record<string, unknown>>;
    const claim = CLAIMS.get(kind);
    const wanted = claim?.keyOf(spec);
    if (claim && wanted !== undefined) return { claimKind: claim.claimKind, key: wanted };
    if (kind !== 'Organization') return undefined;
    const organization = { ...object, spec } as unknown as Organization;
    const orgClass = this.#classOf(classNameOf(object));
    return { claimKind: 'domains', key: tenantOf(organization, orgClass, []).domain };
  }
}

function classNameOf(organization: KubeObject): string {
  return (organization['spec'] as { className?: string } | undefined)?.className ?? 'general';
}

function claimantOf(kind: string, { metadata, status }: KubeObject, held: boolean): Claimant {
  const { namespace = '', name, uid = '', creationTimestamp: createdAt = '', generation } = metadata;
  const observed = (status as { observedGeneration?: number } | undefined)?.observedGeneration;
  const list = conditionsOf(status);
  const refused =
    list.find(one => one.type === 'Stalled') ?? list.find(one => one.type === 'Ready' && one.status === 'False');
  const standing = standingOf({ generation, observed, reason: refused?.reason }, held);
  // The holder of a domain is known from the records (`hold`), not from a status.
  return { kind, namespace, name, uid, createdAt, standing: kind === 'Organization' && standing === 0 ? 1 : standing };
}
