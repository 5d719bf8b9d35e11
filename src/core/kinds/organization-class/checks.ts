import type { OrganizationClass } from '../../../api/index.ts';
import type { Problem } from '../../verdict.ts';

/** What an Organization is told of the class that it asks for. */

export function classMissing(className: string | undefined): Problem | undefined {
  if (className === undefined) return undefined;
  return {
    reason: 'ClassNotFound',
    field: 'spec.className',
    message: `There is no OrganizationClass ${className}; ask the provider which classes exist`,
  };
}

export function classNotAllowed(
  { metadata, spec }: OrganizationClass,
  { surroundings }: { readonly surroundings: { readonly namespaceLabels: Readonly<Record<string, string>> } },
): Problem | undefined {
  const wanted = Object.entries(spec.allowedNamespaces?.matchLabels ?? {});
  if (wanted.every(([key, value]) => surroundings.namespaceLabels[key] === value)) return undefined;
  return {
    reason: 'ClassNotAllowed',
    field: 'spec.className',
    message: `OrganizationClass ${metadata.name} is not offered to this namespace`,
  };
}
