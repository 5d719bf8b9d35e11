import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from '../../core/compile.ts';
import { withGeneratedSecrets } from '../../core/generated-secrets.ts';
import { credentialsName } from '../../core/names.ts';
import { secretView } from '../../core/secret-view.ts';
import { type Manifest, NO_CLUSTER, type TenantSnapshot } from '../../core/snapshot.ts';
import { type Condition, conditionsOf } from '../../core/status/conditions.ts';
import { systemClock } from '../../runtime/clock.ts';
import { claimsOf } from '../../standalone/claims.ts';
import { type DirectoryContent, ManifestDirectory } from '../../standalone/directory.ts';
import { SecretFolder } from '../../standalone/secrets.ts';
import type { Credentials } from '../../view/phone-uri.ts';
import type { ShownObject, ShownTenant } from '../../view/tenant.ts';
import { CommandError } from '../frame/failure.ts';
import type { TenantSource } from './source.ts';

/** A tenant as its manifests say it. `up` may run it at the same time: nothing is written. */
export class DirectoryTenant implements TenantSource {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<ShownTenant> {
    const snapshot = await this.snapshot();
    const { namespace, organizations, objects, invalid } = snapshot;
    const { statuses } = compile(snapshot, NEVER);
    const written = new Map(statuses.map(({ kind, name, status }) => [`${kind}/${name}`, status]));
    const all = [...organizations, ...Object.values(objects).flat(), ...invalid] as unknown as ShownObject[];
    const shown = all.map(object => {
      const status = written.get(`${object.kind}/${object.metadata.name}`);
      return { ...object, status: { ...status, conditions: conditionsOf(status).filter(isKnown) } };
    });
    return { namespace, live: false, objects: shown };
  }

  /** As `up` would compile it. Where it has not made credentials yet, those here are stand-ins that nobody has. */
  async snapshot(): Promise<TenantSnapshot> {
    const content = await new ManifestDirectory(this.#path, systemClock).read();
    if (content.organizations.length === 0 && Object.values(content.objects).flat().length === 0)
      throw new CommandError(`There are no manifests of a tenant in ${this.#path}`, {
        remedy: content.complaints.join('\n') || 'Name a directory such as config/samples/hotel',
      });
    const snapshot = snapshotOf(content, await this.#made());
    return withGeneratedSecrets(snapshot, compile(snapshot, NEVER), ({ form }) =>
      form === 'pin' ? '0000' : 'not-made-yet',
    );
  }

  async credentials(user: string): Promise<Credentials> {
    const made = (await this.#made()).find(({ metadata }) => metadata.name === credentialsName(user));
    if (made) return secretView(made).data;
    const { objects } = await this.snapshot();
    if (!objects.SipUser.some(({ metadata }) => metadata.name === user))
      throw new CommandError(`There is no SipUser ${user} in ${this.#path}`);
    throw new CommandError(`There are no credentials of ${user} yet`, {
      remedy: `\`ringfleet up ${this.#path}\` makes them`,
    });
  }

  async close(): Promise<void> {}

  /** What `up` made. */
  async #made(): Promise<Manifest[]> {
    const folder = join(this.#path, '.ringfleet', 'credentials');
    const exists = await stat(folder).catch(() => undefined); // reading makes the folder
    return exists ? new SecretFolder(folder).read() : [];
  }
}

const NEVER = '1970-01-01T00:00:00.000Z';

/** Without a PBX nothing is loaded and nobody is registered, which is nothing to say. */
function isKnown({ reason, type }: Condition): boolean {
  return reason !== 'PbxUnavailable' && !(type === 'EmergencyCalls' && reason === 'NoCarrierAnswers');
}

function snapshotOf(content: DirectoryContent, made: readonly Manifest[]): TenantSnapshot {
  const given = new Set(content.secrets.map(({ name }) => name));
  const views = [...content.secrets, ...made.map(secretView).filter(({ name }) => !given.has(name))];
  return {
    namespace: content.namespace,
    organizations: content.organizations,
    classes: content.classes,
    objects: content.objects,
    invalid: content.invalid,
    secrets: new Map(views.map(view => [view.name, view])),
    children: made,
    claims: claimsOf(content),
    platform: NO_CLUSTER,
  };
}
