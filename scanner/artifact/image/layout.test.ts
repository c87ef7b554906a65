import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeBytes, layoutFiles } from '../../../test/support/archives.ts';
import { collect } from './archive-input.ts';
import { isLayoutFolder, openLayoutFolder } from './layout.ts';

let folder: string;
const layer = Buffer.from('0061736d01000000', 'hex');
const digest = hash('sha256', layer, 'hex');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'layout-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

async function blob(descriptor = describeBytes(layer, 'application/wasm')): Promise<Buffer | null> {
  const [image] = await openLayoutFolder(folder, 'l');
  return collect(image!.source.blob(descriptor), 1 << 20);
}

test('is told by its two files', async () => {
  expect(await isLayoutFolder(folder)).toBe(false);
  write(layoutFiles([{ tag: 'v1', layers: [layer] }]));
  expect(await isLayoutFolder(folder)).toBe(true);
  expect(await isLayoutFolder(join(folder, 'absent'))).toBe(false);
});

test('every entry of its index is an image, named after its tag', async () => {
  write(layoutFiles([{ tag: 'v1', layers: [layer] }, { tag: 'v2', layers: [Buffer.from('x')] }, { layers: [Buffer.from('y')] }]));
  const images = await openLayoutFolder(folder, 'l');
  expect(images.map(({ name, root }) => name.replace(root.digest, 'digest'))).toEqual(['l@v1', 'l@v2', 'l@digest']);
  expect(images[0]!.root.digest).toBe(`sha256:${hash('sha256', images[0]!.root.bytes, 'hex')}`);
  expect(await blob()).toEqual(layer);
});

describe('a layout that lies', () => {
  beforeEach(() => write(layoutFiles([{ layers: [layer] }])));
  const code = (value: string) => expect.objectContaining({ failure: expect.objectContaining({ code: value, kind: 'unreadable' }) });

  test('blobs with other bytes, other sizes, or none', async () => {
    await expect(blob({ ...describeBytes(layer, ''), size: 3 })).rejects.toEqual(code('size-mismatch'));
    await expect(blob(describeBytes(Buffer.from('absent'), ''))).rejects.toEqual(code('blob-missing'));
    writeFileSync(join(folder, 'blobs/sha256', digest), Buffer.from('0061736d01000001', 'hex'));
    await expect(blob()).rejects.toEqual(code('digest-mismatch'));
  });

  test('links inside are followed, links out are refused', async () => {
    renameSync(join(folder, 'blobs/sha256', digest), join(folder, 'blobs/other'));
    symlinkSync('../other', join(folder, 'blobs/sha256', digest));
    expect(await blob()).toEqual(layer);
    const outside = mkdtempSync(join(tmpdir(), 'outside-'));
    try {
      renameSync(join(folder, 'blobs/other'), join(outside, 'other'));
      symlinkSync(join(outside, 'other'), join(folder, 'blobs/other'));
      await expect(blob()).rejects.toEqual(code('link-leaves-layout'));
      renameSync(join(folder, 'blobs'), join(outside, 'blobs'));
      symlinkSync(join(outside, 'blobs'), join(folder, 'blobs'));
      await expect(blob()).rejects.toEqual(code('link-leaves-layout'));
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test('an index that lists nothing, or a digest that is a path', async () => {
    writeFileSync(join(folder, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
    await expect(openLayoutFolder(folder, 'l')).rejects.toEqual(code('empty-layout'));
    writeFileSync(join(folder, 'index.json'), '{"manifests":[{"mediaType":"a/b","digest":"sha256:../../x","size":1}]}');
    await expect(openLayoutFolder(folder, 'l')).rejects.toEqual(code('malformed-digest'));
  });
});
