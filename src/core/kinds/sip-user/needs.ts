import type { SipUser } from '../../../api/index.ts';
import { credentialsName, HANDLED_ROTATION, ROTATE_PASSWORD } from '../../names.ts';
import type { Generate } from '../../plan.ts';
import type { EffectiveSpec } from '../../tenant.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';

/** What must be made at random before a user can be rendered. */
export function needsOf(user: SipUser, spec: EffectiveSpec, { secrets, features }: TenantIndex): readonly Generate[] {
  const secret = credentialsName(user.metadata.name);
  const view = secrets.get(secret);
  const needs: Generate[] = [];
  const rotation = user.metadata.annotations?.[ROTATE_PASSWORD];
  const rotated = rotation !== undefined && view?.annotations[HANDLED_ROTATION] !== rotation;
  if (!user.spec.sip?.passwordSecretRef && (!view?.data['password'] || rotated || isStrangers(view, user))) {
    needs.push({ secret, key: 'password', form: 'password' });
  }
  const wantsPin = features.voicemail && spec.voicemail.enabled;
  if (wantsPin && !user.spec.voicemail?.pinSecretRef && !view?.data['voicemailPin'])
    needs.push({ secret, key: 'voicemailPin', form: 'pin' });
  return needs.length > 0 ? needs : NOTHING;
}

const NOTHING: readonly Generate[] = [];

/** Left over from an older user of this name: a re-created user must not inherit the old phone's password. */
function isStrangers(view: { ownerUid?: string | undefined }, user: SipUser): boolean {
  return view.ownerUid !== undefined && user.metadata.uid !== undefined && view.ownerUid !== user.metadata.uid;
}
