import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ensureRootfs } from '../../src/standalone/asterisk/rootfs.ts';
import type { Say } from '../../src/standalone/command.ts';
import { buildBundles } from '../../src/tools/build.ts';
import { archive, type Blob, blobOfFile, type Image, layer } from './archive.ts';
import { output } from './process.ts';

/**
 * The images of the Dockerfile, for a containerd without a registry: the cached Debian with Asterisk as the base, and
 * the bundles as a small layer on it. After a change of the sources only the small layer goes over.
 */
export const IMAGES = {
  pbx: 'ringfleet.local/pbx:test',
  /** The same with another layer: what a roll upgrades to. */
  next: 'ringfleet.local/pbx:next',
  operator: 'ringfleet.local/operator:test',
  /** kubelet's sandboxes run it; it only has to stay, and to reap. */
  pause: 'ringfleet.local/pause:test',
} as const;

/** Brings images made from the sources as they are now into a containerd. */
export async function importImages(socket: string, say: Say): Promise<void> {
  const images = await makeImages(say);
  const known = new Set(
    (await ctr(socket, 'content', 'ls', '-q')).split('\n').map(line => line.replace('sha256:', '')),
  );
  const child = spawn('ctr', [`--address=${socket}`, '--namespace=k8s.io', 'images', 'import', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const sent = await pipeline(Readable.from(archive(images, known)), child.stdin).catch((error: unknown) => error);
  if ((await ended) !== 0) throw new Error(`containerd refused the images: ${words.trim()}`, { cause: sent });
}

function ctr(socket: string, ...words: string[]): Promise<string> {
  return output('ctr', `--address=${socket}`, '--namespace=k8s.io', ...words);
}

async function makeImages(say: Say): Promise<Image[]> {
  const rootfs = await ensureRootfs(say);
  const base = blobOfFile(rootfs.tar, rootfs.sha256, (await stat(rootfs.tar)).size);
  const bundles = await mkdtemp(join(tmpdir(), 'ringfleet-bundles-'));
  try {
    await buildBundles(bundles);
    const agent = await bundleLayer(bundles, 'agent.js', 'phones.js');
    const operator = await bundleLayer(bundles, 'operator.js');
    const marker = layer([{ path: 'opt/ringfleet/release', content: Buffer.from('next\n') }]);
    return [
      image(IMAGES.pause, [base], { Entrypoint: ['tini', '--', 'sleep', 'infinity'] }),
      image(IMAGES.pbx, [base, agent], version('test')),
      image(IMAGES.next, [base, agent, marker], version('next')),
      image(IMAGES.operator, [base, operator], {
        ...version('test'),
        Entrypoint: ['node', '/opt/ringfleet/operator.js'],
      }),
    ];
  } finally {
    await rm(bundles, { recursive: true, force: true });
  }
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const version = (name: string): Record<string, unknown> => ({ Env: [PATH, `RINGFLEET_VERSION=${name}`] });

function image(name: string, layers: readonly Blob[], config: Record<string, unknown>): Image {
  return { name, layers, config: { User: '65532:65532', Env: [PATH], ...config } };
}

async function bundleLayer(folder: string, ...names: string[]): Promise<Blob> {
  const read = async (file: string): Promise<{ path: string; content: Buffer }> => ({
    path: `opt/ringfleet/${file}`,
    content: await readFile(join(folder, file)),
  });
  const files = await Promise.all([...names, 'package.json'].map(read));
  return layer([{ path: 'opt/' }, { path: 'opt/ringfleet/' }, ...files]);
}
