import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeBytes, layoutFiles, pax, tar, tarParts, zip } from '../../../test/support/archives.ts';
import { failureIn } from '../fetch-error.ts';
import { collect } from './archive-input.ts';
import { openArchive, type ArchiveOptions } from './archive.ts';
import { readManifest } from './manifest.ts';
import { searchLayers } from './layers.ts';

const wasm = (mark: string) => Buffer.concat([Buffer.from('0061736d01000000', 'hex'), Buffer.from(mark)]);

/** What an archive is, in one line per image or file: images with the modules in their layers. */
async function opened(input: Uint8Array | string, options?: ArchiveOptions): Promise<string[] | null> {
  const found: string[] = [];
  try {
    const target = await openArchive(typeof input === 'string' ? { path: input } : { bytes: input }, 'a', options);
    if (target === null) return null;
    if (target.kind === 'files') {
      for await (const file of target.files) found.push('failure' in file ? `${file.path}: ${file.failure.code}` : `${file.path}=${file.bytes.length}`);
      return found;
    }
    for (const { name, root, source } of target.images) {
      const manifest = readManifest(root, name);
      if (manifest.kind === 'index') return ['index'];
      await collect(source.blob(manifest.config), 1 << 20);
      const { files, unread } = await searchLayers(source, manifest.layers, { name });
      found.push(`image ${name}: ${[...files.map(({ path }) => path), ...unread.map(({ code }) => code)].join(' ')}`);
    }
  } catch (error) {
    found.push(failureIn(error, 'a').code);
  }
  return found;
}

const layer = tar({ path: 'app.wasm', body: wasm('A') });
const upper = tar({ path: '.wh.app.wasm' }, { path: 'b', body: wasm('B') });
const compressions = [['plain', (content: Buffer) => content], ['gzip', (content: Buffer) => gzipSync(content)], ['zstd', (content: Buffer) => zstdCompressSync(content)]] as const;

describe.each(compressions)('%s', (_, compress) => {
  test('an OCI layout, at the root or in a folder', async () => {
    const files = layoutFiles([{ tag: 'v1', layers: [layer, upper] }, { tag: 'v2', layers: [gzipSync(layer)] }]);
    for (const folder of ['', './', 'my/layout/']) expect(await opened(compress(tar(...tarParts(files, folder))))).toEqual(['image a@v1: b', 'image a@v2: app.wasm']);
  });

  test('a docker-save tar, with layers that are links to others', async () => {
    const manifest = JSON.stringify([{ Config: 'c.json', RepoTags: ['app:1'], Layers: ['x/layer.tar', 'y/layer.tar'] }]);
    const content = tar({ path: 'c.json', body: '{}' }, { path: 'x/layer.tar', body: upper }, { path: 'y/layer.tar', flag: '2', link: '../z/layer.tar' }, { path: 'z/layer.tar', body: layer }, { path: 'manifest.json', body: manifest });
    expect(await opened(compress(content))).toEqual(['ambiguous-archive']);
    const both = JSON.stringify([{ Config: 'c.json', RepoTags: ['app:1'], Layers: ['x/layer.tar', 'y/layer.tar'] }, { Config: 'c.json', RepoTags: ['app:2'], Layers: ['z/layer.tar'] }]);
    const other = tar({ path: 'c.json', body: '{}' }, { path: 'x/layer.tar', body: upper }, { path: 'y/layer.tar', flag: '2', link: '../z/layer.tar' }, { path: 'z/layer.tar', body: layer }, { path: 'manifest.json', body: both });
    expect(await opened(compress(other))).toEqual(['image a@app:1: app.wasm b', 'image a@app:2: app.wasm']);
  });

  test('any other tar: every module, of one path all', async () => {
    const content = tar({ path: 'a.wasm', body: wasm('1') }, { path: 'a.wasm', body: wasm('12') }, { path: 'note.txt', body: 'x' }, { path: 'in.zip', body: zip({ path: 'm', body: wasm('M') }) }, { path: 'tenant.json', body: '{}' });
    expect(await opened(compress(content), { wanted: (path) => path === 'tenant.json' })).toEqual(['a.wasm=9', 'a.wasm=10', 'in.zip!/m=9', 'tenant.json=2']);
  });
});

test('a tar as old Docker wrote it, without manifest.json', async () => {
  const [top, base] = ['a'.repeat(64), 'b'.repeat(64)];
  const content = tar({ path: `${base}/json`, body: '{}' }, { path: `${base}/layer.tar`, body: layer }, { path: `${top}/json`, body: JSON.stringify({ parent: base }) }, { path: `${top}/layer.tar`, body: upper }, { path: 'repositories', body: JSON.stringify({ app: { v1: top } }) });
  expect(await opened(content)).toEqual(['image a: b']);
});

describe('layout and docker-save at once', () => {
  const files = layoutFiles([{ tag: 'v1', layers: [layer] }]);
  const config = Object.keys(files).find((path) => String(files[path]).includes('diff_ids'))!;
  const layerPath = `blobs/${describeBytes(layer, '').digest.replace(':', '/')}`;

  test('an image that is in both counts once', async () => {
    expect(await opened(tar(...tarParts({ ...files, 'manifest.json': JSON.stringify([{ Config: config, RepoTags: ['app:v1'], Layers: [layerPath] }]) })))).toEqual(['image a@v1: app.wasm']);
  });

  test('an image that only one of the two lists counts as well', async () => {
    const other = describeBytes(upper, '').digest.replace(':', '/');
    const hidden = JSON.stringify([{ Config: config, RepoTags: ['app:v1'], Layers: [`blobs/${other}`] }]);
    expect(await opened(tar(...tarParts({ ...files, [`blobs/${other}`]: upper, 'manifest.json': hidden })))).toEqual(['image a@v1: app.wasm', 'image a@app:v1: b']);
  });

  test('files that belong to no image are not passed over', async () => {
    expect(await opened(tar(...tarParts({ ...files, 'hidden.wasm': wasm('H') })))).toEqual(['ambiguous-archive']);
  });

  test('of two blobs of one path the last counts, and is held to its digest', async () => {
    expect(await opened(tar(...tarParts(files), { path: layerPath, body: Buffer.from(layer).fill(0x20, 600, 700) }))).toEqual(['image a@v1: digest-mismatch']);
  });
});

describe('other archives', () => {
  test('a zip, and one file that was compressed', async () => {
    expect(await opened(zip({ path: 'm.wasm', body: wasm('M') }, { path: 'x.txt', body: 'x' }, { path: 'locked.wasm', body: 'x', flags: 1 }))).toEqual(['m.wasm=9', 'locked.wasm: encrypted']);
    expect(await opened(gzipSync(wasm('M')))).toEqual(['=9']);
  });

  test('are none: modules, texts, zeros, compressed texts, forms that are not read', async () => {
    for (const content of [wasm('M'), Buffer.from('text'), Buffer.alloc(2048), Buffer.alloc(0), gzipSync('text'), Buffer.from('fd377a585a000000', 'hex')]) expect(await opened(content)).toBeNull();
  });

  test('a tar that is empty has no files', async () => {
    expect(await opened(gzipSync(tar()))).toEqual([]);
  });

  test('a web extension with a manifest.json is no image', async () => {
    expect(await opened(tar({ path: 'manifest.json', body: '{"manifest_version":3}' }, { path: 'a.wasm', body: wasm('A') }))).toEqual(['a.wasm=9']);
  });
});

describe('hostile archives', () => {
  test('are refused as a whole where they break, and file by file where they do not', async () => {
    const good = { path: 'a.wasm', body: wasm('A') };
    expect(await opened(gzipSync(tar(good)).subarray(0, 70))).toEqual(['malformed-compression']);
    expect(await opened(tar(good, { path: 'b', size: '77777777777\0' }))).toEqual(['malformed-archive']);
    // Bodies of this size are moved past and not read.
    expect(await opened(tar(good, { path: 'b', size: '00010000000\0', body: 'short' }))).toEqual(['malformed-archive']);
    expect(await opened(tar(good, pax({ size: '-5' }), { path: 'b' }))).toEqual(['malformed-archive']);
    expect(await opened(tar(good, { path: 'b', flag: 'S', size: '00000000000', magic: 'ustar  \0' }))).toEqual(['a.wasm=9', 'b: sparse-file']);
    expect(await opened(tar({ ...good, path: '../a.wasm' }))).toEqual(['a.wasm=9', ': path-trick']);
    expect(await opened(gzipSync(tar({ path: 'z', body: Buffer.alloc(100 << 20) })))).toEqual(['decompression-bomb']);
    expect(await opened(tar({ path: 'z.tar.gz', body: gzipSync(tar({ path: 'z', body: Buffer.alloc(100 << 20) })) }))).toEqual(['decompression-bomb']);
    expect(await opened(zip({ path: 'z.wasm', body: Buffer.alloc(100 << 20) }))).toEqual(['decompression-bomb']);
  });
});

describe('real tools', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archive-'));
    for (const [path, content] of Object.entries(layoutFiles([{ tag: 'v1', layers: [layer, upper] }]))) {
      mkdirSync(join(folder, 'layout', path, '..'), { recursive: true });
      writeFileSync(join(folder, 'layout', path), content);
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('tar writes the layout', async () => {
    for (const [suffix, flags] of [['tar', '-cf'], ['tgz', '-czf']] as const) {
      execFileSync('tar', [flags, join(folder, `a.${suffix}`), '-C', join(folder, 'layout'), '.']);
      expect(await opened(join(folder, `a.${suffix}`))).toEqual(['image a@v1: b']);
    }
  });

  test.skipIf(spawnSync('skopeo', ['--version']).error)('skopeo writes OCI and Docker archives', async () => {
    const copy = (to: string) => execFileSync('skopeo', ['--insecure-policy', '--override-os', 'wasi', '--override-arch', 'wasm', 'copy', '-q', `oci:${join(folder, 'layout')}:v1`, to], { stdio: 'pipe' });
    copy(`oci-archive:${join(folder, 'oci.tar')}:v1`);
    expect(await opened(join(folder, 'oci.tar'))).toEqual(['image a@v1: b']);
    copy(`docker-archive:${join(folder, 'docker.tar')}:app:v1`);
    expect(await opened(join(folder, 'docker.tar'))).toEqual(['image a: b']);
  });
});
