import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { builtInClasses } from '../api/built-in-classes.ts';
import type { Location, Organization, OrganizationClass, PhoneNumber, SipUser, Trunk } from '../api/index.ts';
import { secretView } from '../core/secret-view.ts';
import type { InvalidObject, Manifest, SecretView } from '../core/world.ts';
import type { Clock } from '../runtime/clock.ts';
import { isTaken, type ManifestFile, type ManifestObject, readManifests } from './manifest-file.ts';

/**
 * A directory of manifests as the source of a tenant, instead of an API server. A typo in an editor must not remove a user
 * (`manifest-file.ts`), nor must an editor that empties a file, or moves it away, before it writes it: a change counts
 * when it was seen twice.
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

export class ManifestDirectory {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #files = new Map<string, ManifestFile>();
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
      else this.#files.set(path, readManifests(text, before));
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
    const found = new Map<string, ManifestObject & { readonly file: string }>();
    for (const [path, { objects, complaints: own }] of [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const file = relative(this.#path, path);
      complaints.push(...own.map(complaint => `${file}: ${complaint}`));
      for (const object of objects) {
        const key = `${object.manifest.kind}/${object.manifest.metadata.name}`;
        const other = found.get(key);
        if (other) complaints.push(`${file}: ${key} is in ${other.file} already; this one is ignored`);
        else found.set(key, { ...object, file });
      }
    }
    const objects = [...found.values()];
    for (const { manifest, file } of objects) {
      if (!isTaken(manifest.kind) && manifest.kind !== 'Namespace') {
        complaints.push(`${file}: kind ${manifest.kind} is not one of ours; ignored`);
      }
    }
    const good = Map.groupBy(
      objects.filter(({ problem }) => problem === undefined),
      ({ manifest }) => manifest.kind,
    );
    const take = <T>(kind: string): T[] => (good.get(kind) ?? []).map(({ manifest }) => manifest as unknown as T);
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
      secrets: take<Manifest>('Secret').map(secretView),
      invalid: objects.flatMap(({ manifest: { kind, metadata }, problem }) =>
        problem === undefined || kind === 'Secret' ? [] : [{ kind, metadata, problem }],
      ),
      complaints,
    };
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
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
