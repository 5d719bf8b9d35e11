import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleManifest, bundleManifestSchema, MANIFEST_KEY } from '../api/bundle.ts';

/** A bundle whose every fragment is the one that its manifest names. */
export interface CompleteBundle {
  readonly manifest: BundleManifest;
  readonly texts: ReadonlyMap<string, string>;
}

export class IncompleteBundleError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IncompleteBundleError';
  }
}

/** Reads a directory; throws IncompleteBundleError while a fragment is missing, late or not what the manifest says. */
export async function readBundle(volume: string): Promise<CompleteBundle> {
  // The kubelet swaps `..data`; resolving it once keeps all reads in one generation.
  const directory = await realpath(join(volume, '..data')).catch(() => volume);
  const manifest = await readManifest(directory);
  const texts = new Map<string, string>();
  for (const { key, digest } of manifest.fragments) {
    const text = await readFile(join(directory, key), 'utf8').catch((cause: unknown) => {
      throw new IncompleteBundleError(`Fragment ${key} is not there yet`, { cause });
    });
    if (sha256(text) !== digest)
      throw new IncompleteBundleError(`Fragment ${key} is not the one that the manifest names`);
    texts.set(key, text);
  }
  return { manifest, texts };
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
