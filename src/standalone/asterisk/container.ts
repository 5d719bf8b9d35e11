import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import type { AsteriskInstallation, Launch } from '../../agent/asterisk/installation.ts';
import { answer, command, type Say, works } from '../command.ts';
import { ContainerNames, isOrphan } from './container-names.ts';
import { DOCUMENTATION } from './documentation.ts';
import { versionIn } from './version.ts';

/**
 * Asterisk in containers of docker or podman, one per Asterisk, on the network of this machine, as our user, with a
 * read-only root and nothing of this machine but the directories that it is given. A container outlives the client
 * that runs it, so each is named after its owner: it is ended by name, and a later run ends those whose owner has ended.
 */
const RUNTIMES = ['docker', 'podman'] as const;
const LABEL = 'ringfleet.asterisk';
const DOCKERFILE = join(import.meta.dirname, '../../../Dockerfile');
const DATA_DIR = '/usr/share/asterisk';
const PROBE_LIMIT_MS = 60_000;

interface Runtime {
  readonly name: (typeof RUNTIMES)[number];
  /** Whether root in the container is our own user. */
  readonly rootless: boolean;
}

/** Finds a runtime; undefined: there is none. Throws when there is one that cannot be used. */
export async function containerInstallation(say: Say, signal?: AbortSignal): Promise<AsteriskInstallation | undefined> {
  const runtime = await findRuntime();
  if (!runtime) return undefined;
  const { name } = runtime;
  const image = imageName(await readFile(DOCKERFILE, 'utf8'), await readFile(DOCUMENTATION, 'utf8'));
  await ensureImage(runtime, image, say, signal);
  await endOrphans(runtime, say);
  const names = await ContainerNames.create();
  const launch = (directories: readonly string[]): Launch => {
    const container = names.next();
    return {
      command: [...runWords({ runtime, image, container, directories }), 'asterisk'],
      env: process.env, // it locates the daemon and the storage; nothing of it gets into the container
      sweep: [name, 'rm', '--force', container],
    };
  };
  const found = await probe(launch).catch((error: unknown) => {
    throw new Error(`${name} cannot run Asterisk here: ${firstWords(error)}`);
  });
  say(`Asterisk ${found.version} runs in containers of ${name}`);
  return { ...found, dataDir: DATA_DIR, launch };
}

/** The first runtime that answers; a client without its daemon does not. */
async function findRuntime(): Promise<Runtime | undefined> {
  const docker = await answer('docker', ['info', '--format', '{{json .SecurityOptions}}']);
  if (docker !== undefined) return { name: 'docker', rootless: docker.includes('name=rootless') };
  const podman = await answer('podman', ['info', '--format', '{{.Host.Security.Rootless}}']);
  if (podman !== undefined) return { name: 'podman', rootless: podman.trim() === 'true' };
  return undefined;
}

/** The tag of the image: a hash of the Dockerfile and of the files that this stage copies. */
export function imageName(...files: readonly string[]): string {
  const digest = createHash('sha256').update(files.join('\0')).digest('hex').slice(0, 12);
  return `ringfleet.local/asterisk:${digest}`;
}

async function ensureImage({ name }: Runtime, image: string, say: Say, signal?: AbortSignal): Promise<void> {
  if (await works(name, ['image', 'inspect', image])) return;
  say(`Building an image with Asterisk 22 by ${name} (about a minute, once)`);
  const stage = ['--target=asterisk', `--tag=${image}`, `--file=${DOCKERFILE}`];
  const words = ['build', '--force-rm', ...stage, dirname(DOCKERFILE)];
  await command(name, words, { say, signal }).catch((error: unknown) => {
    throw new Error(`${name} cannot build the image with Asterisk: ${firstWords(error)}`);
  });
}

export interface RunOptions {
  readonly runtime: Runtime;
  readonly image: string;
  readonly container: string;
  readonly directories: readonly string[];
}

/** Arguments of the runtime, up to the command in the container. */
export function runWords({ runtime, image, container, directories }: RunOptions): string[] {
  const user = runtime.rootless ? '0:0' : `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return [
    runtime.name,
    'run',
    '--rm',
    '--pull=never',
    `--name=${container}`,
    `--label=${LABEL}`,
    '--stop-signal=KILL', // or podman's `rm --force` would wait for it
    '--network=host',
    `--user=${user}`,
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--security-opt=label=disable', // or SELinux keeps it from the directories
    '--log-driver=none',
    '--read-only',
    '--tmpfs=/tmp',
    '--env=LANG=C.UTF-8',
    `--env=TZ=${process.env['TZ'] ?? 'UTC'}`,
    ...directories.map(path => `--mount=${mount(path)}`),
    image,
    'tini', // of the image: not every podman has one for --init
    '--',
  ];
}

/** One record of CSV. */
function mount(path: string): string {
  return ['type=bind', `source=${path}`, `target=${path}`]
    .map(field => (/[,"]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

async function endOrphans({ name }: Runtime, say: Say): Promise<void> {
  const list = await answer(name, ['ps', '--all', `--filter=label=${LABEL}`, '--format={{.Names}}']);
  for (const container of (list ?? '').split('\n').filter(Boolean)) {
    if (!(await isOrphan(container))) continue;
    say(`Ending an Asterisk that an earlier run left behind (${container})`);
    await works(name, ['rm', '--force', container]);
  }
}

const PROBE = 'asterisk -V && ls -d /usr/lib*/*/asterisk/modules && readlink /proc/self/ns/net | tee "$1/network"';

/** Starts a container in the usual way, to see whether it works: with our network, a shared directory and Asterisk. */
async function probe(
  launch: AsteriskInstallation['launch'],
): Promise<Pick<AsteriskInstallation, 'version' | 'modulesDir'>> {
  const directory = await mkdtemp(join(tmpdir(), 'ringfleet-probe-'));
  const { command: words, sweep = [] } = launch([directory]);
  const [file = '', ...args] = [...words.slice(0, -1), 'sh', '-c', PROBE, 'sh', directory];
  try {
    const { stdout } = await promisify(execFile)(file, args, { timeout: PROBE_LIMIT_MS });
    const network = await readFile(join(directory, 'network'), 'utf8').catch(() => undefined);
    if (network === undefined) throw new Error('it does not share directories with this machine');
    if (network.trim() !== (await readlink('/proc/self/ns/net'))) throw new Error('its network is not this machine’s');
    const version = versionIn(stdout);
    const modulesDir = /^\/.*\/asterisk\/modules$/m.exec(stdout)?.[0];
    if (!version?.startsWith('22.') || !modulesDir) throw new Error(`its Asterisk is ${version ?? 'missing'}`);
    return { version, modulesDir };
  } catch (error) {
    await works(sweep[0] ?? '', sweep.slice(1));
    throw error;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const REASON_LENGTH = 300;

/** An error as one line; for a failed command its output, not its arguments. */
function firstWords(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error && String(error.stderr).trim();
  const text = said || (error instanceof Error ? error.message : String(error));
  return stripVTControlCharacters(text)
    .replaceAll(/\s*\n\s*/g, ' | ')
    .slice(0, REASON_LENGTH);
}
