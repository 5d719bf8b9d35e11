import { isMap, parseAllDocuments, stringify } from 'yaml';
import type { OperatorPod } from './operator-pod.ts';

/**
 * Templates of the operator's chart that follow from config/operator and the CRDs. What is taken over stays as it is
 * written there, with the reasons beside it.
 */
const NOTE = '{{- /* Written by `npm run generate`: edit config/operator, or src/api, instead. */ -}}\n';

/** A template of whole manifests; `condition` says when they are rendered. */
export function wholeManifests(text: string, condition: string, annotations?: string): string {
  const documents = split(text).map(one => withMetadata(one, annotations).trim());
  return `${NOTE}{{- if ${condition} }}\n${documents.join('\n---\n')}\n{{- end }}\n`;
}

/** Named templates with the rules of roles, and with what nobody changes of the pod. */
export function namedTemplates(rbac: string, pod: OperatorPod): string {
  const rules = split(rbac).flatMap(text => {
    const [, after] = text.split(/^rules:\n/m);
    const role = parseAllDocuments(text)[0]?.toJS() as Role;
    return after === undefined ? [] : [named(`ringfleet.rules.${nameOf(role)}`, plain(after))];
  });
  const parts = [
    named('ringfleet.pod', stringify(pod.pod, OPTIONS)),
    named('ringfleet.container', stringify(pod.container, OPTIONS)),
    named('ringfleet.env', stringify(pod.env, OPTIONS)),
  ];
  return NOTE + [...rules, ...parts].join('\n');
}

const OPTIONS = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** `platform` and `tenants` of the whole cluster; `default` and `own` of a namespace. */
function nameOf({ kind, metadata: { name, namespace } }: Role): string {
  if (kind === 'ClusterRole') return name.endsWith('-platform') ? 'platform' : 'tenants';
  return namespace === 'default' ? 'default' : 'own';
}

function named(name: string, text: string): string {
  return `{{- define "${name}" -}}\n${text.trimEnd()}\n{{- end }}\n`;
}

function split(text: string): string[] {
  return text.split(/^---\n/m).filter(one => one.trim());
}

/** Text with its metadata as the chart has it: the same name, and labels and annotations of the release. */
function withMetadata(text: string, more?: string): string {
  const document = parseAllDocuments(text)[0];
  const { metadata } = document?.toJS() as { metadata: { name: string; labels?: Record<string, string> } };
  const pair = isMap(document?.contents)
    ? document.contents.items.find(({ key }) => String(key) === 'metadata')
    : undefined;
  const [start, end] = (pair?.value as { range?: readonly number[] } | null)?.range ?? [];
  if (start === undefined || end === undefined) throw new TypeError('A manifest without metadata');
  const labels = Object.entries(metadata.labels ?? {}).map(
    ([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`,
  );
  const before = plain(text.slice(0, start)).trimEnd();
  const words = [
    `\n  name: ${metadata.name}\n  labels:\n`,
    ...labels,
    '    {{- include "ringfleet.labels" . | nindent 4 }}\n',
    `  {{- include "ringfleet.annotations" (dict "root" $${more ? ` "more" ${more}` : ''}) | nindent 2 }}\n`,
  ];
  return `${before}${words.join('')}${plain(text.slice(end)).trimStart()}`;
}

/** Nothing in it means something to the engine of templates. */
function plain(text: string): string {
  if (text.includes('{{')) throw new TypeError('Braces that Helm would take for its own');
  return text;
}
