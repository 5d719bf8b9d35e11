import { credentialsName, HANDLED_ROTATION, LABEL_USER, ROTATE_PASSWORD } from './names.ts';
import type { Plan, SecretRequest } from './plan.ts';
import type { SecretView, TenantSnapshot } from './snapshot.ts';

/** The snapshot with the secrets that a plan requests. `makeValue` is the shell's, since the core has no randomness. */
export function withGeneratedSecrets(
  snapshot: TenantSnapshot,
  plan: Pick<Plan, 'secretRequests'>,
  makeValue: (wanted: SecretRequest) => string,
): TenantSnapshot {
  const secrets = new Map(snapshot.secrets);
  const filled = new Set(plan.secretRequests.map(({ secret }) => secret));
  const users = new Map(
    snapshot.objects.SipUser.flatMap(user => {
      const name = credentialsName(user.metadata.name);
      return filled.has(name) ? [[name, user] as const] : [];
    }),
  );
  for (const wanted of plan.secretRequests) {
    const before: SecretView = secrets.get(wanted.secret) ?? {
      name: wanted.secret,
      data: {},
      annotations: {},
      labels: {},
    };
    const user = users.get(wanted.secret);
    const rotation = user?.metadata.annotations?.[ROTATE_PASSWORD];
    const { ownerUid: _previousOwner, ...rest } = before;
    secrets.set(wanted.secret, {
      ...rest,
      ...(user?.metadata.uid ? { ownerUid: user.metadata.uid } : {}),
      data: { ...before.data, [wanted.key]: makeValue(wanted) },
      annotations: { ...before.annotations, ...(rotation ? { [HANDLED_ROTATION]: rotation } : {}) },
      labels: { ...before.labels, ...(user ? { [LABEL_USER]: user.metadata.name } : {}) },
    });
  }
  return { ...snapshot, secrets };
}
