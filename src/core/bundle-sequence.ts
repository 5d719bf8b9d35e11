import { bundleManifestSchema, MANIFEST_KEY } from '../api/bundle.ts';
import { Memo } from './memo.ts';
import { pbxName } from './names.ts';
import type { Bundle } from './plan.ts';
import type { Manifest, TenantSnapshot } from './snapshot.ts';

/**
 * Numbers a bundle, so that of two that reach an agent by different ways it knows the later one. The number follows the
 * one that is written in the cluster. When that was lost (somebody deleted the ConfigMap), it follows the highest that the
 * agent took, which would pass over everything below. A bundle that is written already keeps its number.
 */
export function inSequence(bundle: Bundle, snapshot: TenantSnapshot): Bundle {
  if (snapshot.platform.mode === 'directory') return bundle; // one way only
  const { manifest } = bundle;
  const written = writtenIn(snapshot.children, manifest.organization);
  const taken = snapshot.report?.bundle.sequence ?? 0;
  const isWritten = written?.generation === manifest.generation;
  if (isWritten && (written.sequence ?? taken) >= taken) {
    return written.sequence === undefined ? bundle : numbered(bundle, written.sequence);
  }
  // what somebody wrote into the ConfigMap by hand may be the last number that there is
  return numbered(bundle, Math.min(Math.max(written?.sequence ?? 0, taken) + 1, Number.MAX_SAFE_INTEGER));
}

function numbered(bundle: Bundle, sequence: number): Bundle {
  return { ...bundle, manifest: { ...bundle.manifest, sequence } };
}

const identity = bundleManifestSchema.pick({ generation: true, sequence: true });
type Identity = Pick<Bundle['manifest'], 'generation' | 'sequence'>;

const known = new Memo<Manifest, Identity | undefined>();

/** Undefined: there is none, or somebody spoilt it. */
function writtenIn(children: readonly Manifest[], organization: string): Identity | undefined {
  const name = pbxName(organization);
  const object = children.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  return object && known.of(object, [], () => identityIn(object));
}

function identityIn(object: Manifest): Identity | undefined {
  const text = (object['data'] as Readonly<Record<string, string>> | undefined)?.[MANIFEST_KEY] ?? '';
  try {
    return identity.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
