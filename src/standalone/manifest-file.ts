import { type Document, parseAllDocuments } from 'yaml';
import { kinds } from '../api/index.ts';
import { API_VERSION } from '../core/names.ts';
import { objectKey } from '../core/object-key.ts';
import type { Manifest } from '../core/snapshot.ts';

/** What one file of manifests says. */
export interface ManifestFile {
  readonly text: string;
  readonly objects: readonly ManifestObject[];
  /** Why it cannot be read; the objects are then what can be read of it, or what it said before. */
  readonly problem?: string;
}

export interface ManifestObject {
  readonly manifest: Manifest;
  /** Why its schema refuses it. */
  readonly problem?: string;
}

const SCHEMAS = new Map(kinds.map(({ kind, schema }) => [kind, schema]));
const GROUP = `${API_VERSION.split('/')[0]}/`;

/** Kinds that a directory does something with. */
export function isTaken(kind: string): boolean {
  return kind === 'Secret' || SCHEMAS.has(kind);
}

export const STAYS = '; its last good version stays in force';

/** `before`: what the same file said the last time. A typo must not remove whom it had. */
export function readManifests(text: string, before?: ManifestFile): ManifestFile {
  if (before?.text === text) return before;
  const { manifests, problem } = parsed(text);
  if (problem !== undefined && before) return { text, objects: before.objects, problem: `${problem}${STAYS}` };
  const objects = manifests.map(manifest => checked(identified(manifest)));
  return { text, objects, ...(problem === undefined ? {} : { problem }) };
}

interface Parsed {
  readonly manifests: readonly Manifest[];
  readonly problem?: string;
}

/** All that can be read, and why the first that cannot is not. */
function parsed(text: string): Parsed {
  const manifests: Manifest[] = [];
  const problems: string[] = [];
  // what the library warns of it prints, with the text
  for (const [place, document] of [...parseAllDocuments(text, { logLevel: 'error' })].entries()) {
    const values = valuesOf(document);
    for (const value of typeof values === 'string' ? [] : values) {
      const problem = strangeness(value);
      if (problem === undefined) manifests.push(value as Manifest);
      else problems.push(`document ${place + 1} ${problem}`);
    }
    if (typeof values === 'string') problems.push(values);
  }
  const [problem] = problems;
  return problem === undefined ? { manifests } : { manifests, problem };
}

/**
 * What a document holds, or why it cannot be read: where and of what kind, but nothing of its text, unlike the library's
 * messages, since that may be a password.
 */
function valuesOf(document: Document.Parsed): unknown[] | string {
  const [error] = document.errors;
  if (error) {
    const [at] = error.linePos ?? [];
    return `${error.code.toLowerCase().replaceAll('_', ' ')}${at ? ` in line ${at.line}, column ${at.col}` : ''}`;
  }
  try {
    return items(document.toJS());
  } catch {
    return 'a value in it begins with * and is an alias without a target, or of too much; put it in quotes';
  }
}

/** What `kubectl get -o yaml` prints of several objects is one list. */
function items(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  const { kind, items: listed } = value as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(listed) ? listed : [value];
}

/** Why it is no object that an API server would take. */
function strangeness(value: unknown): string | undefined {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (typeof kind !== 'string') return 'has no kind';
  const name = (metadata as { name?: unknown } | null | undefined)?.name;
  if (typeof name !== 'string')
    return `has no metadata.name${name === undefined ? '' : ' that is a string; put it in quotes'}`;
  const ours = typeof apiVersion === 'string' && apiVersion.startsWith(GROUP);
  return ours && !SCHEMAS.has(kind) ? 'is of a kind that does not exist' : undefined;
}

/** In a directory an object is who it is by kind and name; who it was in a cluster, or who owned it there, is nobody here. */
function identified({ metadata, ...manifest }: Manifest): Manifest {
  const { ownerReferences, ...kept } = metadata;
  return { ...manifest, metadata: { ...kept, uid: uidOf(manifest.kind as string, metadata.name) } } as Manifest;
}

export function uidOf(kind: string, name: string): string {
  return objectKey(kind, name);
}

/** As its schema completes it. Of other kinds nothing is known. */
function checked(manifest: Manifest): ManifestObject {
  if (!isTaken(manifest.kind)) return { manifest };
  const { labels, annotations } = manifest.metadata;
  const secret = manifest.kind === 'Secret' ? { data: manifest['data'], stringData: manifest['stringData'] } : {};
  const stray = noText({ 'metadata.labels': labels, 'metadata.annotations': annotations, ...secret });
  if (stray !== undefined) return { manifest, problem: stray };
  const result = SCHEMAS.get(manifest.kind)?.safeParse(manifest);
  if (!result) return { manifest };
  if (result.success) return { manifest: result.data as Manifest };
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') || 'object';
  if (issue?.code !== 'unrecognized_keys') return { manifest, problem: `${path}: ${issue?.message ?? 'invalid'}` };
  const known = issue.keys.filter(key => isName(key)).join(', ');
  return { manifest, problem: `${path}: has an unknown field${known === '' ? '' : `: ${known}`}` };
}

/** YAML reads `pin: 1234` as a number, which an API server refuses where texts are by name. */
function noText(maps: Readonly<Record<string, unknown>>): string | undefined {
  for (const [path, map] of Object.entries(maps)) {
    if (typeof (map ?? {}) !== 'object' || Array.isArray(map)) return `${path}: must be a map of strings`;
    for (const [key, value] of Object.entries(map ?? {})) {
      const where = isName(key) && value !== null ? `${path}.${key}` : path;
      if (typeof value !== 'string') return `${where}: must be a string; put it in quotes`;
      if (path === 'data' && !BASE64.test(value)) return `${where}: must be base64; or use stringData`;
    }
  }
  return undefined;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4}|\n)*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\n?$/;

/** `{password:secret}`, without a blank, is one key, and no name. */
function isName(key: string): boolean {
  return /^[A-Za-z][-./_A-Za-z0-9]*$/.test(key) && key.length <= 63;
}
