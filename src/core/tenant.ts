import {
  builtInLimits,
  type LimitName,
  type Location,
  type Organization,
  type OrganizationClass,
  type SipUser,
} from '../api/index.ts';
import { inherit } from './inheritance.ts';
import { Memo } from './memo.ts';
import type { Window } from './window.ts';

/**
 * The settings that apply to a tenant and to a user. The nearest layer wins: user, Organization.spec.userDefaults, class,
 * built-in. They are shown in status.effective; the operator never writes a spec.
 */
export interface Tenant {
  readonly name: string;
  /** Without the status, which changes with every call: results kept by tenant must outlive that. */
  readonly organization: {
    readonly metadata: { readonly name: string; readonly uid?: string };
    readonly spec: Organization['spec'];
  };
  readonly domain: string;
  readonly active: boolean;
  readonly limits: Limits;
  readonly features: Features;
  readonly compliance: unknown;
  readonly country?: string;
  readonly userDefaults: readonly unknown[];
  readonly pbx: PbxTemplate;
}

interface Limits extends Readonly<Record<LimitName, number>> {
  readonly queues: number;
  readonly concurrentCalls: number;
  readonly monthlyMinutes: number;
  readonly storage: string | number;
}

type Feature =
  | 'recording'
  | 'webhooks'
  | 'callTransfer'
  | 'callRecording'
  | 'voicemail'
  | 'conference'
  | 'ivr'
  | 'aiAgent';
export type Features = Readonly<Record<Feature, boolean>>;

interface PbxTemplate {
  readonly image?: string;
  readonly resources?: unknown;
  readonly storage?: { readonly state?: Claim; readonly media?: Claim };
  readonly roll?: { readonly deadlineSeconds?: number; readonly window?: Window };
  readonly exposure: Exposure;
}

interface Claim {
  readonly size?: string | number;
  readonly storageClassName?: string;
}

interface Exposure {
  readonly signalling?: {
    readonly type?: string;
    readonly loadBalancerClass?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly media?: { readonly ports?: number };
  readonly advertisedAddress?: string;
  readonly localNetworks?: readonly string[];
}

const BUILT_IN = {
  limits: {
    ...builtInLimits,
    queues: 10,
    concurrentCalls: 30,
    monthlyMinutes: 50000,
    storage: '50Gi',
  },
  features: {
    recording: true,
    webhooks: false,
    callTransfer: true,
    callRecording: true,
    voicemail: true,
    conference: true,
    ivr: true,
    aiAgent: false,
  },
  compliance: { recordingConsent: 'Announcement', retention: { cdrDays: 365, recordingDays: 365 }, piiMasking: false },
} as const;

const USER_BUILT_IN = {
  ring: { seconds: 20 },
  voicemail: { enabled: true },
  sip: {
    maxContacts: 5,
    expirySeconds: { min: 60, max: 3600 },
    qualifySeconds: 30,
    transport: 'Any',
    nat: { rewriteContact: true, symmetricRtp: true, forceRport: true, directMedia: false },
    dtmf: 'RFC4733',
    sessionTimers: 'Accept',
    mediaEncryption: 'Disable',
    codecs: ['g722', 'alaw', 'ulaw'],
  },
} as const;

const tenants = new Memo<Organization['spec'], Tenant>();

/** The identical Tenant while the specs are identical, so that results can be kept by it. */
export function tenantOf(
  organization: Organization,
  orgClass: Pick<OrganizationClass, 'spec'> | undefined,
  locations: readonly Location[],
): Tenant {
  const name = referenceName(organization.spec.location);
  const location = locations.find(candidate => candidate.metadata.name === name);
  const { metadata, spec } = organization;
  const inputs = [metadata.name, metadata.uid, orgClass?.spec, location?.spec];
  return tenants.of(spec, inputs, () => makeTenant(organization, orgClass, location));
}

function makeTenant(
  { metadata: { name, uid }, spec }: Organization,
  orgClass: Pick<OrganizationClass, 'spec'> | undefined,
  location: Location | undefined,
): Tenant {
  const defaults = orgClass?.spec.defaults;
  const exposure = inherit([spec.exposure, orgClass?.spec.exposure]) as Exposure;
  const inlineCountry =
    (spec.location as { country?: string } | undefined)?.country ?? (spec as { country?: string }).country;
  const country = location?.spec.country ?? inlineCountry;
  const suffix = orgClass?.spec.sipDomainSuffix ?? 'pbx.invalid';
  return {
    name,
    organization: { metadata: { name, ...(uid === undefined ? {} : { uid }) }, spec },
    domain: spec.sipDomain ?? `${name}.${suffix}`,
    active: spec.state !== 'Suspended',
    limits: inherit([spec.limits, defaults?.limits, BUILT_IN.limits]) as unknown as Limits,
    features: inherit([spec.features, defaults?.features, BUILT_IN.features]) as Features,
    compliance: inherit([spec.compliance, defaults?.compliance, BUILT_IN.compliance]),
    ...(country === undefined ? {} : { country }),
    userDefaults: [spec.userDefaults, defaults?.userDefaults, USER_BUILT_IN],
    pbx: { ...((orgClass?.spec.pbx ?? {}) as Omit<PbxTemplate, 'exposure'>), exposure },
  };
}

function referenceName(reference: unknown): string | undefined {
  const name = (reference as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? name : undefined;
}

/** A user's settings with all inherited ones. Lists and choices come whole from the nearest layer. */
export function effectiveSpec(user: SipUser, tenant: Tenant): EffectiveSpec {
  return inherit([user.spec, ...tenant.userDefaults]) as unknown as EffectiveSpec;
}

/** The settings of a user whose spec sets none of them. */
export function effectiveDefaults(tenant: Tenant): EffectiveParts {
  return inherit(tenant.userDefaults) as unknown as EffectiveParts;
}

export type EffectiveSpec = SipUser['spec'] & EffectiveParts;

export interface EffectiveParts {
  readonly ring: NonNullable<SipUser['spec']['ring']> & { readonly seconds: number };
  readonly voicemail: NonNullable<SipUser['spec']['voicemail']> & { readonly enabled: boolean };
  readonly sip: {
    readonly maxContacts: number;
    readonly expirySeconds: { readonly min: number; readonly max: number };
    readonly qualifySeconds: number;
    readonly transport: string;
    readonly nat: {
      readonly rewriteContact: boolean;
      readonly symmetricRtp: boolean;
      readonly forceRport: boolean;
      readonly directMedia: boolean;
    };
    readonly dtmf: string;
    readonly sessionTimers: string;
    readonly mediaEncryption: string;
    readonly codecs: readonly string[];
    readonly passwordSecretRef?: { readonly name: string; readonly key: string };
    readonly address?: string;
    readonly allowedSources?: readonly string[];
  };
}
