import { stringify } from 'yaml';
import { builtInClasses } from '../api/built-in-classes.ts';
import { crdSchema } from '../api/crd-schema.ts';
import { GROUP, type KindInfo, kinds, VERSION } from '../api/index.ts';

/** The CRDs and the shipped classes as YAML, byte-stable. */

export function generatedFiles(): Map<string, string> {
  const crds = kinds.map(info => [`crds/${GROUP}_${info.plural}.yaml`, yaml(crd(info))] as const);
  const classes = builtInClasses.map(one => [`config/classes/${one.metadata.name}.yaml`, yaml(one)] as const);
  return new Map([...crds, ...classes]);
}

/** YAML 1.1, as the API server reads it: a plain `n` would be a boolean there. */
function yaml(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

function crd(info: KindInfo): unknown {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${info.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind: info.kind,
        listKind: `${info.kind}List`,
        plural: info.plural,
        singular: info.singular,
        ...(info.shortNames.some(name => name !== info.singular)
          ? { shortNames: info.shortNames.filter(name => name !== info.singular) }
          : {}),
        categories: ['pbx'],
      },
      scope: info.scope,
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { description: info.description, ...crdSchema(info.schema) } },
          subresources: { status: {} },
          additionalPrinterColumns: info.columns.map(({ name, jsonPath, type = 'string', priority }) => ({
            name,
            jsonPath,
            type,
            ...(priority === undefined ? {} : { priority }),
          })),
        },
      ],
    },
  };
}
