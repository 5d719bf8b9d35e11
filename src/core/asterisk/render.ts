import type { ObjectMeta, ObjectOf, TenantKind, Trunk } from '../../api/index.ts';
import { renderEngine } from '../dialplan/engine.ts';
import type { Evaluation } from '../evaluation.ts';
import { byAge } from '../finding.ts';
import { type EvaluatedObjects, everyKind } from '../kinds/index.ts';
import type { Evaluated } from '../kinds/module.ts';
import { ListMemo } from '../list-memo.ts';
import { legsFor, mediaPorts, RTP_START } from '../media-ports.ts';
import { mailboxId, ON_DELETE } from '../names.ts';
import type { Bundle } from '../plan.ts';
import { invalidOf, type Platform } from '../snapshot.ts';
import type { Tenant } from '../tenant.ts';
import { BundleWriter, shardCount } from './bundle.ts';
import { type DialplanFacts, globals, hints, sharedContexts } from './dialplan.ts';
import { type ObjectText, type Owner, objectText, type Unsafe } from './object-writer.ts';
import * as pjsip from './pjsip.ts';
import { modulesConf, SMALL_FILES, type SmallFile, SORCERY_CONF } from './static-files.ts';
import { MAILBOXES_FILE, VOICEMAIL_GENERAL } from './voicemail.ts';

/** Renders the objects that are in service into a bundle. The same evaluation gives the same bytes. */
export function renderBundle(evaluation: Evaluation & { tenant: Tenant }, platform: Platform): Bundle {
  const { tenant, objects, index } = evaluation;
  const shards = shardCount(tenant.limits.users);
  const writer = new BundleWriter(tenant, shards);
  const texts = textsOf(objects, tenant, shards);
  const trunks = (texts.get('Trunk') ?? [])
    .filter(({ text }) => text && !('unsafe' in text)) // one that is left out would end every call
    .map(({ object }) => object as Trunk);
  const ports = mediaPorts(tenant, index?.snapshot);
  const facts: DialplanFacts = {
    tenant,
    emergency: index?.emergencyPlans ?? [],
    extensions: objects.SipUser.flatMap(({ resolved }) => resolved?.extension ?? []),
    trunks: trunks.toSorted(byAge).map(({ metadata }) => metadata.name),
    carriers: [...new Set(trunks.flatMap(addressesOf))].sort(),
    maxLegs: legsFor(ports),
  };
  const rtp = { start: RTP_START, end: RTP_START + ports - 1 };
  // keys of a transfer are heard in the audio: with them it goes past the PBX for nobody (tried)
  const directMedia =
    !tenant.features.callTransfer && objects.SipUser.some(({ resolved }) => resolved?.sip.nat.directMedia);
  writeShared(writer, facts, { platform, rtp, directMedia });
  for (const all of texts.values()) for (const { from, text } of all) if (text) writer.add(from, text);
  const kept = keptUids(evaluation, writer.refused);
  const mailboxes = mailboxesOf(evaluation, writer.refused);
  return writer.seal({ organization: tenant.name, sipPort: platform.sipPort, rtp, kept, mailboxes });
}

/** Single IPv4 addresses that are known to be a carrier's. */
function addressesOf({ spec }: Trunk): string[] {
  const all = [...spec.servers.map(({ host }) => host), ...(spec.inbound?.sources ?? [])];
  return all.map(text => text.replace(/\/32$/, '')).filter(text => /^[0-9]+(\.[0-9]+){3}$/.test(text));
}

/**
 * uids of objects that exist but are not rendered, because they are refused or cannot be read. That is a mistake, so their
 * calls go on; `enabled: false` ends them.
 */
function keptUids({ objects, index }: Evaluation, refused: Bundle['refused']): string[] {
  const left: { readonly metadata: ObjectMeta }[] = [];
  for (const [kind, { hasCalls }] of everyKind) {
    if (!hasCalls) continue;
    for (const one of objects[kind]) if (isLeft(kind, one, refused)) left.push(one.object);
    if (index) left.push(...invalidOf(kind, index.snapshot));
  }
  return left.flatMap(({ metadata }) => metadata.uid ?? []);
}

/** What the agent cannot know of mailboxes: which go with their user, and whose users are there without them. */
function mailboxesOf(
  { objects: { SipUser: users }, index }: Evaluation,
  refused: Bundle['refused'],
): { purge: readonly string[]; idle: readonly string[] } {
  const unreadable = index ? invalidOf('SipUser', index.snapshot).map(({ metadata }) => ({ metadata })) : [];
  const purge = [...users.map(({ object }) => object), ...unreadable].filter(
    ({ metadata }) => metadata.annotations?.[ON_DELETE] === 'purge',
  );
  const idle = users.filter(
    ({ object, resolved }) => !resolved?.mailbox || refused.has(`SipUser/${object.metadata.name}`),
  );
  const ids = (all: readonly { readonly metadata: ObjectMeta }[]): string[] =>
    all.map(({ metadata }) => mailboxId(metadata));
  return { purge: ids(purge), idle: ids([...idle.map(({ object }) => object), ...unreadable]) };
}

function isLeft(
  kind: TenantKind,
  { object, resolved }: Evaluated<ObjectOf<TenantKind>>,
  refused: Bundle['refused'],
): boolean {
  if (resolved && (refused.size === 0 || !refused.has(`${kind}/${object.metadata.name}`))) return false;
  return (object.spec as { readonly enabled?: boolean }).enabled !== false;
}

function writeShared(
  writer: BundleWriter,
  facts: DialplanFacts,
  { platform, rtp, directMedia }: { platform: Platform; rtp: { start: number; end: number }; directMedia: boolean },
): void {
  const { tenant } = facts;
  writer.shared('modules.conf', modulesConf({ directMedia }));
  writer.shared('sorcery.conf', SORCERY_CONF);
  writer.shared('extensions.conf', renderEngine());
  writer.shared('pjsip_system.conf', pjsip.SYSTEM);
  for (const file of Object.keys(SMALL_FILES) as SmallFile[]) writer.shared(file, SMALL_FILES[file]);
  writer.shared('rtp.conf', `[general]\nrtpstart=${rtp.start}\nrtpend=${rtp.end}\nstrictrtp=yes\n`);
  writer.shared('pjsip_global.conf', pjsip.global(tenant));
  const advertised = platform.address?.advertise ? platform.address.value : undefined;
  const localNetworks = tenant.pbx.exposure.localNetworks ?? [];
  writer.shared(
    'pjsip_transport.conf',
    pjsip.transports({ port: platform.sipPort, localNetworks, ...(advertised && { advertised }) }),
  );
  writer.shared('pjsip_endpoint.conf', pjsip.endpointTemplates(tenant));
  writer.shared('pjsip_aor.conf', pjsip.AOR_TEMPLATES);
  writer.shared('pjsip_auth.conf', '; digests only');
  writer.shared('pjsip_identify.conf', pjsip.REFUSED_REQUESTS);
  writer.shared('pjsip_registration.conf', '; registrations of trunks');
  writer.shared('voicemail.conf', VOICEMAIL_GENERAL);
  writer.shared(MAILBOXES_FILE, '; PINs');
  writer.shared('extensions_tenant.conf', globals(facts) + sharedContexts(facts));
  writer.last('extensions_tenant.conf', hints(facts));
}

/** What one object has to say; without text: it is not rendered. */
interface Said {
  readonly object: ObjectOf<TenantKind>;
  readonly from: Owner;
  readonly text: ObjectText | Unsafe | undefined;
}

const remembered = new Map(
  everyKind.map(([kind]) => [kind, new ListMemo<Tenant, Evaluated<ObjectOf<TenantKind>>, Said>()]),
);

/** The texts of each kind that has any, in the order of the table of kinds. */
function textsOf(objects: EvaluatedObjects, tenant: Tenant, shards: number): ReadonlyMap<TenantKind, readonly Said[]> {
  const texts = new Map<TenantKind, readonly Said[]>();
  for (const [kind, { render }] of everyKind) {
    const made = remembered.get(kind);
    if (!render || !made) continue;
    const textOf = ({ object, resolved }: Evaluated<ObjectOf<TenantKind>>): Said => {
      const from = owner(kind, object);
      return {
        object,
        from,
        text: resolved ? objectText(from, shards, out => render(out, resolved, tenant)) : undefined,
      };
    };
    texts.set(kind, made.of(tenant, objects[kind], { make: textOf }));
  }
  return texts;
}

function owner(
  kind: string,
  object: { readonly metadata: { readonly name: string; readonly uid?: string | undefined }; readonly spec: unknown },
): Owner {
  return { kind, name: object.metadata.name, uid: object.metadata.uid, spec: object.spec };
}
