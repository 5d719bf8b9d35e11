import type { z } from 'zod';
import { locationSchema } from './location.ts';
import { organizationSchema } from './organization.ts';
import { organizationClassSchema } from './organization-class.ts';
import { phoneNumberSchema } from './phone-number.ts';
import { sipUserSchema } from './sip-user.ts';
import { trunkSchema } from './trunk.ts';

/** The table of our kinds: what a CRD says beside its schema. */
export interface KindInfo {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly schema: z.ZodType;
  readonly columns: readonly Column[];
}

interface Column {
  readonly name: string;
  readonly jsonPath: string;
  readonly type?: string;
  /** 1: only with -o wide. */
  readonly priority?: number;
}

const condition = (name: string, type: string, priority?: number): Column => ({
  name,
  jsonPath: `.status.conditions[?(@.type=="${type}")].status`,
  ...(priority === undefined ? {} : { priority }),
});
const READY = condition('READY', 'Ready');
const REASON: Column = { name: 'REASON', jsonPath: '.status.conditions[?(@.type=="Ready")].reason', priority: 1 };
const AGE: Column = { name: 'AGE', jsonPath: '.metadata.creationTimestamp', type: 'date' };

export const GROUP = 'ringfleet.io';
export const VERSION = 'v1alpha1';

export const kinds: readonly KindInfo[] = [
  {
    kind: 'OrganizationClass',
    plural: 'organizationclasses',
    singular: 'organizationclass',
    shortNames: ['orgclass'],
    scope: 'Cluster',
    schema: organizationClassSchema,
    columns: [AGE],
  },
  {
    kind: 'Organization',
    plural: 'organizations',
    singular: 'organization',
    shortNames: ['org'],
    scope: 'Namespaced',
    schema: organizationSchema,
    columns: [
      { name: 'CLASS', jsonPath: '.spec.className' },
      { name: 'STATE', jsonPath: '.spec.state' },
      { name: 'USERS', jsonPath: '.status.usage.users.used', type: 'integer' },
      { name: 'CALLS', jsonPath: '.status.usage.concurrentCalls.used', type: 'integer' },
      { name: 'ADDRESS', jsonPath: '.status.sip.address' },
      READY,
      condition('EMERGENCY', 'EmergencyCalls'),
      { ...REASON },
      condition('RESTARTSAFE', 'RestartSafe', 1),
      AGE,
    ],
  },
  {
    kind: 'SipUser',
    plural: 'sipusers',
    singular: 'sipuser',
    shortNames: ['sipu'],
    scope: 'Namespaced',
    schema: sipUserSchema,
    columns: [
      { name: 'EXT', jsonPath: '.spec.extension' },
      { name: 'DISPLAY', jsonPath: '.status.displayName' },
      { name: 'TARGET', jsonPath: '.status.target' },
      condition('REGISTERED', 'Registered'),
      READY,
      { name: 'CONTACT', jsonPath: '.status.registrations[0].uri', priority: 1 },
      { name: 'USERAGENT', jsonPath: '.status.registrations[0].userAgent', priority: 1 },
      REASON,
      AGE,
    ],
  },
  {
    kind: 'Trunk',
    plural: 'trunks',
    singular: 'trunk',
    shortNames: ['trunk'],
    scope: 'Namespaced',
    schema: trunkSchema,
    columns: [
      { name: 'HOST', jsonPath: '.spec.servers[0].host' },
      condition('REGISTERED', 'Registered'),
      condition('REACHABLE', 'Reachable'),
      READY,
      { name: 'LASTCODE', jsonPath: '.status.registration.lastCode', type: 'integer', priority: 1 },
      REASON,
      AGE,
    ],
  },
  {
    kind: 'PhoneNumber',
    plural: 'phonenumbers',
    singular: 'phonenumber',
    shortNames: ['did'],
    scope: 'Namespaced',
    schema: phoneNumberSchema,
    columns: [
      { name: 'NUMBER', jsonPath: '.spec.number' },
      { name: 'TRUNK', jsonPath: '.spec.trunk.name' },
      READY,
      REASON,
      AGE,
    ],
  },
  {
    kind: 'Location',
    plural: 'locations',
    singular: 'location',
    shortNames: ['loc'],
    scope: 'Namespaced',
    schema: locationSchema,
    columns: [
      { name: 'COUNTRY', jsonPath: '.spec.country' },
      { name: 'TIMEZONE', jsonPath: '.spec.timezone' },
      READY,
      REASON,
      AGE,
    ],
  },
];
