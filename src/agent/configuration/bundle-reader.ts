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
} from '../../api/bundle.ts';
import { type Section, sectionsOfFragment } from './sections.ts';

/** A bundle of which all files are there, each with the digest in the manifest. */
export interface CompleteBundle {
  readonly manifest: BundleManifest;
  /** In the order of the files: by key, then as written. */
  readonly sections: readonly Section[];
  /** Settings of the agent itself, by concern. They are not for Asterisk. */
  readonly settings: { readonly open: AgentSettings; readonly secret: AgentSettings };
}

export class IncompleteBundleError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'IncompleteBundleError';
  }
}

/** A bundle that this agent cannot read, because the operator is of a later release. */
export class UnknownBundleError extends IncompleteBundleError {
  readonly generation: string;

  constructor(generation: string, version: number) {
    const known = `${BUNDLE_VERSION} is the newest that the PBX knows`;
    super(`It is of version ${version}, and ${known}; the PBX needs the image of the operator's release`);
    this.name = 'UnknownBundleError';
    this.generation = generation;
  }
}

/** A fragment that was read, with its digest. */
export interface Fragment {
  readonly digest: string;
  readonly sections: readonly Section[];
}

/**
 * Reads the directory of a bundle, repeatedly. A fragment whose digest did not change is not read again: in a large tenant
 * an edit changes two files of a hundred.
 */
export class BundleReader {
  readonly #volume: string;
  /** The fragments of the last complete bundle, by key. */
  #known: ReadonlyMap<string, Fragment> = new Map();

  constructor(volume: string) {
    this.#volume = volume;
  }

  /** Throws IncompleteBundleError while a fragment is missing, or has another digest than in the manifest. */
  async read(): Promise<CompleteBundle> {
    // The kubelet swaps `..data`; resolving it once keeps all reads in one generation.
    const directory = await realpath(join(this.#volume, '..data')).catch(() => this.#volume);
    const manifest = await readManifest(directory);
    const fragments = await Promise.all(
      [...manifest.fragments]
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(async ({ key, digest }) => [key, await this.#fragment(directory, key, digest)] as const),
    );
    const settings = new Map<string, string>();
    for (const { key } of manifest.settings ?? []) if (isSettings(key)) settings.set(key, await textOf(directory, key));
    const bundle = {
      manifest,
      sections: fragments.flatMap(([, { sections }]) => sections),
      settings: settingsOf(manifest, settings),
    };
    this.#known = new Map(fragments);
    return bundle;
  }

  /** The fragment of the last complete bundle, if it has this digest. */
  known(key: string, digest: string): Fragment | undefined {
    const known = this.#known.get(key);
    return known?.digest === digest ? known : undefined;
  }

  async #fragment(directory: string, key: string, digest: string): Promise<Fragment> {
    return this.known(key, digest) ?? fragmentOf(key, await textOf(directory, key), digest);
  }
}

function textOf(directory: string, key: string): Promise<string> {
  return readFile(join(directory, key), 'utf8').catch((cause: unknown) => {
    throw new IncompleteBundleError(`File ${key} is not there yet`, { cause });
  });
}

/** Throws IncompleteBundleError when the text has another digest. */
export function fragmentOf(key: string, text: string, digest: string): Fragment {
  mustBe(key, text, digest);
  return { digest, sections: sectionsOfFragment(key, text) };
}

function mustBe(key: string, text: string, digest: string): void {
  if (sha256(text) !== digest) throw new IncompleteBundleError(`File ${key} is not the one that the manifest names`);
}

/** The settings that the manifest names. Throws IncompleteBundleError when one has another digest or cannot be read. */
export function settingsOf(manifest: BundleManifest, texts: ReadonlyMap<string, string>): CompleteBundle['settings'] {
  return { open: settingsIn(manifest, texts, OPEN_SETTINGS), secret: settingsIn(manifest, texts, SECRET_SETTINGS) };
}

export function isSettings(key: string): boolean {
  return key === OPEN_SETTINGS || key === SECRET_SETTINGS;
}

function settingsIn({ settings }: BundleManifest, texts: ReadonlyMap<string, string>, key: SettingsKey): AgentSettings {
  const named = settings?.find(one => one.key === key);
  if (!named) return {};
  const text = texts.get(key) ?? '';
  mustBe(key, text, named.digest);
  // without the cause, which may quote a secret
  const read = text.length > MOST_SETTINGS ? undefined : agentSettingsSchema.safeParse(parsed(text));
  if (!read?.success) throw new IncompleteBundleError(`The settings in ${key} cannot be read`);
  return read.data;
}

/** Undefined: the text is not JSON. */
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
