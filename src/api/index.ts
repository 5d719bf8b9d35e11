export type { ObjectMeta } from './common.ts';
export type { Destination } from './destination.ts';
export type { KindInfo } from './kind-info.ts';
export { GROUP, type KindName, kinds, type NamespacedKind, namespacedKinds, VERSION } from './kinds.ts';
export { type Location, locationSchema } from './location.ts';
export { type Organization, organizationSchema } from './organization.ts';
export { type OrganizationClass, organizationClassSchema } from './organization-class.ts';
export { type PhoneNumber, phoneNumberSchema } from './phone-number.ts';
export { type SipUser, sipUserSchema } from './sip-user.ts';
export {
  builtInLimits,
  type LimitedKind,
  type LimitName,
  limitedKinds,
  type ObjectLists,
  type ObjectOf,
  ofEachKind,
  type TenantKind,
} from './tenant-kinds.ts';
export { type Trunk, trunkSchema } from './trunk.ts';
