import type { Judgement } from '../judge/judge.ts';
import type { RenderedUser } from '../judge/users.ts';
import { mediaPorts, RTP_START } from '../media-ports.ts';
import { trunkId } from '../names.ts';
import type { Bundle } from '../plan.ts';
import type { Tenant } from '../tenant.ts';
import { invalidOf, type Surroundings } from '../world.ts';
import { BundleWriter, type Sealed, shardCount } from './bundle.ts';
import { type DialplanFacts, globals, numberLine, sharedContexts, trunkLine, userLine } from './dialplan.ts';
import { renderEngine } from './engine.ts';
import * as pjsip from './pjsip.ts';
import { modulesConf, SMALL_FILES, SORCERY_CONF } from './static-files.ts';
import { mailboxLine, VOICEMAIL_GENERAL } from './voicemail.ts';

/** Renders what was judged good into a bundle. Same judgement, same bytes. */
export function renderBundle(judgement: Judgement & { tenant: Tenant }, surroundings: Surroundings): Bundle {
  const { tenant } = judgement;
  const writer = new BundleWriter(shardCount(tenant.limits.users), sealedOf(tenant));
  const trunks = judgement.trunks.flatMap(({ rendered }) => rendered ?? []);
  const [onlyTrunk] = trunks.length === 1 ? trunks : [];
  const facts: DialplanFacts = {
    tenant,
    emergency: judgement.emergency,
    ...(onlyTrunk && { trunk: onlyTrunk.trunk.metadata.name }),
  };
  const rtp = { start: RTP_START, end: RTP_START + mediaPorts(tenant, judgement.directory?.world) - 1 };
  writeShared(writer, facts, surroundings, rtp);
  for (const { rendered } of judgement.users) {
    if (!rendered) continue;
    const of = { key: rendered, inputs: [tenant] };
    writer.attempt(owner('SipUser', rendered.user), part => writeUser(part, rendered, tenant), of);
  }
  for (const one of trunks) writer.attempt(owner('Trunk', one.trunk), part => writeTrunk(part, one, judgement));
  for (const one of judgement.numbers) {
    if (one.word === undefined) continue;
    const from = owner('PhoneNumber', one.number);
    writer.attempt(from, part => part.object('extensions_tenant.conf', from, numberLine(one)));
  }
  const kept = keptUids(judgement, writer.refused);
  return writer.seal({ organization: tenant.name, sipPort: surroundings.sipPort, rtp, kept });
}

/**
 * Who exists and is not rendered for now: refused, or unreadable. That is a mistake of somebody, not a wish that her
 * calls end; `enabled: false` is one.
 */
function keptUids({ users, trunks, directory }: Judgement, refused: ReadonlySet<string>): string[] {
  const judged = [
    ...users.map(({ user, rendered }) => ({ kind: 'SipUser', object: user, rendered })),
    ...trunks.map(({ trunk, rendered }) => ({ kind: 'Trunk', object: trunk, rendered })),
  ];
  const left = judged.filter(
    ({ kind, object, rendered }) =>
      object.spec.enabled !== false && (!rendered || refused.has(`${kind}/${object.metadata.name}`)),
  );
  const unreadable = directory ? ['SipUser', 'Trunk'].flatMap(kind => invalidOf(kind, directory.world)) : [];
  return [...left.map(({ object }) => object), ...unreadable].flatMap(({ metadata }) => metadata.uid ?? []);
}

const sealedBundles = new WeakMap<Tenant, Map<string, Sealed>>();

function sealedOf(tenant: Tenant): Map<string, Sealed> {
  const sealed = sealedBundles.get(tenant) ?? new Map<string, Sealed>();
  sealedBundles.set(tenant, sealed);
  return sealed;
}

function writeShared(
  writer: BundleWriter,
  facts: DialplanFacts,
  surroundings: Surroundings,
  rtp: { start: number; end: number },
): void {
  const { tenant } = facts;
  writer.shared('modules.conf', modulesConf(), { restart: true });
  writer.shared('sorcery.conf', SORCERY_CONF, { restart: true });
  writer.shared('extensions.conf', renderEngine().replace(/^;@ -\n/, ''), { restart: true });
  writer.shared('pjsip_system.conf', pjsip.SYSTEM, { restart: true });
  for (const [file, text] of Object.entries(SMALL_FILES)) writer.shared(file, text);
  writer.shared('rtp.conf', `[general]\nrtpstart=${rtp.start}\nrtpend=${rtp.end}\nstrictrtp=yes\n`);
  writer.shared('pjsip_global.conf', pjsip.global(tenant));
  const advertised = surroundings.address?.advertise ? surroundings.address.value : undefined;
  const localNetworks = tenant.pbx.exposure.localNetworks ?? [];
  writer.shared(
    'pjsip_transport.conf',
    pjsip.transports({ port: surroundings.sipPort, localNetworks, ...(advertised && { advertised }) }),
    { restart: true },
  );
  writer.shared('pjsip_endpoint.conf', pjsip.endpointTemplates(tenant));
  writer.shared('pjsip_aor.conf', pjsip.AOR_TEMPLATES);
  writer.shared('pjsip_auth.conf', '; digests only', { secret: true });
  writer.shared('pjsip_identify.conf', '; addresses of trunks');
  writer.shared('pjsip_registration.conf', '; registrations of trunks');
  writer.shared('voicemail.conf', VOICEMAIL_GENERAL, { secret: true });
  writer.shared('extensions_tenant.conf', globals(facts) + sharedContexts(facts));
}

function writeUser(writer: BundleWriter, user: RenderedUser, tenant: Tenant): void {
  const from = owner('SipUser', user.user);
  writer.object('pjsip_endpoint.conf', from, pjsip.userEndpoint(user));
  writer.object('pjsip_aor.conf', from, pjsip.userAor(user));
  writer.object('pjsip_auth.conf', from, pjsip.userAuth(user, tenant.domain), true);
  writer.object('extensions_tenant.conf', from, userLine(user));
  for (const type of ['endpoint', 'aor', 'auth']) writer.expect(type);
  if (!user.mailbox) return;
  writer.object('voicemail.conf', from, mailboxLine(user), true);
  writer.expect('mailbox');
}

function writeTrunk(writer: BundleWriter, one: pjsip.RenderedTrunk, judgement: Judgement & { tenant: Tenant }): void {
  const { trunk, credentials, inboundCredentials } = one;
  const org = judgement.tenant.name;
  const id = trunkId(org, trunk.metadata.name);
  const from = owner('Trunk', trunk);
  writer.object('pjsip_endpoint.conf', from, pjsip.trunkEndpoint(org, one));
  writer.object('pjsip_aor.conf', from, pjsip.trunkAor(org, trunk));
  writer.expect('endpoint');
  writer.expect('aor');
  const auths = [
    ...(credentials ? [pjsip.trunkAuth(id, credentials)] : []),
    ...(inboundCredentials ? [pjsip.trunkAuth(`${id}-in`, inboundCredentials)] : []),
  ];
  if (auths.length > 0) writer.object('pjsip_auth.conf', from, auths.join('\n'), true);
  for (const _ of auths) writer.expect('auth');
  if (trunk.spec.register?.enabled && credentials) {
    writer.object('pjsip_registration.conf', from, pjsip.trunkRegistration(org, trunk, credentials.username));
    writer.expect('registration');
  }
  for (const identify of pjsip.trunkIdentify(org, one)) {
    writer.object('pjsip_identify.conf', from, identify);
    writer.expect('identify');
  }
  writer.object('extensions_tenant.conf', from, trunkLine(org, one, fallbackCallerId(one, judgement)));
}

function fallbackCallerId({ trunk }: pjsip.RenderedTrunk, judgement: Judgement & { tenant: Tenant }): string {
  const reference = trunk.spec.outbound?.fallbackCallerId ?? judgement.tenant.organization.spec.callerId?.default;
  return judgement.directory?.numbers.get(reference?.name ?? '')?.spec.number ?? '';
}

function owner(
  kind: string,
  object: { metadata: { name: string; uid?: string | undefined } },
): { kind: string; name: string; uid?: string | undefined } {
  return { kind, name: object.metadata.name, uid: object.metadata.uid };
}
