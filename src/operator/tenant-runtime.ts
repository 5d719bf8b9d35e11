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
 * What a leader keeps of one tenant between passes. Correctness does not depend on it: a new leader starts without. What
 * concerns several tenants (claims, records, rolls) is not in here.
 */
export class TenantRuntime {
  readonly namespace: string;
  readonly #gone = new AbortController();
  agent: KnownAgent | undefined;
  /** A certificate that was issued but is not in the cached Secret yet. */
  issuedTls: AgentTls | undefined;
  readonly deliveries = new Deliveries();
  readonly onboarding = new OnboardingWindow();
  readonly operations = new Operations();
  readonly nudges = new KubeletNudges();
  readonly idleTracker = new IdleTracker();
  readonly rejectedChildren = new RejectedChildren();
  /** Unmanaged Secrets that specs of the tenant refer to, decoded, by name. */
  readonly readSecrets = new Map<string, ReadSecret>();
  readonly statusBudget = new StatusBudget();
  readonly statusDebounce = new StatusDebounce();

  /** The cause of the roll for which it was logged that this tenant stops it. */
  stopsRoll: string | undefined;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** Aborted when the tenant is gone; ends what runs for it outside of passes. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  end(): void {
    this.#gone.abort(new Error(`The namespace ${this.namespace} is gone`));
  }
}

/** The runtimes of all tenants by namespace, each from the first pass until the tenant is gone. */
export class TenantRuntimes {
  readonly #tenants = new Map<string, TenantRuntime>();

  /** The runtime of a namespace, created on first use. */
  of(namespace: string): TenantRuntime {
    const known = this.#tenants.get(namespace) ?? new TenantRuntime(namespace);
    this.#tenants.set(namespace, known);
    return known;
  }

  find(namespace: string): TenantRuntime | undefined {
    return this.#tenants.get(namespace);
  }

  /** Forgets a tenant. A later namespace of the same name is another tenant. */
  drop(namespace: string): void {
    this.#tenants.get(namespace)?.end();
    this.#tenants.delete(namespace);
  }

  /** Namespaces that have a runtime. */
  get namespaces(): readonly string[] {
    return [...this.#tenants.keys()];
  }
}
