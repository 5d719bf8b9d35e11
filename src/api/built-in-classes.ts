import type { OrganizationClass } from './organization-class.ts';
import { builtInLimits } from './tenant-kinds.ts';

/** The classes that ship: manifests for a cluster (config/classes), built in for `up`. Values: features.md 0.9. */

const LIMITS = {
  ...builtInLimits,
  queues: 10,
  concurrentCalls: 30,
  monthlyMinutes: 50000,
  storage: '50Gi',
};
const FEATURES = {
  recording: true,
  webhooks: false,
  callTransfer: true,
  callRecording: true,
  voicemail: true,
  conference: true,
  ivr: true,
  aiAgent: false,
};

interface Preset {
  readonly name: string;
  readonly recordingConsent: 'Announcement' | 'OptIn';
  readonly cdrDays: number;
  readonly recordingDays: number;
  readonly piiMasking: boolean;
}

const PRESETS: readonly Preset[] = [
  { name: 'general', recordingConsent: 'Announcement', cdrDays: 365, recordingDays: 365, piiMasking: false },
  { name: 'hotel', recordingConsent: 'Announcement', cdrDays: 365, recordingDays: 180, piiMasking: false },
  { name: 'hospital', recordingConsent: 'OptIn', cdrDays: 1825, recordingDays: 1095, piiMasking: true },
];

export const builtInClasses: readonly OrganizationClass[] = PRESETS.map(
  ({ name, recordingConsent, cdrDays, recordingDays, piiMasking }) => ({
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'OrganizationClass',
    metadata: { name },
    spec: {
      defaults: {
        limits: LIMITS,
        features: FEATURES,
        compliance: { recordingConsent, retention: { cdrDays, recordingDays }, piiMasking },
      },
      pbx: { roll: { deadlineSeconds: 7200 } },
      exposure: { signalling: { type: 'ClusterIP' } },
      sipDomainSuffix: 'pbx.internal',
    },
  }),
);
