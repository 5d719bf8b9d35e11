import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentSettings,
  agentSettingsSchema,
  BUNDLE_VERSION,
  type BundleManifest,
  bundleManifestSchema,
  MANIFEST_KEY,
  MOST_SETTINGS,
  OPEN_SETTINGS,
  SECRET_SETTINGS,
  type SettingsKey,
} from '../api/bundle.ts';
import { type Part, partsOfFragment } from './sections.ts';

/** A bundle whose every fragment is the one that its manifest names. */
export interface CompleteBundle {
  readonly manifest: BundleManifest;
  /** In the order in which they stand in the files: by key, then as written. */
  readonly parts: readonly Part[];
  /** Of the agent itself, by concern. Nothing of it goes to Asterisk. */
  readonly settings: { readonly open: AgentSettings; readonly secret: AgentSettings };
}

export class IncompleteBundleError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IncompleteBundleError';
  }
}

/** A bundle that this agent can never take: the operator is of a later release. */
export class UnknownBundleError extends IncompleteBundleError {
  readonly generation: string;

  constructor(generation: string, version: number) {
    const known = `${BUNDLE_VERSION} is the newest that the PBX knows`;
    super(`It is of version ${version}, and ${known}; the PBX needs the image of the operator's release`);
    this.name = 'UnknownBundleError';
    this.generation = generation;
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
    const open = await settingsIn(directory, manifest, OPEN_SETTINGS);
    const secret = await settingsIn(directory, manifest, SECRET_SETTINGS);
    this.#known = new Map(fragments);
    return { manifest, parts: fragments.flatMap(([, { parts }]) => parts), settings: { open, secret } };
  }

  async #fragment(directory: string, key: string, digest: string): Promise<Fragment> {
    const known = this.#known.get(key);
    if (known?.digest === digest) return known;
    return { digest, parts: partsOfFragment(key, await textOf(directory, key, digest)) };
  }
}

async function textOf(directory: string, key: string, digest: string): Promise<string> {
  const text = await readFile(join(directory, key), 'utf8').catch((cause: unknown) => {
    throw new IncompleteBundleError(`Fragment ${key} is not there yet`, { cause });
  });
  if (sha256(text) !== digest)
    throw new IncompleteBundleError(`Fragment ${key} is not the one that the manifest names`);
  return text;
}

async function settingsIn(directory: string, { settings }: BundleManifest, key: SettingsKey): Promise<AgentSettings> {
  const named = settings?.find(one => one.key === key);
  if (!named) return {};
  const text = await textOf(directory, key, named.digest);
  // what is wrong with it is not said: the error may quote a secret
  const read = text.length > MOST_SETTINGS ? undefined : agentSettingsSchema.safeParse(parsed(text));
  if (!read?.success) throw new IncompleteBundleError(`The settings in ${key} cannot be read`);
  return read.data;
}

/** Undefined: it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readManifest(directory: string): Promise<BundleManifest> {
  const text = await readFile(join(directory, MANIFEST_KEY), 'utf8').catch((cause: unknown) => {
    throw new IncompleteBundleError('There is no manifest yet', { cause });
  });
  const unknown = laterOf(parsed(text));
  if (unknown) throw unknown;
  try {
    return bundleManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IncompleteBundleError('The manifest cannot be read', { cause });
  }
}

function laterOf(manifest: unknown): UnknownBundleError | undefined {
  const { version, generation } = (manifest ?? {}) as { readonly version?: unknown; readonly generation?: unknown };
  const isLater = typeof version === 'number' && version > BUNDLE_VERSION;
  return isLater && typeof generation === 'string' && GENERATION.test(generation)
    ? new UnknownBundleError(generation, version)
    : undefined;
}

const GENERATION = /^[0-9a-f]{16}$/;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
