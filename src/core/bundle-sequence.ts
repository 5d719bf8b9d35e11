import { bundleManifestSchema, MANIFEST_KEY } from '../api/bundle.ts';
import { Memo } from './memo.ts';
import { pbxName } from './names.ts';
import type { Bundle } from './plan.ts';
import type { Manifest, TenantSnapshot } from './snapshot.ts';

/**
 * Numbers a bundle, so that an agent that gets two of them by different ways knows which one is newer. The number is one
 * more than that of the bundle in the cluster. When that was lost (somebody deleted the ConfigMap), it is one more than the
 * highest that the agent reports, because the agent ignores everything below. A bundle that is in the cluster already keeps
 * its number.
 */
export function inSequence(bundle: Bundle, snapshot: TenantSnapshot): Bundle {
  if (snapshot.platform.mode === 'directory') return bundle; // there it reaches the agent by one way only
  const { manifest } = bundle;
  const written = writtenIn(snapshot.children, manifest.organization);
  const taken = snapshot.report?.bundle.sequence ?? 0;
  const isWritten = written?.generation === manifest.generation;
  if (isWritten && (written.sequence ?? taken) >= taken) {
    return written.sequence === undefined ? bundle : numbered(bundle, written.sequence);
  }
  // Somebody may have written the largest possible number into the ConfigMap by hand.
  return numbered(bundle, Math.min(Math.max(written?.sequence ?? 0, taken) + 1, Number.MAX_SAFE_INTEGER));
}

function numbered(bundle: Bundle, sequence: number): Bundle {
  return { ...bundle, manifest: { ...bundle.manifest, sequence } };
}

const identity = bundleManifestSchema.pick({ generation: true, sequence: true });
type Identity = Pick<Bundle['manifest'], 'generation' | 'sequence'>;

const known = new Memo<Manifest, Identity | undefined>();

/** What the ConfigMap in the cluster says; undefined: there is none, or it cannot be parsed. */
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
