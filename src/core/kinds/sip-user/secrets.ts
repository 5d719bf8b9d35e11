import type { SipUser } from '../../../api/index.ts';
import { secretText, wrongPassword } from '../../checks/secrets.ts';
import type { Finding } from '../../finding.ts';
import { credentialsName } from '../../names.ts';
import type { EffectiveSpec } from '../../tenant.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';

/** What a user's Secrets hold: the password of the phones, the PIN of the mailbox. */

/** The password, or why there is none. */
export function passwordOf(user: SipUser, spec: EffectiveSpec, { secrets }: TenantIndex): string | Finding {
  const reference = spec.sip.passwordSecretRef;
  const name = reference?.name ?? credentialsName(user.metadata.name);
  const key = reference?.key ?? 'password';
  const value = secretText(secrets.get(name), key);
  if (!value && !reference) return { reason: 'CredentialsPending', message: 'The credentials are being generated' };
  const field = reference ? { field: 'spec.sip.passwordSecretRef' } : {};
  if (value === undefined) {
    const message = `Secret ${name} does not exist or has no key ${key}; create it`;
    return { reason: 'SecretNotFound', ...field, message };
  }
  const wrong = wrongPassword(value, { min: 8, max: 128 });
  if (wrong === undefined) return value;
  const remedy = reference ? '' : `; delete that key, and a new password is generated`;
  return {
    reason: 'InvalidPassword',
    ...field,
    message: `The password in key ${key} of Secret ${name} ${wrong}${remedy}`,
  };
}

/** The PIN; empty: there is none. If a reference leads to none, a degradation says why. */
export function pinOf(user: SipUser, spec: EffectiveSpec, { secrets }: TenantIndex, degradations: Finding[]): string {
  const reference = spec.voicemail.pinSecretRef;
  const name = reference?.name ?? credentialsName(user.metadata.name);
  const key = reference?.key ?? 'voicemailPin';
  const pin = secretText(secrets.get(name), key) ?? '';
  if (/^[0-9]{3,12}$/.test(pin)) return pin;
  if (reference) {
    const message = `Secret ${name} needs a key ${key} with 3 to 12 digits; until then there is no mailbox`;
    degradations.push({ reason: 'SecretNotFound', field: 'spec.voicemail.pinSecretRef', message });
  }
  return '';
}
