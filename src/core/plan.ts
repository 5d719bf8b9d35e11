import type { BundleManifest, SettingsKey } from '../api/bundle.ts';
import type { ObjectMeta } from '../api/index.ts';
import type { Operation } from '../api/operation.ts';
import type { InForce } from '../api/record.ts';
import type { ObjectTexts } from './asterisk/object-texts.ts';
import type { Manifest } from './snapshot.ts';

/** What `compile` decided. The shell carries it out in this order and decides nothing. */
export interface Plan {
  /** Random values that are needed before anything else is decided: generate them and compile again. */
  readonly secretRequests: readonly SecretRequest[];
  /** Objects to create or change, Secrets first. */
  readonly apply: readonly Manifest[];
  readonly prune: readonly ObjectRef[];
  readonly statuses: readonly StatusWrite[];
  readonly events: readonly EventNote[];
  /** The accepted values, to be recorded before anything else is done; absent: leave the record as it is. */
  readonly inForce?: InForce;
  /** Undefined when there is no PBX to configure. */
  readonly bundle?: Bundle;
  /** The annotation on the pod that has its kubelet update the volume at once; absent when the agent has the bundle. */
  readonly nudge?: { readonly pod: string; readonly generation: string };
  /** Send the bundle to the agent once it is written; absent when the agent has it, or is too old to take it. */
  readonly deliver?: true;
  /** Delete the PBX pod: it is to be replaced and has no calls. */
  readonly roll?: {
    readonly pod: string;
    readonly uid: string;
    readonly reason: string;
    /** While it is not ready again, no other PBX is replaced for the same cause; absent: it does not count. */
    readonly cause?: string;
  };
  /** Requests to the agent, in this order. */
  readonly operations: readonly Operation[];
  /** A roll is under way or wanted now. */
  readonly rolling: boolean;
  /** What a due roll waits for. */
  readonly rollPending?: RollPending;
  readonly requeueAfterSeconds?: number;
}

export interface RollPending {
  readonly reason: 'MaintenanceWindow' | 'AnotherFirst' | 'CallsUp';
  readonly message: string;
  /** The cause, when it waits for another PBX that was replaced for it. */
  readonly cause?: string;
}

export interface Bundle {
  readonly manifest: BundleManifest;
  /** By fragment key. */
  readonly texts: ReadonlyMap<string, string>;
  /** Settings of the agent, by file, as JSON. */
  readonly settings: ReadonlyMap<SettingsKey, string>;
  /** Objects (`<Kind>/<name>`) with a value that the renderer refused, and its field where that is known. */
  readonly refused: ReadonlyMap<string, string | undefined>;
  /** The same texts by whose they are. */
  readonly objects: Pick<ObjectTexts, 'of'>;
}

/** A random value to be generated, for a key of a Secret. */
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
