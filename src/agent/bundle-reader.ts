import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleManifest, bundleManifestSchema, MANIFEST_KEY } from '../api/bundle.ts';
import { type Part, partsOfFragment } from './sections.ts';

/** A bundle whose every fragment is the one that its manifest names. */
export interface CompleteBundle {
  readonly manifest: BundleManifest;
  /** In the order in which they stand in the files: by key, then as written. */
  readonly parts: readonly Part[];
}

export class IncompleteBundleError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IncompleteBundleError';
  }
}

interface Fragment {
  readonly digest: string;
  readonly parts: readonly Part[];
}

/**
 * Reads a bundle's directory, again and again. A fragment that was read is known by its digest and not read again: of a
 * large tenant one edit changes two files of a hundred.
 */
export class BundleReader {
  readonly #volume: string;
  /** By key; those of the last complete bundle. */
  #known: ReadonlyMap<string, Fragment> = new Map();

  constructor(volume: string) {
    this.#volume = volume;
  }

  /** Throws IncompleteBundleError while a fragment is missing, late or not what the manifest says. */
  async read(): Promise<CompleteBundle> {
    // The kubelet swaps `..data`; resolving it once keeps all reads in one generation.
    const directory = await realpath(join(this.#volume, '..data')).catch(() => this.#volume);
    const manifest = await readManifest(directory);
    const fragments = await Promise.all(
      [...manifest.fragments]
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(async ({ key, digest }) => [key, await this.#fragment(directory, key, digest)] as const),
    );
    this.#known = new Map(fragments);
    return { manifest, parts: fragments.flatMap(([, { parts }]) => parts) };
  }

  async #fragment(directory: string, key: string, digest: string): Promise<Fragment> {
    const known = this.#known.get(key);
    if (known?.digest === digest) return known;
    const text = await readFile(join(directory, key), 'utf8').catch((cause: unknown) => {
      throw new IncompleteBundleError(`Fragment ${key} is not there yet`, { cause });
    });
    if (sha256(text) !== digest)
      throw new IncompleteBundleError(`Fragment ${key} is not the one that the manifest names`);
    return { digest, parts: partsOfFragment(key, text) };
  }
}

async function readManifest(directory: string): Promise<BundleManifest> {
  const text = await readFile(join(directory, MANIFEST_KEY), 'utf8').catch((cause: unknown) => {
    throw new IncompleteBundleError('There is no manifest yet', { cause });
  });
  try {
    return bundleManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IncompleteBundleError('The manifest cannot be read', { cause });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
