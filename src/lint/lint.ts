import { kinds, type OrganizationClass } from '../api/index.ts';
import type { Manifest } from '../core/snapshot.ts';
import { evaluateTenants, type Said } from './evaluation.ts';
import { refusals } from './object.ts';
import { byPlace, type Problem } from './problem.ts';
import { isJson, type Json } from './schema.ts';
import type { ManifestTenant } from './snapshot.ts';
import type { Violation } from './violation.ts';
import { readYaml, type YamlObject } from './yaml-file.ts';

/** A file of manifests. */
export interface SourceFile {
  /** As a person named it. */
  readonly path: string;
  readonly text: string;
}

interface Placed {
  readonly file: string;
  readonly yaml: YamlObject;
  readonly manifest: Manifest;
}

/**
 * All that is wrong with files of manifests, as a cluster would say it: what its API server refuses, and then, of what it
 * takes, what the operator says. Pure.
 */
export function lint(files: readonly SourceFile[]): Problem[] {
  const problems: Problem[] = [];
  const taken: Placed[] = [];
  for (const { path, text } of files) {
    const { objects, problems: unreadable } = readYaml(text);
    for (const { line, column, message } of unreadable)
      problems.push({ file: path, line, column, field: '', severity: 'error', rule: 'Yaml', message });
    for (const yaml of objects) {
      const found = isJson(yaml.value) ? refusalsOf(path, yaml, yaml.value) : [noObject(path, yaml)];
      problems.push(...found);
      if (found.length === 0 && isOurs(yaml.value)) taken.push({ file: path, yaml, manifest: yaml.value as Manifest });
    }
  }
  const { good, problems: unread } = completed(taken);
  return [...problems, ...unread, ...twice(good), ...evaluated(good)].sort(byPlace);
}

function refusalsOf(file: string, yaml: YamlObject, value: Json): Problem[] {
  return refusals(value).map(violation => {
    const field = shown(violation.field);
    const at = yaml.at(violation.field);
    return {
      file,
      ...at,
      ...named(value),
      field,
      severity: 'error',
      rule: ruleOf(violation),
      message: violation.message,
    };
  });
}

function noObject(file: string, yaml: YamlObject): Problem {
  return {
    file,
    ...yaml.at(''),
    field: '',
    severity: 'error',
    rule: 'Yaml',
    message: 'this is no object of Kubernetes',
  };
}

function ruleOf({ reason }: Violation): string {
  return reason.replace(/^FieldValue/, '');
}

/** `{password:secret}`, without a blank, is one key, and no name: what is around it must do. */
function shown(field: string): string {
  const strange = /[^-.\w/[\]]/.exec(field);
  return strange ? field.slice(0, strange.index).replace(/[.[][^.[]*$/, '') : field;
}

function named(value: Json): { object?: string } {
  const { kind, metadata } = value;
  const name = isJson(metadata) ? metadata['name'] : undefined;
  return typeof kind === 'string' && typeof name === 'string' ? { object: `${kind}/${name}` } : {};
}

const SCHEMAS = new Map(kinds.map(({ kind, schema }) => [kind, schema]));

function isOurs(value: unknown): boolean {
  const { apiVersion, kind } = value as Json;
  return SCHEMAS.has(String(kind)) || (apiVersion === 'v1' && kind === 'Secret');
}

/** As the operator reads them. */
function completed(taken: readonly Placed[]): { good: Placed[]; problems: Problem[] } {
  const good: Placed[] = [];
  const problems: Problem[] = [];
  for (const one of taken) {
    const schema = SCHEMAS.get(one.manifest.kind);
    const read = schema?.safeParse(one.manifest);
    if (!read || read.success) good.push(read ? { ...one, manifest: read.data as Manifest } : one);
    else
      for (const { path, message } of read.error.issues) {
        const field = path.reduce<string>(
          (at, part) => (typeof part === 'number' ? `${at}[${part}]` : at ? `${at}.${String(part)}` : String(part)),
          '',
        );
        problems.push(problemAt(one, { field, severity: 'error', rule: 'Invalid', message }));
      }
  }
  return { good, problems };
}

function problemAt(
  { file, yaml, manifest }: Placed,
  said: Pick<Problem, 'field' | 'severity' | 'rule' | 'message'>,
): Problem {
  return { file, ...yaml.at(said.field), object: `${manifest.kind}/${manifest.metadata.name}`, ...said };
}

/** Of two manifests of one object the later one wins, and nobody knows which that is. */
function twice(good: readonly Placed[]): Problem[] {
  const loose = looseOf(good);
  const seen = new Map<string, Placed>();
  return good.flatMap(one => {
    const { kind, metadata } = one.manifest;
    const key = `${kind}/${namespaceOf(one, loose)}/${metadata.name}`;
    const before = seen.get(key);
    seen.set(key, before ?? one);
    if (!before) return [];
    const message = `${before.file} has this object already, in line ${before.yaml.at('').line}; keep one of them`;
    return [problemAt(one, { field: 'metadata.name', severity: 'error', rule: 'Twice', message })];
  });
}

function evaluated(good: readonly Placed[]): Problem[] {
  const classes = good
    .filter(({ manifest }) => manifest.kind === 'OrganizationClass')
    .map(({ manifest }) => manifest as unknown as OrganizationClass);
  const loose = looseOf(good);
  const placed = new Map<string, Placed>();
  const tenants = new Map<string, Manifest[]>();
  for (const one of good) {
    if (one.manifest.kind === 'OrganizationClass') continue;
    const namespace = namespaceOf(one, loose);
    const { kind, metadata } = one.manifest;
    const key = `${namespace}/${kind}/${metadata.name}`;
    if (placed.has(key)) continue;
    placed.set(key, one);
    const uid = `${kind}/${metadata.name}`;
    const identified = { ...one.manifest, metadata: { ...metadata, namespace, uid } };
    tenants.set(namespace, [...(tenants.get(namespace) ?? []), identified]);
  }
  const all: ManifestTenant[] = [...tenants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([namespace, objects]) => ({ namespace, objects }));
  return evaluateTenants(all, classes).flatMap(said => problemOf(said, placed));
}

function problemOf({ namespace, kind, name, severity, finding }: Said, placed: ReadonlyMap<string, Placed>): Problem[] {
  const one = placed.get(`${namespace}/${kind}/${name}`);
  if (!one) return []; // an Organization that was assumed
  const { reason: rule, message, field = '' } = finding;
  return [problemAt(one, { field, severity, rule, message })];
}

/** An object without a namespace is of the Organization that stands beside it, or else of the only one without any. */
function namespaceOf({ file, manifest }: Placed, loose: readonly Placed[]): string {
  const { namespace, name } = manifest.metadata;
  if (namespace !== undefined) return namespace;
  if (manifest.kind === 'Organization') return name;
  const [beside] = loose.filter(one => folderOf(one.file) === folderOf(file));
  const found = beside ?? (loose.length === 1 ? loose[0] : undefined);
  return found?.manifest.metadata.name ?? 'default';
}

/** Organizations without a namespace. */
function looseOf(all: readonly Placed[]): Placed[] {
  return all.filter(({ manifest }) => manifest.kind === 'Organization' && manifest.metadata.namespace === undefined);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
