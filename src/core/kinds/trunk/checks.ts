import type { Trunk } from '../../../api/index.ts';
import { overLimit } from '../../checks/over-limit.ts';
import { secretText, wrongPassword } from '../../checks/secrets.ts';
import { type Check, type Finding, firstFinding } from '../../finding.ts';
import { ipv4Network } from '../../networks.ts';
import { parseProxy } from '../../sip-proxy.ts';
import type { TenantIndex } from '../../tenant-index/tenant-index.ts';

type TrunkCheck = Check<Trunk, TenantIndex>;

const credentialsWrong: TrunkCheck = ({ spec }, index) =>
  // An empty password is fine at the carrier; here it would let everybody in.
  secretViolation(spec.credentialsSecretRef?.name, 'spec.credentialsSecretRef', index, { mayBeEmpty: true }) ??
  secretViolation(spec.inbound?.auth?.secretRef?.name, 'spec.inbound.auth.secretRef', index, { mayBeEmpty: false });

const registerWithoutUser: TrunkCheck = ({ spec }) => {
  if (!spec.register?.enabled || spec.credentialsSecretRef || spec.identity?.fromUser) return undefined;
  const field = 'spec.credentialsSecretRef';
  const message =
    'A trunk that registers needs spec.credentialsSecretRef with the keys username and password; for a carrier that asks for no password, spec.identity.fromUser is enough';
  return { reason: 'CredentialsRequired', field, message };
};

const transportUnsupported: TrunkCheck = trunk =>
  trunk.spec.transport === 'TLS'
    ? {
        reason: 'NotImplementedYet',
        field: 'spec.transport',
        message: 'spec.transport TLS has no effect in this release; use UDP or TCP',
      }
    : undefined;

const hostWrong: TrunkCheck = ({ spec }) => {
  const server = spec.servers.find(({ host }) => /^[0-9.]+$/.test(host) && !ipv4Network(host));
  if (!server) return undefined;
  const field = 'spec.servers.host';
  const message = `${field} of server ${server.name}: ${server.host} is neither an IPv4 address nor a name; correct it`;
  return { reason: 'InvalidAddress', field, message };
};

const proxyWrong: TrunkCheck = ({ spec }) => {
  const text = spec.identity?.outboundProxy;
  if (!text) return undefined;
  const field = 'spec.identity.outboundProxy';
  const parsed = parseProxy(text);
  if ('wrong' in parsed) return { reason: 'InvalidProxy', field, message: `${field} ${parsed.wrong}; correct it` };
  if (spec.transport !== 'TCP' || parsed.proxy.transport !== 'UDP') return undefined;
  const message = `${field} says UDP and spec.transport TCP; a trunk has one transport: leave one of them out`;
  return { reason: 'InvalidProxy', field, message };
};

const CHECKS: readonly TrunkCheck[] = [
  overLimit('Trunk', 'trunks'),
  registerWithoutUser,
  credentialsWrong, // names the Secret and the key
  transportUnsupported,
  hostWrong,
  proxyWrong,
];

/** What keeps a trunk out of service; a disabled trunk has a violation too. */
export function refusal(trunk: Trunk, index: TenantIndex): Finding | undefined {
  const disabled = { reason: 'Disabled', message: 'spec.enabled is false: no calls go out or come in over this trunk' };
  return firstFinding(CHECKS, trunk, index) ?? (trunk.spec.enabled === false ? disabled : undefined);
}

function secretViolation(
  name: string | undefined,
  field: string,
  { snapshot }: TenantIndex,
  { mayBeEmpty }: { readonly mayBeEmpty: boolean },
): Finding | undefined {
  if (!name) return undefined;
  const secret = snapshot.secrets.get(name);
  const missing = (what: string): Finding => ({ reason: 'SecretNotFound', field, message: what });
  if (!secret)
    return missing(`There is no Secret ${name} in this namespace; create it with the keys username and password`);
  const username = secretText(secret, 'username');
  const password = secretText(secret, 'password');
  if (!username) return missing(`Secret ${name} has no key username; add it`);
  if (password === undefined || (password === '' && !mayBeEmpty))
    return missing(`Secret ${name} has no key password; add it`);
  const invalid = (reason: string, message: string): Finding => ({ reason, field, message });
  if (!isUserName(username))
    return invalid(
      'InvalidSecret',
      `Key username of Secret ${name} must be letters, digits and . _ + * -, with one @ and a domain at most; correct it`,
    );
  const wrong = password === '' ? undefined : (wrongPassword(password, BOUNDS) ?? wrongEnds(password));
  if (wrong !== undefined) return invalid('InvalidPassword', `Key password of Secret ${name} ${wrong}`);
  const realm = secretText(secret, 'realm');
  if (!realm || !(wrongPassword(realm, BOUNDS) ?? wrongEnds(realm))) return undefined;
  return invalid(
    'InvalidSecret',
    `Key realm of Secret ${name} must be printable ASCII of at most 128 characters; correct it`,
  );
}

const BOUNDS = { min: 1, max: 128 };

/** Why a value cannot be written to a file of Asterisk, which would drop its first or last character. */
function wrongEnds(text: string): string | undefined {
  if (text.trim() !== text) return 'begins or ends with a blank; remove it';
  return text.endsWith('\\') ? 'ends with a backslash; choose another' : undefined;
}

function isUserName(text: string): boolean {
  return text.length <= 128 && /^[A-Za-z0-9_.+*-]+(@[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?)?$/.test(text);
}
