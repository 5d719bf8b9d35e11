import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { builtInClasses } from '../api/built-in-classes.ts';
import type {
  Location,
  ObjectMeta,
  Organization,
  OrganizationClass,
  PhoneNumber,
  SipUser,
  Trunk,
} from '../api/index.ts';
import {
  kinds,
  locationSchema,
  organizationClassSchema,
  organizationSchema,
  phoneNumberSchema,
  sipUserSchema,
  trunkSchema,
} from '../api/index.ts';
import { secretView } from '../core/secret-view.ts';
import type { InvalidObject, Manifest, SecretView } from '../core/world.ts';
import type { Clock } from '../runtime/clock.ts';

/**
 * A directory of manifests as the source of a tenant, instead of an API server. A file that cannot be read as YAML keeps
 * the objects of its last good version: a typo in an editor must not remove a user. Nor must an editor that empties a
 * file, or moves it away, before it writes it: a change counts when it was seen twice.
 */
export interface DirectoryContent {
  readonly namespace: string;
  readonly organizations: readonly Organization[];
  readonly classes: readonly OrganizationClass[];
  readonly users: readonly SipUser[];
  readonly trunks: readonly Trunk[];
  readonly numbers: readonly PhoneNumber[];
  readonly locations: readonly Location[];
  readonly secrets: readonly SecretView[];
  readonly invalid: readonly InvalidObject[];
  /** For people: what was wrong and what was done about it. */
  readonly complaints: readonly string[];
  /** A file is being written: its version of before is here, look again. */
  readonly unsettled: boolean;
}

const SETTLES_MS = 50;
/** A busy machine may take a while between the first and the second half of saving a file. */
const GONE_SETTLES_MS = 2_000;

/** Of a known file; without text it is gone. */
interface Change {
  readonly text: string | undefined;
  /** When it was first seen, by the monotonic clock. */
  readonly since: number;
}

interface ParsedFile {
  readonly text: string;
  readonly manifests: readonly Manifest[];
  readonly complaint?: string;
}

const SCHEMAS = {
  OrganizationClass: organizationClassSchema,
  Organization: organizationSchema,
  SipUser: sipUserSchema,
  Trunk: trunkSchema,
  PhoneNumber: phoneNumberSchema,
  Location: locationSchema,
} as const;

type Known = keyof typeof SCHEMAS;

export class ManifestDirectory {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #files = new Map<string, ParsedFile>();
  readonly #changes = new Map<string, Change>();

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Reads what is there now. */
  async read(): Promise<DirectoryContent> {
    const paths = new Set([...this.#files.keys(), ...(await manifestFiles(this.#path))]);
    for (const path of paths) {
      const text = await textOf(path);
      const before = this.#files.get(path);
      if (before && before.text !== text && !this.#isSettled(path, text)) continue;
      this.#changes.delete(path);
      if (text === undefined) this.#files.delete(path);
      else this.#files.set(path, parse(text, before));
    }
    return { ...this.#sort(), unsettled: this.#changes.size > 0 };
  }

  #isSettled(path: string, text: string | undefined): boolean {
    const now = this.#clock.monotonic();
    const change = this.#changes.get(path);
    if (change && change.text === text) return now - change.since >= (text?.trim() ? SETTLES_MS : GONE_SETTLES_MS);
    this.#changes.set(path, { text, since: now });
    return false;
  }

  #sort(): Omit<DirectoryContent, 'unsettled'> {
    const complaints: string[] = [];
    const invalid: InvalidObject[] = [];
    const found = new Map<string, { manifest: Manifest; file: string }>();
    for (const [path, { manifests, complaint }] of [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const file = relative(this.#path, path);
      if (complaint) complaints.push(`${file}: ${complaint}`);
      for (const manifest of manifests) {
        const key = `${manifest.kind}/${manifest.metadata.name}`;
        const other = found.get(key);
        if (other) complaints.push(`${file}: ${key} is in ${other.file} already; this one is ignored`);
        else found.set(key, { manifest, file });
      }
    }
    const objects = [...found.values()];
    const take = <T>(kind: Known): T[] =>
      objects
        .filter(({ manifest }) => manifest.kind === kind)
        .flatMap(({ manifest, file }) => validated<T>(kind, manifest, file, invalid, complaints));
    for (const { manifest, file } of objects) {
      if (!(manifest.kind in SCHEMAS) && !['Secret', 'Namespace'].includes(manifest.kind)) {
        const known = kinds.some(kind => kind.kind === manifest.kind);
        complaints.push(`${file}: kind ${manifest.kind} is ${known ? 'for later' : 'not one of ours'}; ignored`);
      }
    }
    const organizations = take<Organization>('Organization');
    const given = take<OrganizationClass>('OrganizationClass');
    return {
      namespace: organizations[0]?.metadata.name ?? 'default',
      organizations,
      classes: [
        ...given,
        ...builtInClasses.filter(one => !given.some(other => other.metadata.name === one.metadata.name)),
      ],
      users: take('SipUser'),
      trunks: take('Trunk'),
      numbers: take('PhoneNumber'),
      locations: take('Location'),
      secrets: objects.filter(({ manifest }) => manifest.kind === 'Secret').map(({ manifest }) => secretView(manifest)),
      invalid,
      complaints,
    };
  }
}

function validated<T>(
  kind: Known,
  manifest: Manifest,
  file: string,
  invalid: InvalidObject[],
  complaints: string[],
): T[] {
  const result = SCHEMAS[kind].safeParse(manifest);
  if (result.success) return [result.data as T];
  const [issue] = result.error.issues;
  const problem = `${issue?.path.join('.') || 'object'}: ${issue?.message ?? 'invalid'}`;
  invalid.push({ kind, metadata: manifest.metadata as ObjectMeta, problem });
  complaints.push(`${file}: ${kind}/${manifest.metadata.name} is ignored: ${problem}`);
  return [];
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

function parse(text: string, before: ParsedFile | undefined): ParsedFile {
  if (before?.text === text) return before;
  const documents = parseAllDocuments(text);
  const errors = 'empty' in documents ? [] : documents.flatMap(document => document.errors);
  if (errors[0]) {
    const kept = before && before.manifests.length > 0 ? '; its last good version stays in force' : '';
    return { text, manifests: before?.manifests ?? [], complaint: `${errors[0].message.split('\n')[0]}${kept}` };
  }
  const values: unknown[] = [...documents].map(document => document.toJS());
  const manifests = values.filter(isManifest);
  return { text, manifests };
}

function isManifest(value: unknown): value is Manifest {
  const candidate = value as { kind?: unknown; metadata?: { name?: unknown } } | null;
  return typeof candidate?.kind === 'string' && typeof candidate.metadata?.name === 'string';
}

async function manifestFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(entry => {
      const path = join(directory, entry.name);
      if (entry.name.startsWith('.')) return [];
      if (entry.isDirectory()) return manifestFiles(path);
      return /\.ya?ml$/.test(entry.name) && entry.name !== 'kustomization.yaml' ? [path] : [];
    }),
  );
  return nested.flat().sort();
}
