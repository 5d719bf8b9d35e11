import { type Document, parseAllDocuments } from 'yaml';
import { kinds } from '../api/index.ts';
import { API_VERSION } from '../core/names.ts';
import { objectKey } from '../core/object-key.ts';
import type { Manifest } from '../core/snapshot.ts';

/** The content of a file of manifests. */
export interface ManifestFile {
  readonly text: string;
  readonly objects: readonly ManifestObject[];
  /** Why it cannot be parsed; the objects are then those of its last good version, or what could be parsed. */
  readonly problem?: string;
}

export interface ManifestObject {
  readonly manifest: Manifest;
  /** Why it does not match its schema. */
  readonly problem?: string;
}

const SCHEMAS = new Map(kinds.map(({ kind, schema }) => [kind, schema]));
const GROUP = `${API_VERSION.split('/')[0]}/`;

/** Whether objects of a kind have an effect in a directory. */
export function isTaken(kind: string): boolean {
  return kind === 'Secret' || SCHEMAS.has(kind);
}

export const STAYS = '; its last good version stays in force';

/** Parses a file. `before`: its last version, whose objects stay when the file cannot be parsed, as after a typo. */
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

/** All documents that can be parsed, and what is wrong with the first that cannot. */
function parsed(text: string): Parsed {
  const manifests: Manifest[] = [];
  const problems: string[] = [];
  // the library would print its warnings, with the text
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
 * The value of a document, or why it cannot be parsed: the position and the kind of error. Unlike the library's messages it
 * quotes nothing of the text, which may be a password.
 */
function valuesOf(document: Document.Parsed): unknown[] | string {
  const [error] = document.errors;
  if (error) {
    const [at] = error.linePos ?? [];
    return `is not YAML: ${error.code.toLowerCase().replaceAll('_', ' ')}${at ? ` in line ${at.line}, column ${at.col}` : ''}; check its indentation, quotes and brackets`;
  }
  try {
    return items(document.toJS());
  } catch {
    return 'a value in it begins with * and is an alias without a target, or of too much; put it in quotes';
  }
}

/** The items of a List, which `kubectl get -o yaml` prints for several objects. */
function items(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  const { kind, items: listed } = value as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(listed) ? listed : [value];
}

/** Why a value is no object that an API server would accept; undefined: it is one. */
function strangeness(value: unknown): string | undefined {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (typeof kind !== 'string') return 'has no kind';
  const name = (metadata as { name?: unknown } | null | undefined)?.name;
  if (typeof name !== 'string')
    return `has no metadata.name${name === undefined ? '' : ' that is a string; put it in quotes'}`;
  const ours = typeof apiVersion === 'string' && apiVersion.startsWith(GROUP);
  return ours && !SCHEMAS.has(kind) ? 'is of a kind that does not exist' : undefined;
}

/** In a directory kind and name identify an object: it gets a uid of those, and loses the owners that it had in a cluster. */
function identified({ metadata, ...manifest }: Manifest): Manifest {
  const { ownerReferences, ...kept } = metadata;
  return { ...manifest, metadata: { ...kept, uid: uidOf(manifest.kind as string, metadata.name) } } as Manifest;
}

export function uidOf(kind: string, name: string): string {
  return objectKey(kind, name);
}

/** Parses an object by its schema. Objects of other kinds are left as they are. */
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
  const hint = issue && isUnquoted(issue) ? '; put it in quotes' : '';
  if (issue?.code !== 'unrecognized_keys')
    return { manifest, problem: `${path}: ${issue?.message ?? 'invalid'}${hint}` };
  const known = issue.keys.filter(key => isName(key)).join(', ');
  return { manifest, problem: `${path}: has an unknown field${known === '' ? '' : `: ${known}`}` };
}

/** Whether a value that must be a string was read as something else: YAML reads `1001` as a number, `true` as a boolean. */
function isUnquoted({ code, message, ...more }: { code: string; message: string; expected?: unknown }): boolean {
  return code === 'invalid_type' && more.expected === 'string' && /received (number|boolean)$/.test(message);
}

/** Why a Secret is not valid. YAML reads `pin: 1234` as a number, which an API server rejects as well. */
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

/** YAML reads `{password:secret}`, without a blank, as one key, which must not be quoted as a name. */
function isName(key: string): boolean {
  return /^[A-Za-z][-./_A-Za-z0-9]*$/.test(key) && key.length <= 63;
}
