import { randomUUID } from 'node:crypto';
import { access, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached, cacheFolder } from '../../src/standalone/cache.ts';
import { command, type Say, works } from '../../src/standalone/command.ts';
import { inside } from './network.ts';
import { output } from './process.ts';

/**
 * Builds the real Dockerfile without Docker and without a registry: its base is made by mmdebstrap, and buildah's
 * layers stay in the cache, so that a change of the sources costs seconds.
 */
const BASE = 'docker.io/library/debian:forky-slim';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const root = join(import.meta.dirname, '../..');

/** Makes words run where mirrors can be reached; from the network of the tests none can. */
type Outside = (file: string, ...args: string[]) => [string, string[]];

function outsideOf(hostNamespace: string): Outside {
  const [nsenter = '', ...before] = inside(hostNamespace);
  return (...words) => [nsenter, [...before, ...words]];
}

export interface Destination {
  readonly containerd: string;
  readonly hostNamespace: string;
}

/** Builds the stages and brings each into the containerd as `<names[stage]>`. */
export async function buildDockerfile(
  names: Readonly<Record<string, string>>,
  to: Destination,
  say: Say,
): Promise<void> {
  const outside = outsideOf(to.hostNamespace);
  if (!(await works('buildah', ['--version']))) throw new Error('buildah is missing');
  if (!(await works('buildah', words('images')))) await rm(storage(), { recursive: true, force: true });
  await ensureBase(outside, say);
  for (const [stage, name] of Object.entries(names)) {
    await command(...outside('buildah', ...words(...bud(stage, name))), { say });
    await bring(name, to.containerd, say);
  }
}

const storage = (): string => join(cacheFolder(), 'buildah');

function words(verb: string, ...rest: string[]): string[] {
  const run = join(tmpdir(), 'ringfleet-buildah');
  return [`--root=${storage()}`, `--runroot=${run}`, '--storage-driver=overlay', verb, ...rest];
}

function bud(stage: string, name: string): [string, ...string[]] {
  return [
    'bud',
    '--isolation=chroot',
    '--network=host',
    '--pull=never',
    '--layers',
    `--volume=${CERTIFICATES}:/run/certificates.pem:ro`,
    '--build-arg=NODE_EXTRA_CA_CERTS=/run/certificates.pem',
    '--build-arg=VERSION=test',
    `--target=${stage}`,
    `--tag=${name}`,
    root,
  ];
}

async function ensureBase(outside: Outside, say: Say): Promise<void> {
  if (await works('buildah', words('inspect', '--type=image', BASE))) return;
  const tar = await cached(
    { name: `debian-forky-${process.arch}`, what: 'Debian', usable, make: makeBase(outside, say) },
    say,
  );
  const container = (await output('buildah', ...words('from', 'scratch'))).trim();
  await command('buildah', words('add', container, tar, '/'), { say });
  await command('buildah', words('commit', '--rm', container, BASE), { say });
}

async function usable(home: string): Promise<string> {
  const tar = join(home, 'base.tar');
  await access(tar);
  return tar;
}

function makeBase(outside: Outside, say: Say): (work: string) => Promise<void> {
  return async work => {
    const options = ['--variant=minbase', '--aptopt=Acquire::Check-Valid-Until "false"'];
    await command(...outside('mmdebstrap', ...options, 'forky', join(work, 'base.tar')), { say });
  };
}

async function bring(name: string, socket: string, say: Say): Promise<void> {
  const folder = join(tmpdir(), `ringfleet-image-${randomUUID()}`);
  await mkdir(folder);
  try {
    const file = join(folder, 'image.tar');
    await command('buildah', words('push', '--quiet', name, `docker-archive:${file}:${name}`), { say });
    await command('ctr', [`--address=${socket}`, '--namespace=k8s.io', 'images', 'import', file], { say });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
