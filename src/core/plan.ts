import type { BundleManifest, SettingsKey } from '../api/bundle.ts';
import type { ObjectMeta } from '../api/index.ts';
import type { Operation } from '../api/operation.ts';
import type { InForce } from '../api/record.ts';
import type { Manifest } from './snapshot.ts';

/** What `compile` decided. `execute` does it, in this order, and decides nothing. */
export interface Plan {
  /** Random values that are needed before anything else can be decided; then compile again. */
  readonly secretRequests: readonly SecretRequest[];
  /** Objects to create or change, Secrets first. */
  readonly apply: readonly Manifest[];
  readonly prune: readonly ObjectRef[];
  readonly statuses: readonly StatusWrite[];
  readonly events: readonly EventNote[];
  /** What is to be remembered before anything of it is done; undefined: leave what is remembered as it is. */
  readonly inForce?: InForce;
  /** Undefined when there is no PBX to configure. */
  readonly bundle?: Bundle;
  /** The annotation to put on the pod so that its kubelet looks at once; undefined when the agent has it all. */
  readonly nudge?: { readonly pod: string; readonly generation: string };
  /** Bring the bundle to the agent itself, once it is written; absent when the agent has it, or takes none. */
  readonly deliver?: true;
  /** Delete the PBX pod: it is quiet and an older template's. */
  readonly roll?: {
    readonly pod: string;
    readonly uid: string;
    readonly reason: string;
    /** Nobody else may be replaced for the same cause meanwhile; absent: whoever is. */
    readonly cause?: string;
  };
  /** What to ask of the agent, in this order. */
  readonly operations: readonly Operation[];
  /** A roll is under way or wanted now. */
  readonly rolling: boolean;
  /** A roll is due, and for what it waits. */
  readonly rollPending?: RollPending;
  readonly requeueAfterSeconds?: number;
}

export interface RollPending {
  readonly reason: 'MaintenanceWindow' | 'AnotherFirst' | 'CallsUp';
  readonly message: string;
  /** Of a roll that waits for another one's end. */
  readonly cause?: string;
}

export interface Bundle {
  readonly manifest: BundleManifest;
  /** By fragment key. */
  readonly texts: ReadonlyMap<string, string>;
  /** Settings of the agent, by file, as JSON. */
  readonly settings: ReadonlyMap<SettingsKey, string>;
  /** `<Kind>/<name>` of objects with a value that the renderer would not let through → its field, where it is known. */
  readonly refused: ReadonlyMap<string, string | undefined>;
}

export interface SecretRequest {
  readonly secret: string;
  readonly key: string;
  readonly form: 'password' | 'pin';
}

export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
}

export interface StatusWrite {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: Readonly<Record<string, unknown>>;
}

export interface EventNote {
  readonly regarding: { readonly kind: string; readonly metadata: ObjectMeta };
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}
