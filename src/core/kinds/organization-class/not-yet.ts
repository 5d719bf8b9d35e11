import type { OrganizationClass } from '../../../api/index.ts';
import { fieldsToCome, INHERITABLE } from '../../checks/not-yet.ts';
import type { Finding } from '../../finding.ts';

const toCome = fieldsToCome(INHERITABLE.map(entry => `defaults.userDefaults.${entry}`));

/** A class has no status that its users would see: what it asks in vain is said where it is used. */
export function notYet({ name, spec }: { readonly name: string; readonly spec: OrganizationClass['spec'] }): Finding[] {
  return toCome(spec).map(({ message, ...rest }) => ({ ...rest, message: `OrganizationClass ${name}: ${message}` }));
}
