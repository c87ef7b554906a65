import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { openRecordStore } from './record-store.ts';

const root = mkdtempSync(join(tmpdir(), 'wasmgate-records-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(root, `store-${count++}`);
});

const open = (maxBytes = 1 << 20) => openRecordStore(folder, { maxBytes });
const pathOfOnly = (): string => {
  const [entry] = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((candidate) => candidate.isFile());
  return join(entry!.parentPath, entry!.name);
};
const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString();

test('any text is a key, and another run reads what was kept', async () => {
  const keys = ['', 'facts 1 sha256:abc', '../../etc/passwd', 'ключ\0\n', 'k'.repeat(60_000)];
  for (const key of keys) await open().put(key, Buffer.from(`of ${key}`));
  for (const key of keys) expect(text(await open().get(key))).toBe(`of ${key}`);
  expect(await open().get('other')).toBeNull();
});

test('keys that would be the same in UTF-8, or are too long, are not kept', async () => {
  for (const key of ['\ud800', 'k'.repeat(70_000)]) {
    await open().put(key, Buffer.from('x'));
    expect(await open().get(key)).toBeNull();
  }
});

test('an empty record is not a missing one', async () => {
  await open().put('key', new Uint8Array());
  expect((await open().get('key'))?.length).toBe(0);
});

test('a file cut at any place, or with any byte changed, is not believed', async () => {
  const store = open();
  await store.put('key', Buffer.from('value'));
  const path = pathOfOnly();
  const good = readFileSync(path);
  for (let at = 0; at < good.length; at++) {
    await store.put('key', Buffer.from('value'));
    truncateSync(path, at);
    expect(await store.get('key'), `cut at ${at}`).toBeNull();
    const bad = Buffer.from(good);
    bad[at]! ^= 1;
    writeFileSync(path, bad);
    expect(await store.get('key'), `byte ${at}`).toBeNull();
  }
  writeFileSync(path, good);
  expect(text(await store.get('key'))).toBe('value');
});

test('a whole record under the name of another key is not believed', async () => {
  await open().put('one', Buffer.from('value'));
  const one = pathOfOnly();
  const kept = readFileSync(one);
  rmSync(one);
  await open().put('two', Buffer.from('value'));
  const two = pathOfOnly();
  writeFileSync(`${two}.new`, kept);
  renameSync(`${two}.new`, two);
  expect(await open().get('two')).toBeNull();
});

test('all records together stay within the bound', async () => {
  const store = open(64 << 10);
  for (let index = 0; index < 120; index++) await store.put(`key ${index}`, Buffer.alloc(1_000, index));
  const sizes = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name)).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(64 << 10);
  expect(await store.get('key 0')).toBeNull();
  expect((await store.get('key 119'))?.length).toBe(1_000);
});
