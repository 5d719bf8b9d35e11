import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

/** Images as an OCI layout in a tar, made without a builder: enough of both formats for `ctr images import`. */
export interface Blob {
  readonly sha256: string;
  readonly size: number;
  open(): Readable | Buffer;
}

/** A file of a layer; `content` undefined is a folder. */
export interface Entry {
  readonly path: string;
  readonly content?: Buffer;
}

export interface Image {
  readonly name: string;
  readonly layers: readonly Blob[];
  readonly config: Readonly<Record<string, unknown>>;
}

function blobOf(content: Buffer): Blob {
  return { sha256: createHash('sha256').update(content).digest('hex'), size: content.length, open: () => content };
}

export function blobOfFile(file: string, sha256: string, size: number): Blob {
  return { sha256, size, open: () => createReadStream(file) };
}

/** A layer; nothing in it depends on when or where it was made. */
export function layer(entries: readonly Entry[]): Blob {
  const parts = entries.flatMap(({ path, content }) => [
    tarHeader(path, content?.length),
    ...(content ? [content, padding(content.length)] : []),
  ]);
  return blobOf(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

/** The archive in pieces. Blobs that the receiver `has` are named in it and left out. */
export async function* archive(images: readonly Image[], has: ReadonlySet<string>): AsyncGenerator<Buffer> {
  const blobs = new Map<string, Blob>();
  const manifests = images.map(image => {
    const config = jsonBlob(imageConfig(image));
    const manifest = jsonBlob({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: descriptor(config, 'application/vnd.oci.image.config.v1+json'),
      layers: image.layers.map(blob => descriptor(blob, 'application/vnd.oci.image.layer.v1.tar')),
    });
    for (const blob of [config, manifest, ...image.layers]) blobs.set(blob.sha256, blob);
    return { ...descriptor(manifest, MANIFEST), annotations: { 'io.containerd.image.name': image.name } };
  });
  yield* file('oci-layout', jsonBlob({ imageLayoutVersion: '1.0.0' }));
  yield* file('index.json', jsonBlob({ schemaVersion: 2, manifests }));
  for (const blob of blobs.values()) if (!has.has(blob.sha256)) yield* file(`blobs/sha256/${blob.sha256}`, blob);
  yield Buffer.alloc(1024);
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

function imageConfig({ layers, config }: Image): unknown {
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ sha256 }) => `sha256:${sha256}`) },
    history: [],
  };
}

const jsonBlob = (value: unknown): Blob => blobOf(Buffer.from(JSON.stringify(value)));

function descriptor({ sha256, size }: Blob, mediaType: string): Record<string, unknown> {
  return { mediaType, digest: `sha256:${sha256}`, size };
}

async function* file(path: string, blob: Blob): AsyncGenerator<Buffer> {
  yield tarHeader(path, blob.size);
  const content = blob.open();
  if (Buffer.isBuffer(content)) yield content;
  else yield* content;
  yield padding(blob.size);
}

const padding = (size: number): Buffer => Buffer.alloc((512 - (size % 512)) % 512);

/** One header of the ustar format; a size of `undefined` makes a folder. */
function tarHeader(path: string, size: number | undefined): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  header.write(path, 0, 100);
  header.write(octal(size === undefined ? 0o755 : 0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size ?? 0, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write(size === undefined ? '5' : '0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
