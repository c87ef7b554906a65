import { hash } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import { FetchError } from '../../scanner/artifact/fetch-error.ts';
import type { Descriptor, ImageSource } from '../../scanner/artifact/image/source.ts';

/** An entry of a tar, with whatever a hostile writer would write. */
export interface TarPart {
  readonly path: string;
  readonly body?: Uint8Array | string;
  /** Default `0`: a file. */
  readonly flag?: string;
  readonly link?: string;
  /** The 12 bytes of the size field, where they are not the length of the body. */
  readonly size?: Buffer | string;
  /** Default `ustar\x0000`. */
  readonly magic?: string;
  readonly prefix?: string;
  /** Added to the right checksum. */
  readonly checksumOff?: number;
}

/** A tar with its end. */
export function tar(...parts: readonly TarPart[]): Buffer {
  return Buffer.concat([...parts.map(tarEntry), Buffer.alloc(1024)]);
}

/** Header, body and padding of one entry. */
export function tarEntry({ path, body = '', flag = '0', link = '', size, magic = 'ustar\x0000', prefix = '', checksumOff = 0 }: TarPart): Buffer {
  const content = Buffer.from(body as string);
  const header = Buffer.alloc(512);
  header.write(path, 0, 100, 'utf8');
  header.write('0000644\0', 100);
  const field = size ?? content.length.toString(8).padStart(11, '0');
  Buffer.from(field as string, 'latin1').copy(header, 124);
  header.write('00000000000', 136);
  header.fill(0x20, 148, 156);
  header.write(flag, 156, 'latin1');
  header.write(link, 157, 100, 'utf8');
  header.write(magic, 257, 'latin1');
  header.write(prefix, 345, 155, 'utf8');
  const sum = header.reduce((total, value) => total + value, checksumOff);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** An extended header for the entry after it. */
export function pax(records: Readonly<Record<string, string>>, flag: 'x' | 'g' = 'x'): TarPart {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + String(rest).length;
    if (String(length).length > String(rest).length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return { path: 'PaxHeaders/x', flag, body: lines.join('') };
}

/** An entry of a zip; what is given here is written, true or not. */
export interface ZipPart {
  readonly path: string;
  readonly body: Uint8Array | string;
  readonly stored?: true;
  readonly flags?: number;
  readonly method?: number;
  /** Size after decompression that the directory and the header say. */
  readonly size?: number;
  readonly crc?: number;
  /** Name in the local header. */
  readonly localPath?: string;
  /** Where the directory says it starts. */
  readonly offset?: number;
}

/** A zip with its directory. */
export function zip(...parts: readonly ZipPart[]): Buffer {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const content = Buffer.from(part.body as string);
    const packed = part.stored ? content : deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(part.flags ?? 0, 2);
    common.writeUInt16LE(part.method ?? (part.stored ? 0 : 8), 4);
    common.writeUInt32LE(part.crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(part.size ?? content.length, 18);
    const name = Buffer.from(part.path);
    const localName = Buffer.from(part.localPath ?? part.path);
    const local = Buffer.from(common);
    local.writeUInt16LE(localName.length, 22);
    common.writeUInt16LE(name.length, 22);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    common.copy(record, 6);
    record.writeUInt32LE(part.offset ?? at, 42);
    records.push(record, name);
    const whole = Buffer.concat([Buffer.from('504b0304', 'hex'), local, localName, packed]);
    locals.push(whole);
    at += whole.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A descriptor of bytes. */
export function describeBytes(content: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: `sha256:${hash('sha256', content, 'hex')}`, size: content.length, artifactType: null, annotations: {}, platform: null };
}

/** Blobs in memory, held to their digests at the end, as every source does. `reads` counts the runs through blobs. */
export function memorySource(...blobs: readonly Uint8Array[]): { readonly source: ImageSource; readonly reads: string[] } {
  const reads: string[] = [];
  const byDigest = new Map(blobs.map((blob) => [describeBytes(blob, '').digest, blob]));
  const source: ImageSource = {
    manifest: () => Promise.reject(new Error('No manifests here')),
    async *blob({ digest }) {
      reads.push(digest);
      const content = byDigest.get(digest);
      if (!content) throw new FetchError({ kind: 'unreadable', code: 'http-404', message: `Cannot read ${digest}` });
      for (let at = 0; at < content.length; at += 1 << 16) yield content.subarray(at, at + (1 << 16));
    },
  };
  return { source, reads };
}

/** An image of a layout: layers as they are stored, and what its config says of the process. */
export interface LayoutImage {
  readonly layers: readonly Uint8Array[];
  readonly layerType?: string;
  readonly tag?: string;
  readonly entrypoint?: readonly string[];
}

/** The files of an OCI image layout by path. */
export function layoutFiles(images: readonly LayoutImage[]): Record<string, Uint8Array | string> {
  const files: Record<string, Uint8Array | string> = { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' };
  const put = (content: Uint8Array, mediaType: string) => {
    const { digest, size } = describeBytes(content, mediaType);
    files[`blobs/${digest.replace(':', '/')}`] = content;
    return { mediaType, digest, size };
  };
  const manifests = images.map(({ layers, layerType = 'application/vnd.oci.image.layer.v1.tar', tag, entrypoint = ['/app.wasm'] }) => {
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const diffs = layers.map((layer) => describeBytes(layer, '').digest);
    const config = put(Buffer.from(JSON.stringify({ architecture: 'wasm', os: 'wasi', config: { Entrypoint: entrypoint }, rootfs: { type: 'layers', diff_ids: diffs } })), 'application/vnd.oci.image.config.v1+json');
    const manifest = put(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: layers.map((layer) => put(layer, layerType)) })), mediaType);
    return { ...manifest, ...(tag === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': tag } }) };
  });
  files['index.json'] = JSON.stringify({ schemaVersion: 2, manifests });
  return files;
}

/** Files as entries of a tar. */
export function tarParts(files: Readonly<Record<string, Uint8Array | string>>, folder = ''): TarPart[] {
  return Object.entries(files).map(([path, body]) => ({ path: folder + path, body }));
}
