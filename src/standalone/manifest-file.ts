import { parseAllDocuments } from 'yaml';
import { kinds } from '../api/index.ts';
import type { Manifest } from '../core/world.ts';

/**
 * What one file of manifests says. An API server refuses a bad change and keeps what it has; so does this: of a file that
 * cannot be read as YAML all objects stay what they were, and of one that its schema refuses, that one.
 */
export interface ManifestFile {
  readonly text: string;
  readonly objects: readonly ManifestObject[];
  /** For people: what was wrong, and what was done about it. */
  readonly complaints: readonly string[];
}

export interface ManifestObject {
  readonly manifest: Manifest;
  /** What is wrong with it, where no version of before can stand in. */
  readonly problem?: string;
}

const SCHEMAS = new Map(kinds.map(({ kind, schema }) => [kind, schema]));

/** Kinds that a directory does something with. */
export function isTaken(kind: string): boolean {
  return kind === 'Secret' || SCHEMAS.has(kind);
}

/** `before`: what the same file said the last time. */
export function readManifests(text: string, before?: ManifestFile): ManifestFile {
  if (before?.text === text) return before;
  const manifests = parsed(text);
  if (typeof manifests === 'string') {
    const objects = before?.objects ?? [];
    return { text, objects, complaints: [`${manifests}${objects.length > 0 ? STAYS : ''}`] };
  }
  const complaints: string[] = [];
  const objects = manifests.map(manifest => checked(identified(manifest), before, complaints));
  return { text, objects, complaints };
}

const STAYS = '; its last good version stays in force';

/**
 * What the documents say, or why they cannot be read. Where and of what kind, but nothing of the text, unlike the library's
 * messages: it may be a password.
 */
function parsed(text: string): Manifest[] | string {
  const documents = [...parseAllDocuments(text)];
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) {
    const [at] = error.linePos ?? [];
    return `${error.code.toLowerCase().replaceAll('_', ' ')}${at ? ` in line ${at.line}, column ${at.col}` : ''}`;
  }
  try {
    const values = documents.flatMap(document => items(document.toJS()));
    return values.every(isManifest) ? values : 'something in it has no kind or no metadata.name';
  } catch {
    return 'something in it begins with * and is an alias of nothing, or of too much; put it in quotes';
  }
}

/** What `kubectl get -o yaml` prints of several objects is one list. */
function items(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  const { kind, items: listed } = value as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(listed) ? listed : [value];
}

function isManifest(value: unknown): value is Manifest {
  const candidate = value as { kind?: unknown; metadata?: { name?: unknown } | null } | null;
  return typeof candidate?.kind === 'string' && typeof candidate.metadata?.name === 'string';
}

/** In a directory an object is who it is by kind and name; who it was in a cluster, or who owned it there, is nobody here. */
function identified({ metadata, ...manifest }: Manifest): Manifest {
  const { ownerReferences, ...kept } = metadata;
  return { ...manifest, metadata: { ...kept, uid: `${manifest.kind}/${metadata.name}` } } as Manifest;
}

function checked(manifest: Manifest, before: ManifestFile | undefined, complaints: string[]): ManifestObject {
  const result = validated(manifest);
  if (typeof result !== 'string') return { manifest: result };
  const { kind, metadata } = manifest;
  const good = before?.objects.find(
    ({ manifest: other, problem }) => !problem && other.kind === kind && other.metadata.name === metadata.name,
  );
  complaints.push(`${kind}/${metadata.name}${good ? '' : ' is ignored'}: ${result}${good ? STAYS : ''}`);
  return good ?? { manifest, problem: result };
}

/** As its schema completes it, or what is wrong. Of other kinds nothing is known. */
function validated(manifest: Manifest): Manifest | string {
  const { labels, annotations } = manifest.metadata;
  const number = noText({ 'metadata.labels': labels, 'metadata.annotations': annotations });
  if (number !== undefined) return number;
  if (manifest.kind === 'Secret') {
    return noText({ data: manifest['data'], stringData: manifest['stringData'] }) ?? manifest;
  }
  const result = SCHEMAS.get(manifest.kind)?.safeParse(manifest);
  if (!result) return manifest;
  if (result.success) return result.data as Manifest;
  const [issue] = result.error.issues;
  return `${issue?.path.join('.') || 'object'}: ${issue?.message ?? 'invalid'}`;
}

/** YAML reads `pin: 1234` as a number, which an API server refuses where texts are by name. */
function noText(maps: Readonly<Record<string, unknown>>): string | undefined {
  for (const [path, map] of Object.entries(maps)) {
    if (typeof (map ?? {}) !== 'object' || Array.isArray(map)) return `${path}: not texts by name`;
    const [key] = Object.entries(map ?? {}).find(([, value]) => typeof value !== 'string') ?? [];
    if (key !== undefined) return `${path}.${key}: not a text; put it in quotes`;
  }
  return undefined;
}
