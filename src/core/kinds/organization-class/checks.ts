import type { OrganizationClass } from '../../../api/index.ts';
import type { Finding } from '../../finding.ts';

/** Checks of the class that an Organization asks for. */

export function classMissing(className: string | undefined): Finding | undefined {
  if (className === undefined) return undefined;
  return {
    reason: 'ClassNotFound',
    field: 'spec.className',
    message: `There is no OrganizationClass ${className}; ask the provider which classes exist`,
  };
}

export function classNotAllowed(
  { metadata, spec }: OrganizationClass,
  { platform }: { readonly platform: { readonly namespaceLabels: Readonly<Record<string, string>> } },
): Finding | undefined {
  const wanted = Object.entries(spec.allowedNamespaces?.matchLabels ?? {});
  if (wanted.every(([key, value]) => platform.namespaceLabels[key] === value)) return undefined;
  return {
    reason: 'ClassNotAllowed',
    field: 'spec.className',
    message: `OrganizationClass ${metadata.name} is not offered to this namespace; choose another, or ask the provider`,
  };
}
