import type { KnownAgent } from './agents.ts';
import type { AgentTls } from './ca.ts';
import { Deliveries } from './deliveries.ts';
import { IdleTracker } from './idle-tracker.ts';
import { KubeletNudges } from './kubelet-nudges.ts';
import { OnboardingWindow } from './onboarding-window.ts';
import { Operations } from './operations.ts';
import { RejectedChildren } from './rejected-children.ts';
import type { ReadSecret } from './secrets.ts';
import { StatusBudget } from './status-budget.ts';
import { StatusDebounce } from './status-debounce.ts';

/**
 * All that a leading operator remembers of one tenant from pass to pass. Nothing of it is needed to be right: another
 * operator begins without, and finds out again. What concerns several tenants (claims, records, rolls) is not in here.
 */
export class TenantRuntime {
  readonly namespace: string;
  readonly #gone = new AbortController();
  agent: KnownAgent | undefined;
  /** A certificate that was issued and is not seen in the tenant's Secret yet. */
  issuedTls: AgentTls | undefined;
  readonly deliveries = new Deliveries();
  readonly onboarding = new OnboardingWindow();
  readonly operations = new Operations();
  readonly nudges = new KubeletNudges();
  readonly idleTracker = new IdleTracker();
  readonly rejectedChildren = new RejectedChildren();
  /** Secrets of other people that specs of the tenant refer to, decoded, by name. */
  readonly readSecrets = new Map<string, ReadSecret>();
  readonly statusBudget = new StatusBudget();
  readonly statusDebounce = new StatusDebounce();

  /** The cause of a roll of which was said that this tenant stops it. */
  stopsRoll: string | undefined;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** What goes on for the tenant beside its passes ends with this. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  end(): void {
    this.#gone.abort(new Error(`The namespace ${this.namespace} is gone`));
  }
}

/** The tenants that an operator remembers something of, by namespace: each from the first pass over it until it is gone. */
export class TenantRuntimes {
  readonly #tenants = new Map<string, TenantRuntime>();

  /** The one of this namespace, made when it is seen for the first time. */
  of(namespace: string): TenantRuntime {
    const known = this.#tenants.get(namespace) ?? new TenantRuntime(namespace);
    this.#tenants.set(namespace, known);
    return known;
  }

  find(namespace: string): TenantRuntime | undefined {
    return this.#tenants.get(namespace);
  }

  /** Forgets a tenant whole. A namespace of the same name that comes later is another tenant. */
  drop(namespace: string): void {
    this.#tenants.get(namespace)?.end();
    this.#tenants.delete(namespace);
  }

  /** Whom something is remembered of. */
  get namespaces(): readonly string[] {
    return [...this.#tenants.keys()];
  }
}
