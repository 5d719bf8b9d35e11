import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AsteriskInstallation, directly } from '../../agent/asterisk/installation.ts';
import { cached } from '../cache.ts';
import { command, installPackages, type Say, works } from '../command.ts';
import { DOCUMENTATION } from './documentation.ts';
import { versionOf } from './version.ts';

/**
 * A Debian forky root file system with Asterisk 22, made once into the user's cache folder. Its Asterisk runs on this
 * machine without a chroot, by its own loader and libraries. Kept by architecture, packages and what is left of the
 * documentation; a broken one is made again. The tar of it is the base layer of the test image, so that image and `up`
 * run the same Asterisk.
 */
const PACKAGES = [
  'asterisk',
  'asterisk-core-sounds-en-gsm',
  'asterisk-moh-opsound-gsm',
  'tini',
  'xsltproc',
  'nodejs',
  'ca-certificates',
];
const PACKAGED_DOCUMENTATION = '/usr/share/asterisk/documentation/core-en_US.xml';
const DONE = 'complete.json';
/** To be raised when `make` changes its layout, so that the root file system is made again. */
const LAYOUT = '5';
/** Asterisk's documentation as the package has it, beside the root file system, whose Asterisk has the brief one. */
const WHOLE_DOCUMENTATION = 'documentation.xml';

export interface Rootfs {
  readonly directory: string;
  readonly tar: string;
  /** The path of the tar. */
  readonly sha256: string;
  readonly version: string;
  /** The file of the package's whole documentation: all applications, functions and options that this Asterisk has. */
  readonly documentation: string;
}

export async function rootfsInstallation(say: Say, signal?: AbortSignal): Promise<AsteriskInstallation> {
  const rootfs = await ensureRootfs(say, signal);
  return installationIn(rootfs.directory, rootfs.version);
}

/** Finds or makes the root file system. */
export async function ensureRootfs(say: Say, signal?: AbortSignal): Promise<Rootfs> {
  const key = createHash('sha256')
    .update([LAYOUT, arch(), 'forky', ...PACKAGES, await readFile(DOCUMENTATION, 'utf8')].join(' '))
    .digest('hex')
    .slice(0, 12);
  return cached(
    { name: `asterisk-${key}`, what: 'Asterisk', usable, make: work => make(work, say, signal) },
    say,
    signal,
  );
}

async function usable(home: string): Promise<Rootfs | undefined> {
  const { version, sha256 } = JSON.parse(await readFile(join(home, DONE), 'utf8')) as Pick<
    Rootfs,
    'version' | 'sha256'
  >;
  const directory = join(home, 'rootfs');
  const installation = await installationIn(directory, version);
  if (!sha256 || (await versionOf(installation)) !== version) return undefined;
  const documentation = join(home, WHOLE_DOCUMENTATION);
  await access(documentation);
  return { directory, tar: join(home, 'rootfs.tar'), sha256, version, documentation };
}

async function make(work: string, say: Say, signal?: AbortSignal): Promise<void> {
  if (!(await works('mmdebstrap', ['--version']))) await installPackages('Asterisk', ['mmdebstrap'], { say, signal });
  const directory = join(work, 'rootfs');
  await mkdir(directory);
  say('Making a Debian forky root file system with Asterisk 22 (about a minute, 450 MB, once)');
  const tar = join(work, 'rootfs.tar');
  const options = [
    '--variant=minbase',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=APT::Install-Recommends "false"',
    `--customize-hook=download ${PACKAGED_DOCUMENTATION} ${join(work, WHOLE_DOCUMENTATION)}`,
    `--customize-hook=upload ${DOCUMENTATION} /tmp/documentation.xsl`,
    '--customize-hook=chroot "$1" sh -c "cd /usr/share/asterisk/documentation && ' +
      'xsltproc --nonet --novalid -o brief.xml /tmp/documentation.xsl core-en_US.xml && mv brief.xml core-en_US.xml && rm /tmp/documentation.xsl"',
    // No setuid programs are needed; the Dockerfile removes them too.
    '--customize-hook=chroot "$1" find / -xdev -type f -perm /6000 -exec chmod a-s {} +',
  ];
  await command('mmdebstrap', [...options, `--include=${PACKAGES.join(',')}`, 'forky', tar], { say, signal });
  say('Unpacking it');
  await command('tar', ['-C', directory, '--exclude=./dev', '--no-same-owner', '-xf', tar], { say, signal });
  await linkPrompts(directory);
  const installation = await installationIn(directory, '');
  const version = await versionOf(installation);
  if (!version) throw new Error('The new root file system has no working Asterisk');
  await writeFile(join(work, DONE), JSON.stringify({ version, sha256: await sha256Of(tar) }));
  say(`Asterisk ${version} is ready`);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Debian links the prompts through /etc/alternatives, which without a chroot is that of this machine. */
async function linkPrompts(rootfs: string): Promise<void> {
  const sounds = join(rootfs, 'usr/share/asterisk/sounds');
  for (const name of ['en', 'en_US']) {
    await rm(join(sounds, name), { force: true });
    await symlink('en_US_f_Allison', join(sounds, name));
  }
}

async function installationIn(directory: string, version: string): Promise<AsteriskInstallation> {
  const libraries = join(directory, 'usr/lib');
  const triplet = (await readdir(libraries)).find(name => /^(x86_64|aarch64)-linux-gnu$/.test(name));
  if (!triplet) throw new Error('The root file system is of another architecture');
  const loader = triplet.startsWith('x86_64') ? 'lib64/ld-linux-x86-64.so.2' : 'lib/ld-linux-aarch64.so.1';
  const library = join(libraries, triplet);
  return {
    version,
    modulesDir: join(library, 'asterisk/modules'),
    dataDir: join(directory, 'usr/share/asterisk'),
    ...directly(join(directory, loader), '--library-path', library, join(directory, 'usr/sbin/asterisk')),
  };
}
