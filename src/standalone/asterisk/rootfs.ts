import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { arch, homedir } from 'node:os';
import { join } from 'node:path';
import type { AsteriskInstallation } from '../../agent/installation.ts';
import { systemClock } from '../../runtime/clock.ts';
import { asteriskVersion } from './find.ts';

/**
 * A Debian forky root file system with Asterisk 22, made once into the user's cache folder. Its Asterisk runs on this
 * machine without a chroot, by its own loader and libraries. Kept by architecture and package list; a broken one is
 * made again. The tar of it is the base layer of the test image, so that image and `up` run the same Asterisk.
 */
const PACKAGES = [
  'asterisk',
  'asterisk-core-sounds-en-gsm',
  'asterisk-moh-opsound-gsm',
  'tini',
  'nodejs',
  'ca-certificates',
];
const DONE = 'complete.json';
/** Counts the ways in which `make` lays things out. */
const LAYOUT = '2';

interface Rootfs {
  readonly directory: string;
  readonly tar: string;
  readonly version: string;
}

export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ringfleet');
}

export async function rootfsInstallation(
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<AsteriskInstallation> {
  const rootfs = await ensureRootfs(say, signal);
  return installationIn(rootfs.directory, rootfs.version);
}

/** Finds or makes the root file system. Two processes at once: one makes it, the other waits. */
export async function ensureRootfs(say: (line: string) => void, signal?: AbortSignal): Promise<Rootfs> {
  const key = createHash('sha256')
    .update([LAYOUT, arch(), 'forky', ...PACKAGES].join(' '))
    .digest('hex')
    .slice(0, 12);
  const home = join(cacheFolder(), `asterisk-${key}`);
  await mkdir(cacheFolder(), { recursive: true });
  const lock = `${home}.lock`;
  for (;;) {
    const known = await usable(home);
    if (known) return known;
    if (await takeLock(lock)) break;
    say('Another process is making Asterisk; waiting for it');
    await systemClock.sleep(2000, signal);
  }
  try {
    return await make(home, say, signal);
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function usable(home: string): Promise<Rootfs | undefined> {
  try {
    const { version } = JSON.parse(await readFile(join(home, DONE), 'utf8')) as { version: string };
    const directory = join(home, 'rootfs');
    const installation = await installationIn(directory, version);
    if ((await asteriskVersion(installation.command)) !== version) return undefined;
    return { directory, tar: join(home, 'rootfs.tar'), version };
  } catch {
    return undefined; // none yet, or a broken one: both are made anew
  }
}

/** A lock whose owner died is taken over: it names the owner's process. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), String(process.pid));
    return true;
  } catch {
    const pid = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => '0'));
    if (pid > 0 && !isAlive(pid)) await rm(lock, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function make(home: string, say: (line: string) => void, signal?: AbortSignal): Promise<Rootfs> {
  await ensureMmdebstrap(say, signal);
  const work = `${home}.new`;
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'rootfs'), { recursive: true });
  say('Making a Debian forky root file system with Asterisk 22 (about a minute, 450 MB, once)');
  const tar = join(work, 'rootfs.tar');
  const options = [
    '--variant=minbase',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=APT::Install-Recommends "false"',
  ];
  await command('mmdebstrap', [...options, `--include=${PACKAGES.join(',')}`, 'forky', tar], say, signal);
  say('Unpacking it');
  await command('tar', ['-C', join(work, 'rootfs'), '--exclude=./dev', '--no-same-owner', '-xf', tar], say, signal);
  await linkPrompts(join(work, 'rootfs'));
  const installation = await installationIn(join(work, 'rootfs'), '');
  const version = await asteriskVersion(installation.command);
  if (!version) throw new Error('The new root file system has no working Asterisk');
  await writeFile(join(work, DONE), JSON.stringify({ version }));
  await rm(home, { recursive: true, force: true });
  await rename(work, home);
  say(`Asterisk ${version} is ready`);
  return { directory: join(home, 'rootfs'), tar: join(home, 'rootfs.tar'), version };
}

/** Debian links the prompts by way of /etc/alternatives, which outside a chroot is another machine's. */
async function linkPrompts(rootfs: string): Promise<void> {
  const sounds = join(rootfs, 'usr/share/asterisk/sounds');
  for (const name of ['en', 'en_US']) {
    await rm(join(sounds, name), { force: true });
    await symlink('en_US_f_Allison', join(sounds, name));
  }
}

async function ensureMmdebstrap(say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  if (await works('mmdebstrap', ['--version'])) return;
  const root = process.getuid?.() === 0;
  const prefix = root ? [] : ['sudo', '-n'];
  if (!root && !(await works('sudo', ['-n', 'true']))) {
    throw new Error('mmdebstrap is missing and cannot be installed without root; install mmdebstrap or Asterisk 22');
  }
  say('Installing mmdebstrap with apt-get');
  const [update = '', ...updateArgs] = [...prefix, 'apt-get', 'update', '-qq'];
  await command(update, updateArgs, say, signal);
  const [install = '', ...installArgs] = [...prefix, 'apt-get', 'install', '-y', '-qq', 'mmdebstrap'];
  await command(install, installArgs, say, signal);
}

function works(file: string, args: readonly string[]): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn(file, args, { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('close', code => resolve(code === 0));
  });
}

/** Runs a long command; a line of progress every ten seconds, its last words when it fails. */
async function command(
  file: string,
  args: readonly string[],
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(signal ? { signal } : {}) });
  let tail = '';
  const keep = (chunk: Buffer): void => {
    tail = (tail + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const done = new AbortController();
  const progress = (async () => {
    for (let seconds = 10; ; seconds += 10) {
      await systemClock.sleep(10_000, done.signal);
      say(`  … ${seconds} s: ${tail.trim().split('\n').pop()?.slice(0, 100) ?? ''}`);
    }
  })().catch(() => undefined);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => done.abort());
  await progress;
  if (code !== 0) throw new Error(`${file} failed (${code}): ${tail.trim().split('\n').slice(-5).join(' | ')}`);
}

async function installationIn(directory: string, version: string): Promise<AsteriskInstallation> {
  const libraries = join(directory, 'usr/lib');
  const triplet = (await readdir(libraries)).find(name => /^(x86_64|aarch64)-linux-gnu$/.test(name));
  if (!triplet) throw new Error('The root file system is of another architecture');
  const loader = triplet.startsWith('x86_64') ? 'lib64/ld-linux-x86-64.so.2' : 'lib/ld-linux-aarch64.so.1';
  const library = join(libraries, triplet);
  return {
    version,
    command: [join(directory, loader), '--library-path', library, join(directory, 'usr/sbin/asterisk')],
    modulesDir: join(library, 'asterisk/modules'),
    dataDir: join(directory, 'usr/share/asterisk'),
  };
}
