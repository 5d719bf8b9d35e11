import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { Memo } from '../core/memo.ts';

/** Certificates of the operator's own CA, by which agents and the operator authenticate each other (ECDSA P-256). */
// Its own type of this argument is the browser's, which Node's types do not declare.
x509.cryptoProvider.set(webcrypto as never);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
const LEAF_DAYS = 90;

export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export const OPERATOR_NAME = 'ringfleet-operator';

/** The name in an agent's certificate, independent of the address of its pod. */
export function agentName(organization: string): string {
  return `${organization}.pbx.ringfleet`;
}

export async function createCA(now: number): Promise<Pair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=ringfleet',
    keys,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + CA_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

export async function issue(ca: Pair, name: string, now: number): Promise<Pair> {
  const issuer = new x509.X509Certificate(ca.certificate);
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await importKey(ca.key),
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + LEAF_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** True after two thirds of a certificate's validity, or when another CA issued it. */
export function needsRenewal(pair: Pair, ca: Pair, now: number): boolean {
  const { notBefore, notAfter, issuer } = read(pair);
  const life = notAfter.getTime() - notBefore.getTime();
  return now > notBefore.getTime() + (life * 2) / 3 || issuer !== read(ca).subject;
}

const readings = new Memo<Pair, x509.X509Certificate>();

/** Parsed once, since this is needed in every pass over a tenant. */
function read(pair: Pair): x509.X509Certificate {
  return readings.of(pair, [], () => new x509.X509Certificate(pair.certificate));
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
}
