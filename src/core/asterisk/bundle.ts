import { hash } from 'node:crypto';
import { asteriskFile, type BundleFile, type SecretFile } from '../../api/asterisk-files.ts';
import { BUNDLE_VERSION, type BundleManifest, MARKER, SHARED } from '../../api/bundle.ts';
import { SettingsWriter } from '../agent-settings.ts';
import { Memos } from '../memo.ts';
import type { Bundle } from '../plan.ts';
import { ObjectTexts } from './object-texts.ts';
import { type FileText, isSameText, type ObjectText, type Owner, type Unsafe } from './object-writer.ts';

/**
 * Collects what objects wrote, by shard, and seals it into a bundle. Objects are spread over shards by a hash of their
 * name, so that one edit rewrites one fragment; the shard count is fixed by the tenant's size, never by its content.
 */
export class BundleWriter {
  readonly #tenant: object;
  readonly #shared = new Map<string, SharedPart>();
  readonly #shards: ObjectText[][];
  readonly #refused = new Map<string, string | undefined>();
  /** For the agent itself: nothing of it reaches Asterisk's directory. */
  readonly settings = new SettingsWriter();

  /** Fragments are remembered by the tenant: those whose parts are the same ones are not made again. */
  constructor(tenant: object, shards: number) {
    this.#tenant = tenant;
    this.#shards = Array.from({ length: shards }, () => []);
  }

  /** Text that belongs to no single object; it stands before all objects' text of the file. */
  shared(file: BundleFile, text: string): void {
    this.#shared.set(`${file}.${suffixOf(0)}`, { file, text: sharedText(text) });
  }

  /**
   * Text that belongs to no single object and changes with most of them; it stands behind all objects' text of the file,
   * and travels with the manifest, which is written with each change anyway and is no Secret.
   */
  last(file: Exclude<BundleFile, SecretFile>, text: string): void {
    this.#shared.set(`${file}.${suffixOf(WITH_MANIFEST)}`, { file, text: sharedText(text) });
  }

  /** One object's text; one with an unsafe value is left out. */
  add({ kind, name }: Owner, text: ObjectText | Unsafe): void {
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
      restartFiles: [...new Set(all.map(({ file }) => file).filter(file => asteriskFile(file).restart))].sort(),
      fragments: all.map(({ key, digest, secret }) => ({ key, digest, secret })),
      expects: Object.fromEntries([...sum(shards)].sort(([a], [b]) => (a < b ? -1 : 1))),
      sipPort,
      rtp,
      kept: [...kept].sort(),
      mailboxes: { purge: [...mailboxes.purge].sort(), idle: [...mailboxes.idle].sort() },
      ...(named.length > 0 ? { settings: named } : {}),
    };
    const manifest: BundleManifest = { ...body, generation: generationOf(body) };
    const texts = new Map(all.map(({ key, text }) => [key, text]));
    return { manifest, texts, settings, refused: this.#refused, objects: new ObjectTexts(this.#shards) };
  }

  #sealShared(): Fragment[] {
    return [...this.#shared].map(([key, { file, text }]) => {
      return sharedFragments.of(this.#tenant, key, [text], () => fragment(key, file, text));
    });
  }
}

interface Sealing extends Pick<BundleManifest, 'organization' | 'sipPort' | 'rtp'> {
  readonly kept: readonly string[];
  readonly mailboxes: { readonly purge: readonly string[]; readonly idle: readonly string[] };
}

interface SharedPart {
  readonly file: BundleFile;
  readonly text: string;
}

function sharedText(text: string): string {
  return `${MARKER}${SHARED}\n${text.trimEnd()}\n`;
}

/** A finished part of a file. */
interface Fragment {
  readonly file: BundleFile;
  readonly key: string;
  readonly text: string;
  readonly digest: string;
  readonly secret: boolean;
}

function fragment(key: string, file: BundleFile, text: string): Fragment {
  return { file, key, text, digest: digest(text), secret: asteriskFile(file).secret ?? false };
}

interface Shard {
  readonly fragments: readonly Fragment[];
  readonly expects: ReadonlyMap<string, number>;
}

const sealed = new Memos<object, ObjectText, Shard>(isSameText);
const sharedFragments = new Memos<object, string, Fragment>();

function sealShard(suffix: string, all: readonly ObjectText[], before: Shard | undefined): Shard {
  const files = new Map<BundleFile, FileText[]>();
  for (const { parts } of all) {
    for (const part of parts) {
      const others = files.get(part.file);
      if (others) others.push(part);
      else files.set(part.file, [part]);
    }
  }
  const expects = new Map<string, number>();
  const fragments = [...files].map(([file, parts]) => {
    const type = countedType(file);
    const counted = parts.reduce((sum, part) => sum + part.counted, 0);
    if (type !== undefined) expects.set(type, (expects.get(type) ?? 0) + counted);
    const key = `${file}.${suffix}`;
    const text = parts.map(part => part.text).join('');
    const known = before?.fragments.find(one => one.key === key && one.text === text);
    const made = known ?? fragment(key, file, text);
    hold(parts, made.text);
    return made;
  });
  return { fragments, expects };
}

/** The type of the objects of a file, if manifests count them. */
function countedType(file: BundleFile): string | undefined {
  const defines = asteriskFile(file).defines;
  return defines && 'type' in defines && defines.counted ? defines.type : undefined;
}

function hold(parts: readonly FileText[], fragment: string): void {
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
