import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { builtInClasses } from '../api/built-in-classes.ts';
import { type ObjectLists, type Organization, type OrganizationClass, ofEachKind } from '../api/index.ts';
import { secretView } from '../core/secret-view.ts';
import type { InvalidObject, Manifest, SecretView } from '../core/snapshot.ts';
import type { Clock } from '../runtime/clock.ts';
import { isTaken, type ManifestFile, type ManifestObject, readManifests, STAYS, uidOf } from './manifest-file.ts';
import { manifestFiles } from './manifest-files.ts';

/**
 * A directory of manifests as the source of a tenant, instead of an API server. An API server rejects a bad change and keeps
 * what it has; so a file that cannot be parsed keeps the objects of its last good version here, and an object that does not
 * match its schema stays as it was. An editor may empty a file, or move it away, before it writes it: a change counts once
 * it was seen twice.
 */
export interface DirectoryContent {
  readonly namespace: string;
  readonly organizations: readonly Organization[];
  readonly classes: readonly OrganizationClass[];
  readonly objects: ObjectLists;
  readonly secrets: readonly SecretView[];
  readonly invalid: readonly InvalidObject[];
  /** Messages about what is wrong and what was done about it. */
  readonly complaints: readonly string[];
  /** A file is being written, so its earlier version is used: read again soon. */
  readonly unsettled: boolean;
  /** Texts of files that cannot be parsed, which may have objects that are missing here. */
  readonly unread: readonly string[];
}

const SETTLES_MS = 50;
/** A busy machine may take a while between the first and the second half of saving a file. */
const GONE_SETTLES_MS = 2_000;

/** A change of a known file; without text the file is gone. */
interface Change {
  readonly text: string | undefined;
  /** When it was first seen, in monotonic milliseconds. */
  readonly since: number;
}

interface Named extends ManifestObject {
  readonly file: string;
}

interface Evaluated {
  readonly good?: Named;
  readonly refused?: InvalidObject;
  readonly said: string[];
}

export class ManifestDirectory {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #files = new Map<string, ManifestFile>();
  readonly #changes = new Map<string, Change>();
  /** The accepted version of each object and its file, by uid. */
  #good: ReadonlyMap<string, Named> = new Map();

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
    const named = new Map<string, Named[]>();
    for (const [path, { objects, problem }] of [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const file = relative(this.#path, path);
      if (problem !== undefined) complaints.push(`${file}: ${problem}`);
      for (const object of objects) {
        const { kind, metadata } = object.manifest;
        const key = uidOf(kind, metadata.name);
        named.set(key, [...(named.get(key) ?? []), { ...object, file }]);
        if (!isTaken(kind) && kind !== 'Namespace') complaints.push(`${file}: kind ${kind} is not known here; ignored`);
      }
    }
    const inForce = new Map<string, Named>();
    const invalid: InvalidObject[] = [];
    for (const [key, all] of named) {
      const { good: one, refused, said } = this.#evaluate(key, all);
      complaints.push(...said);
      if (one) inForce.set(key, one);
      else if (refused && refused.kind !== 'Secret') invalid.push(refused);
    }
    this.#good = inForce;
    const byKind = Map.groupBy(inForce.values(), ({ manifest }) => manifest.kind);
    const take = <T>(kind: string): T[] => (byKind.get(kind) ?? []).map(({ manifest }) => manifest as unknown as T);
    const organizations = take<Organization>('Organization');
    const given = take<OrganizationClass>('OrganizationClass');
    return {
      namespace: organizations[0]?.metadata.name ?? 'default',
      organizations,
      classes: [
        ...given,
        ...builtInClasses.filter(one => !given.some(other => other.metadata.name === one.metadata.name)),
      ],
      objects: ofEachKind(take) as ObjectLists,
      secrets: take<Manifest>('Secret').map(secretView),
      invalid,
      complaints,
      unread: [...this.#files.values()].flatMap(({ text, problem }) => (problem === undefined ? [] : [text])),
    };
  }

  /** Of all definitions of one object, the one that was accepted before, else the first valid one. */
  #evaluate(key: string, all: readonly Named[]): Evaluated {
    const before = this.#good.get(key);
    const same = all.find(({ file }) => file === before?.file);
    const taken = all.find(({ problem }) => problem === undefined);
    const good = same ? (same.problem === undefined ? same : before) : (taken ?? before);
    const said = all.flatMap(one => {
      const { file, problem } = one;
      if (problem !== undefined) return [`${file}: ${key}${good ? '' : ' is ignored'}: ${problem}${good ? STAYS : ''}`];
      return one === good ? [] : [`${file}: ${key} is in ${good?.file} already; this one is ignored`];
    });
    if (good) return { good, said };
    const refused = all.flatMap(({ manifest: { kind, metadata }, problem = '' }) => ({
      kind,
      metadata,
      violation: problem,
    }))[0];
    return refused ? { refused, said } : { said };
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
