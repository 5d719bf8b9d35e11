import type { SipUser } from '../../../api/index.ts';
import { credentialsName, HANDLED_ROTATION, ROTATE_PASSWORD } from '../../names.ts';
import type { SecretRequest } from '../../plan.ts';
import type { EffectiveSpec } from '../../tenant.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';

/** The password and the PIN, when they must be generated before the user can be rendered. */
export function secretRequestsOf(
  user: SipUser,
  spec: EffectiveSpec,
  { secrets, features }: TenantIndex,
): readonly SecretRequest[] {
  const secret = credentialsName(user.metadata.name);
  const view = secrets.get(secret);
  const secretRequests: SecretRequest[] = [];
  const rotation = user.metadata.annotations?.[ROTATE_PASSWORD];
  const rotated = rotation !== undefined && view?.annotations[HANDLED_ROTATION] !== rotation;
  if (!user.spec.sip?.passwordSecretRef && (!view?.data['password'] || rotated || isAnotherUsers(view, user))) {
    secretRequests.push({ secret, key: 'password', form: 'password' });
  }
  const wantsPin = features.voicemail && spec.voicemail.enabled;
  if (wantsPin && !user.spec.voicemail?.pinSecretRef && !view?.data['voicemailPin'])
    secretRequests.push({ secret, key: 'voicemailPin', form: 'pin' });
  return secretRequests.length > 0 ? secretRequests : NOTHING;
}

const NOTHING: readonly SecretRequest[] = [];

/** Whether a Secret is that of an earlier user of the same name, whose password a new user must not inherit. */
function isAnotherUsers(view: { ownerUid?: string | undefined }, user: SipUser): boolean {
  return view.ownerUid !== undefined && user.metadata.uid !== undefined && view.ownerUid !== user.metadata.uid;
}
