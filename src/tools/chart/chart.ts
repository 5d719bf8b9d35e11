import { operatorPod } from './operator-pod.ts';
import { namedTemplates, wholeManifests } from './templates.ts';
import { chartValues } from './values.ts';
import { valuesSchema, valuesYaml } from './values-files.ts';

/** Manifests that the operator's chart is made of, by their path in the repository. */
export const CHART_SOURCES = ['deployment', 'rbac', 'roles', 'policies'].map(name => `config/operator/${name}.yaml`);

const CHART = 'charts/ringfleet';
const KEEP = '(include "ringfleet.keep" .)';

/**
 * The generated files of charts/ringfleet, by path.
 * @param sources the texts of CHART_SOURCES, with their lists as they should be
 * @param crds the texts of the CRDs, by path
 */
export function chartFiles(
  sources: ReadonlyMap<string, string>,
  crds: ReadonlyMap<string, string>,
): Map<string, string> {
  const source = (name: string): string => sources.get(`config/operator/${name}.yaml`) ?? '';
  const pod = operatorPod(source('deployment'));
  const values = chartValues(pod);
  const kinds = [...crds].map(([path, text]) => {
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/^.*_/, '');
    return [`${CHART}/templates/crds/${name}`, wholeManifests(text, '.Values.crds.enabled', KEEP)] as const;
  });
  return new Map([
    [`${CHART}/values.yaml`, valuesYaml(values)],
    [`${CHART}/values.schema.json`, valuesSchema(values)],
    [`${CHART}/templates/_generated.tpl`, namedTemplates(source('rbac'), pod)],
    [`${CHART}/templates/roles.yaml`, wholeManifests(source('roles'), '.Values.roles.enabled')],
    [`${CHART}/templates/policies.yaml`, wholeManifests(source('policies'), '.Values.policies.enabled')],
    ...kinds,
  ]);
}
