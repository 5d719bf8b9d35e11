import { hash } from 'node:crypto';
import { BUNDLE_VERSION, type BundleManifest, fileOf, MARKER, SHARED } from '../../api/bundle.ts';
import { SettingsWriter } from '../agent-settings.ts';
import { Memos } from '../memo.ts';
import type { Bundle } from '../plan.ts';
import { type Owner, type Part, saysTheSame, type Unsafe, type Written } from './written.ts';

/**
 * Collects what objects wrote, by shard, and seals it into a bundle. Objects are spread over shards by a hash of their
 * name, so that one edit rewrites one fragment; the shard count is fixed by the tenant's size, never by its content.
 */
export class BundleWriter {
  readonly #tenant: object;
  readonly #shared = new Map<string, SharedPart>();
  readonly #shards: Written[][];
  readonly #refused = new Map<string, string | undefined>();
  /** For the agent itself: nothing of it reaches Asterisk's directory. */
  readonly settings = new SettingsWriter();

  /** Fragments are remembered by the tenant: those whose parts are the same ones are not made again. */
  constructor(tenant: object, shards: number) {
    this.#tenant = tenant;
    this.#shards = Array.from({ length: shards }, () => []);
  }

  /** Text that belongs to no single object; it stands before all objects' text of the file. */
  shared(file: string, text: string, { secret = false, restart = false } = {}): void {
    this.#shared.set(`${file}.${suffixOf(0)}`, { text: `${MARKER}${SHARED}\n${text.trimEnd()}\n`, secret, restart });
  }

  /**
   * Text that belongs to no single object and changes with most of them; it stands behind all objects' text of the file,
   * and travels with the manifest, which is written with each change anyway.
   */
  last(file: string, text: string): void {
    const part = { text: `${MARKER}${SHARED}\n${text.trimEnd()}\n`, secret: false, restart: false };
    this.#shared.set(`${file}.${suffixOf(WITH_MANIFEST)}`, part);
  }

  /** One object's text; one with an unsafe value is left out. */
  add({ kind, name }: Owner, text: Written | Unsafe): void {
    if ('unsafe' in text) this.#refused.set(`${kind}/${name}`, text.unsafe);
    else this.#shards[text.shard - 1]?.push(text);
  }

  /** Objects that were left out, `<Kind>/<name>`, and the field that is why, where it is known. */
  get refused(): Bundle['refused'] {
    return this.#refused;
  }

  seal({ organization, sipPort, rtp, kept, mailboxes }: Sealing): Bundle {
    const shards = this.#shards.map((all, at) => {
      const suffix = suffixOf(at + 1);
      return sealed.of(this.#tenant, suffix, all, before => sealShard(suffix, all, before));
    });
    const all = [...this.#sealShared(), ...shards.flatMap(({ fragments }) => fragments)].sort(byKey);
    const settings = this.settings.seal();
    const named = [...settings].map(([key, text]) => ({ key, digest: digest(text) }));
    const body: Omit<BundleManifest, 'generation'> = {
      version: BUNDLE_VERSION,
      organization,
      restartFiles: [...this.#shared].flatMap(([key, { restart }]) => (restart ? [fileOf(key)] : [])).sort(),
      fragments: all.map(({ key, digest, secret }) => ({ key, digest, secret })),
      expects: Object.fromEntries([...sum(shards)].sort(([a], [b]) => (a < b ? -1 : 1))),
      sipPort,
      rtp,
      kept: [...kept].sort(),
      mailboxes: { purge: [...mailboxes.purge].sort(), idle: [...mailboxes.idle].sort() },
      ...(named.length > 0 ? { settings: named } : {}),
    };
    const manifest: BundleManifest = { ...body, generation: generationOf(body) };
    return { manifest, texts: new Map(all.map(({ key, text }) => [key, text])), settings, refused: this.#refused };
  }

  #sealShared(): Fragment[] {
    return [...this.#shared].map(([key, { text, secret }]) => {
      return sharedFragments.of(this.#tenant, key, [text, secret], () => ({ key, text, digest: digest(text), secret }));
    });
  }
}

interface Sealing extends Pick<BundleManifest, 'organization' | 'sipPort' | 'rtp'> {
  readonly kept: readonly string[];
  readonly mailboxes: { readonly purge: readonly string[]; readonly idle: readonly string[] };
}

interface SharedPart {
  readonly text: string;
  readonly secret: boolean;
  readonly restart: boolean;
}

/** A finished part of a file. */
interface Fragment {
  readonly key: string;
  readonly text: string;
  readonly digest: string;
  readonly secret: boolean;
}

interface Shard {
  readonly fragments: readonly Fragment[];
  readonly expects: ReadonlyMap<string, number>;
}

const sealed = new Memos<object, Written, Shard>(saysTheSame);
const sharedFragments = new Memos<object, string | boolean, Fragment>();

function sealShard(suffix: string, all: readonly Written[], before: Shard | undefined): Shard {
  const files = new Map<string, Part[]>();
  const expects = new Map<string, number>();
  for (const { parts, expects: types } of all) {
    for (const part of parts) {
      const others = files.get(part.file);
      if (others) others.push(part);
      else files.set(part.file, [part]);
    }
    for (const type of types) expects.set(type, (expects.get(type) ?? 0) + 1);
  }
  const fragments = [...files].map(([file, parts]) => {
    const key = `${file}.${suffix}`;
    const text = parts.map(part => part.text).join('');
    const secret = parts.some(part => part.secret);
    const known = before?.fragments.find(one => one.key === key && one.text === text && one.secret === secret);
    const fragment = known ?? { key, text, digest: digest(text), secret };
    hold(parts, fragment.text);
    return fragment;
  });
  return { fragments, expects };
}

function hold(parts: readonly Part[], fragment: string): void {
  let at = 0;
  for (const part of parts) {
    part.holdIn(fragment, at);
    at += part.text.length;
  }
}

function sum(shards: readonly Shard[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const { expects } of shards) for (const [type, count] of expects) all.set(type, (all.get(type) ?? 0) + count);
  return all;
}

function suffixOf(shard: number): string {
  return String(shard).padStart(3, '0');
}

function byKey(a: Fragment, b: Fragment): number {
  return a.key < b.key ? -1 : 1;
}

/** Hex SHA-256 of UTF-8 text. */
export function digest(text: string): string {
  return hash('sha256', text);
}

/** The generation of a manifest: 16 hex digits over all of it but itself, members in the order of the type. */
export function generationOf(manifest: Omit<BundleManifest, 'generation'>): string {
  const { version, organization, restartFiles, fragments, expects, sipPort, rtp, kept, mailboxes, settings } = manifest;
  const ordered = [
    version,
    organization,
    restartFiles,
    fragments.map(({ key, digest, secret }) => [key, digest, secret]),
    Object.entries(expects).sort(([a], [b]) => (a < b ? -1 : 1)),
    sipPort,
    [rtp.start, rtp.end],
    ...(kept.length > 0 ? [kept] : []), // without any, the generation is what it was before there was this member
    ...(mailboxes ? [[mailboxes.purge, mailboxes.idle]] : []),
    ...(settings ? [settings.map(({ key, digest }) => [key, digest])] : []),
  ];
  return digest(JSON.stringify(ordered)).slice(0, 16);
}

export const MAX_SHARDS = 32;
/** The number of a fragment that is in the same object as the manifest. */
export const WITH_MANIFEST = 900;

/** How many shards a tenant's fragments are spread over: by its limit of users, so that it hardly ever changes. */
export function shardCount(userLimit: number): number {
  if (userLimit <= 500) return 4;
  return userLimit <= 2000 ? 16 : MAX_SHARDS;
}
