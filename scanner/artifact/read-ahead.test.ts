import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Artifact } from '../artifact.ts';
import { readAhead } from './read-ahead.ts';
import { readFile } from './read-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-ahead-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const MEBI = 1 << 20;

function file(length: number): string {
  const path = join(folder, `${length}.wasm`);
  writeFileSync(path, Buffer.from(Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 0x9e3779b1)).buffer).subarray(0, length));
  return path;
}

test.each([0, 1000, 8 * MEBI - 1, 8 * MEBI, 9 * MEBI + 1, 10 * MEBI])('%i bytes and their digest are those of a plain read', async (length) => {
  const path = file(length);
  const { bytes, digest, name } = (await readAhead(path, 'x')) as Artifact;
  const plain = readFile(path, 'x') as Artifact;
  expect({ name, digest, same: Buffer.compare(bytes, plain.bytes) }).toEqual({ name: 'x', digest: plain.digest, same: 0 });
});

test('a file that shrinks or grows while it is read comes with the digest of the bytes that are given', async () => {
  for (const change of [(path: string) => truncateSync(path, 3 * MEBI), (path: string) => appendFileSync(path, 'more')]) {
    const path = file(12 * MEBI);
    const reading = readAhead(path, 'x');
    change(path);
    const { bytes, digest } = (await reading) as Artifact;
    writeFileSync(path, bytes);
    expect(digest).toBe((readFile(path, 'x') as Artifact).digest);
  }
});

test('what cannot be read says so', async () => {
  expect(await readAhead(join(folder, 'gone'), 'gone')).toMatchObject({ failure: { code: 'ENOENT' } });
});
