import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { RESOURCES, type ResourceType } from '../../src/kube/resource.ts';
import type { Schema } from '../../src/lint/schema.ts';

/** What the server serves: the built-in kinds that we touch, and the CRDs of this repository. */
export interface Kind extends ResourceType {
  /** Of a CRD; built-in kinds have code of their own (builtin.ts). */
  readonly schema?: Schema;
  readonly status: boolean;
  readonly generation: boolean;
}

const WITH_STATUS = new Set([
  'Namespace',
  'Node',
  'Pod',
  'Service',
  'PersistentVolumeClaim',
  'ResourceQuota',
  'StatefulSet',
  'PodDisruptionBudget',
]);
const WITH_GENERATION = new Set(['StatefulSet', 'NetworkPolicy', 'PodDisruptionBudget', 'EndpointSlice']);

interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
      readonly subresources?: { readonly status?: object };
    }[];
  };
}

let known: readonly Kind[] | undefined;

/** Read once per process: the files are long. */
export function kinds(): readonly Kind[] {
  known ??= [...customKinds(), ...builtinKinds()];
  return known;
}

function builtinKinds(): Kind[] {
  return Object.values(RESOURCES)
    .filter(({ group }) => group !== 'ringfleet.io')
    .map(type => ({ ...type, status: WITH_STATUS.has(type.kind), generation: WITH_GENERATION.has(type.kind) }));
}

function customKinds(): Kind[] {
  const folder = join(import.meta.dirname, '../../crds');
  return readdirSync(folder)
    .filter(name => name.endsWith('.yaml'))
    .map(name => parse(readFileSync(join(folder, name), 'utf8')) as CustomResourceDefinition)
    .flatMap(({ spec }) =>
      spec.versions.map(({ name, schema, subresources }) => ({
        group: spec.group,
        version: name,
        plural: spec.names.plural,
        kind: spec.names.kind,
        namespaced: spec.scope === 'Namespaced',
        schema: schema.openAPIV3Schema,
        status: subresources?.status !== undefined,
        generation: true,
      })),
    );
}

export function kindNamed(name: string): Kind {
  const kind = kinds().find(candidate => candidate.kind === name);
  if (!kind) throw new TypeError(`The fake API server has no kind ${name}`);
  return kind;
}
