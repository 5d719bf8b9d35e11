import type { OrganizationClass } from '../../../api/index.ts';
import { fieldsToCome, INHERITABLE } from '../../checks/not-yet.ts';
import type { Finding } from '../../finding.ts';

const toCome = fieldsToCome(INHERITABLE.map(entry => `defaults.userDefaults.${entry}`));

/** Fields of a class without effect yet. Tenants cannot see the class's status, so their Organizations report them. */
export function notYet({ name, spec }: { readonly name: string; readonly spec: OrganizationClass['spec'] }): Finding[] {
  return toCome(spec).map(({ message, ...rest }) => ({ ...rest, message: `OrganizationClass ${name}: ${message}` }));
}
