import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleManifest, bundleManifestSchema } from '../../api/bundle.ts';
import type { Logger } from '../../runtime/log.ts';
import {
  BundleReader,
  type CompleteBundle,
  type Fragment,
  fragmentOf,
  IncompleteBundleError,
  isSettings,
  settingsOf,
  UnknownBundleError,
} from './bundle-reader.ts';

/**
 * The newest bundle, whichever way it came: in the volume, which the kubelet updates, or earlier by a delivery of the
 * operator. A bundle that is older than one that was taken is ignored, also after a restart of the agent in the same pod. A
 * bundle that arrives twice has no further effect.
 */
export interface InboxOptions {
  readonly volume: {
    /** Throws IncompleteBundleError while there is none. */
    read(): Promise<CompleteBundle>;
    /** A fragment that is here already, so that a delivery can leave it out. */
    known(key: string, digest: string): Fragment | undefined;
  };
  /** A note for the highest sequence, which lasts as long as the pod. `read` returns an empty text when there is none. */
  readonly note: { read(): Promise<string>; write(text: string): Promise<void> };
  /** Called when a delivery is complete. */
  readonly onArrival: () => void;
  readonly log: Logger;
}

/** The answer to a delivery. */
export type Delivered = { readonly missing: readonly string[] } | { readonly refused: string };

interface Offer {
  readonly manifest: BundleManifest & { readonly sequence: number };
  readonly fragments: Map<string, Fragment>;
  /** Texts of settings, by key. */
  readonly settings: Map<string, string>;
}

interface Arrived {
  readonly bundle: CompleteBundle;
  readonly offer: Offer;
  /** Generation of the bundle in the volume at that time, if that had no sequence. */
  readonly instead: string | undefined;
}

export class BundleInbox {
  readonly #options: InboxOptions;
  #highest: number | undefined;
  #recalled: Promise<void> | undefined;
  /** Notes are written one after the other. */
  #noting: Promise<void> = Promise.resolve();
  #offer: Offer | undefined;
  /** The bundle that was delivered, until the volume has it too. */
  #arrived: Arrived | undefined;
  /** Generation of the newest bundle that was taken or read. */
  #newest: string | undefined;
  /** Generation of the bundle that the volume had when it was read last, if that had no sequence. */
  #unnumbered: string | undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** The inbox of a pod, by the directories of its volume and its notes. */
  static in(bundleDir: string, noteDir: string, onArrival: () => void, log: Logger): BundleInbox {
    const note = noteIn(join(noteDir, 'bundle-sequence'));
    return new BundleInbox({ volume: new BundleReader(bundleDir), note, onArrival, log });
  }

  /** The highest sequence that was taken in this pod; undefined: no bundle had one. */
  get highest(): number | undefined {
    return this.#highest;
  }

  /** The newest bundle. Throws IncompleteBundleError while there is none, or only an older one than was taken. */
  async read(): Promise<CompleteBundle> {
    await this.#recall();
    const inVolume = await this.#options.volume.read().catch((error: unknown) => {
      const isThere = this.#arrived && error instanceof IncompleteBundleError;
      if (!isThere || error instanceof UnknownBundleError) throw error;
      return undefined;
    });
    this.#unnumbered = inVolume?.manifest.sequence === undefined ? inVolume?.manifest.generation : undefined;
    const arrived = this.#arrived;
    if (arrived && (!inVolume || isBehind(inVolume, arrived))) return arrived.bundle;
    if (!inVolume) throw new IncompleteBundleError('There is no bundle yet'); // the delivered one was replaced meanwhile
    const { sequence } = inVolume.manifest;
    if (sequence !== undefined && sequence < (this.#highest ?? 0))
      throw new IncompleteBundleError(
        `Bundle ${sequence} in the volume is older than ${this.#highest}, which was taken`,
      );
    this.#arrived = undefined;
    this.#newest = inVolume.manifest.generation;
    await this.#note(sequence);
    return inVolume;
  }

  /** Begins a delivery with its manifest, and answers which files are missing. An unfinished delivery is given up for it. */
  async offer(said: unknown): Promise<Delivered> {
    await this.#recall();
    const read = bundleManifestSchema.safeParse(said);
    const sequence = read.data?.sequence;
    if (!read.success || sequence === undefined) return { refused: 'It is no manifest with a sequence' };
    if (sequence < (this.#highest ?? 0)) return { refused: `${this.#highest} was taken already` };
    const manifest = { ...read.data, sequence };
    const known = this.#arrived?.offer;
    const offer: Offer = { manifest, fragments: new Map(), settings: new Map() };
    for (const { key, digest } of manifest.fragments) {
      const before = known?.fragments.get(key);
      const fragment = before?.digest === digest ? before : this.#options.volume.known(key, digest);
      if (fragment) offer.fragments.set(key, fragment);
    }
    this.#offer = offer;
    return this.#missing(offer);
  }

  /** Continues a delivery with files. It fails at a file that is not the one in the manifest. */
  async supply(generation: string, files: Readonly<Record<string, string>>): Promise<Delivered> {
    const offer = this.#offer;
    if (offer?.manifest.generation !== generation) return { refused: 'Another one was offered' };
    try {
      for (const [key, text] of Object.entries(files)) put(offer, key, text);
      return await this.#missing(offer);
    } catch (error) {
      if (!(error instanceof IncompleteBundleError)) throw error;
      this.#offer = undefined;
      return { refused: error.message };
    }
  }

  async #missing(offer: Offer): Promise<Delivered> {
    const { fragments, settings = [] } = offer.manifest;
    const missing = [
      ...fragments.filter(({ key }) => !offer.fragments.has(key)),
      ...settings.filter(({ key }) => isSettings(key) && !offer.settings.has(key)),
    ].map(({ key }) => key);
    if (missing.length > 0 || (await this.#take(offer))) return { missing };
    return { refused: 'A later one was taken meanwhile' };
  }

  /** Takes the delivered bundle. False: a later one was taken since this one was offered. */
  async #take(offer: Offer): Promise<boolean> {
    const { manifest, fragments, settings } = offer;
    const inOrder = [...fragments].sort(([a], [b]) => (a < b ? -1 : 1));
    const bundle = {
      manifest,
      sections: inOrder.flatMap(([, { sections }]) => sections),
      settings: settingsOf(manifest, settings),
    };
    this.#offer = undefined;
    await this.#note(manifest.sequence);
    if (manifest.sequence < (this.#highest ?? 0)) return false;
    this.#arrived = { bundle, offer, instead: this.#unnumbered };
    if (manifest.generation === this.#newest) return true;
    this.#newest = manifest.generation;
    const { generation, sequence } = manifest;
    this.#options.log.info({ generation, sequence }, 'Took a bundle from the operator');
    this.#options.onArrival();
    return true;
  }

  #recall(): Promise<void> {
    this.#recalled ??= this.#options.note.read().then(text => {
      const highest = Number(text);
      if (Number.isSafeInteger(highest) && highest > 0) this.#highest = highest;
    });
    return this.#recalled;
  }

  async #note(sequence: number | undefined): Promise<void> {
    if (sequence === undefined || sequence <= (this.#highest ?? 0)) return;
    this.#highest = sequence;
    const { note, log } = this.#options;
    this.#noting = this.#noting
      .then(() => note.write(String(this.#highest)))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'Failed to note which bundle was taken');
      });
    await this.#noting;
  }
}

/** A note that is kept in a file. */
function noteIn(path: string): InboxOptions['note'] {
  return {
    read: () => readFile(path, 'utf8').catch(() => ''), // not written yet in this pod
    write: async text => {
      await writeFile(`${path}.new`, text, { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
  };
}

/**
 * Whether the volume does not have a delivered bundle yet. A bundle without a sequence in the volume is older if it was there
 * at the delivery already. Two bundles have the same sequence when the answer to a write was lost, or when two operators
 * wrote at the same time: then the delivered one counts, because the operator repeats the last one until it arrives.
 */
function isBehind({ manifest }: CompleteBundle, { bundle: { manifest: arrived }, instead }: Arrived): boolean {
  const { sequence, generation } = manifest;
  if (sequence === undefined) return generation === instead;
  const isSame = sequence === arrived.sequence;
  return isSame ? generation !== arrived.generation : sequence < (arrived.sequence ?? 0);
}

/** Throws IncompleteBundleError for a file that is not the one in the manifest. */
function put({ manifest, fragments, settings }: Offer, key: string, text: string): void {
  const fragment = manifest.fragments.find(one => one.key === key);
  if (fragment) {
    fragments.set(key, fragmentOf(key, text, fragment.digest));
    return;
  }
  if (!isSettings(key) || !manifest.settings?.some(one => one.key === key))
    throw new IncompleteBundleError('The manifest does not name what was supplied');
  settings.set(key, text);
}
