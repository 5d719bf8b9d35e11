import type { Manifest, SecretView } from './snapshot.ts';

/** A Secret as the evaluation reads it: decoded, with the uid of the object that controls it. */
export function secretView(manifest: Manifest): SecretView {
  const data = (manifest['data'] ?? {}) as Record<string, string>;
  const plain = (manifest['stringData'] ?? {}) as Record<string, string>;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()] as const);
  const owner = manifest.metadata.ownerReferences?.find(reference => reference.controller);
  return {
    name: manifest.metadata.name,
    ...(owner ? { ownerUid: owner.uid } : {}),
    data: Object.fromEntries([...decoded, ...Object.entries(plain)]),
    annotations: manifest.metadata.annotations ?? {},
    labels: manifest.metadata.labels ?? {},
  };
}

/** Names of the Secrets that a spec refers to at any depth, by members called `secretRef` or `…SecretRef`. */
export function referencedSecrets(spec: unknown): Set<string> {
  const names = new Set<string>();
  collect(spec, names);
  return names;
}

function collect(value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [member, inner] of Object.entries(value)) {
    const name = (inner as { name?: unknown } | null)?.name;
    if (/^secretRef$|SecretRef$/.test(member) && typeof name === 'string') names.add(name);
    else collect(inner, names);
  }
}
