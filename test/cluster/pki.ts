import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { systemClock } from '../../src/runtime/clock.ts';

/** Certificates and kubeconfigs of a test cluster: one authority, one certificate per component, ECDSA P-256. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR_MS = 365 * 86_400_000;

x509.cryptoProvider.set(webcrypto as never);

const keys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;

const pem = async (key: webcrypto.CryptoKey, format: 'pkcs8' | 'spki', label: string): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey(format, key), label);

/** Writes `pki/*` and `<user>.kubeconfig` into the folder. */
export async function makePki(
  directory: string,
  node: { name: string; address: string; server: string },
): Promise<void> {
  await mkdir(join(directory, 'pki'), { recursive: true });
  const authority = await makeAuthority(directory);
  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  await authority('apiserver', 'CN=kube-apiserver', names, ['127.0.0.1', node.address, '10.96.0.1']);
  await authority('to-kubelet', 'O=system:masters,CN=kube-apiserver-kubelet-client');
  await authority('kubelet-serving', `CN=${node.name}`, [node.name], [node.address]);
  const users = {
    admin: 'O=system:masters,CN=admin',
    'kube-controller-manager': 'CN=system:kube-controller-manager',
    'kube-scheduler': 'CN=system:kube-scheduler',
    'kube-proxy': 'CN=system:kube-proxy',
    kubelet: `O=system:nodes,CN=system:node:${node.name}`,
  };
  for (const [user, subject] of Object.entries(users)) {
    await authority(user, subject);
    await writeFile(join(directory, `${user}.kubeconfig`), kubeconfig(directory, user, node.server), { mode: 0o600 });
  }
  const account = await keys();
  await writeFile(join(directory, 'pki/sa.key'), await pem(account.privateKey, 'pkcs8', 'PRIVATE KEY'));
  await writeFile(join(directory, 'pki/sa.pub'), await pem(account.publicKey, 'spki', 'PUBLIC KEY'));
}

type Issue = (file: string, subject: string, dns?: readonly string[], ip?: readonly string[]) => Promise<void>;

async function makeAuthority(directory: string): Promise<Issue> {
  const validity = {
    notBefore: new Date(systemClock.now() - 60_000),
    notAfter: new Date(systemClock.now() + YEAR_MS),
    signingAlgorithm: ALGORITHM,
  };
  const own = await keys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: 'CN=test-cluster',
    keys: own,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  await writeFile(join(directory, 'pki/ca.crt'), ca.toString('pem'));
  await writeFile(join(directory, 'pki/ca.key'), await pem(own.privateKey, 'pkcs8', 'PRIVATE KEY'));
  return async (file, subject, dns = [], ip = []) => {
    const pair = await keys();
    const names = [
      ...dns.map(value => ({ type: 'dns' as const, value })),
      ...ip.map(value => ({ type: 'ip' as const, value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity,
      subject,
      issuer: ca.subject,
      publicKey: pair.publicKey,
      signingKey: own.privateKey,
      extensions: [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    await writeFile(join(directory, 'pki', `${file}.crt`), certificate.toString('pem'));
    await writeFile(join(directory, 'pki', `${file}.key`), await pem(pair.privateKey, 'pkcs8', 'PRIVATE KEY'));
  };
}

function kubeconfig(directory: string, user: string, server: string): string {
  const file = (name: string): string => join(directory, 'pki', name);
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': file('ca.crt') } }],
    users: [{ name: user, user: { 'client-certificate': file(`${user}.crt`), 'client-key': file(`${user}.key`) } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    'current-context': 'test',
  });
}
