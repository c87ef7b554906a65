import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { zip } from '../test/support/archives.ts';
import { openAdvisories } from './advisories.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((path) => rmSync(path, { recursive: true })));

function folder(files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = mkdtempSync(join(tmpdir(), 'wasmgate-advisories-'));
  folders.push(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}
const record = (id: string, ecosystem: string, name: string): string => JSON.stringify({ id, modified: '2026-01-01T00:00:00Z', affected: [{ package: { ecosystem, name }, ranges: [] }] });
const BYTES = { ecosystem: 'crates.io', name: 'bytes' } as const;
const ids = async (path: string, ...packages: readonly (typeof BYTES | { readonly ecosystem: 'npm'; readonly name: string })[]): Promise<string[]> => (await openAdvisories(path, path).find(packages)).map(({ id }) => id).sort();

test('finds records in folders and archives by package', async () => {
  const path = folder({
    'crates.io/A.json': record('A', 'crates.io', 'bytes'), 'crates.io/B.json': record('B', 'crates.io', 'other'), 'more/C.json': record('C', 'crates.io', 'bytes'),
    'npm.zip': zip({ path: 'D.json', body: record('D', 'npm', 'left-pad') }, { path: 'E.json', body: record('E', 'npm', 'x') }),
    'crates.io/all.zip': zip({ path: 'F.json', body: record('F', 'crates.io', 'bytes') }, { path: 'readme.txt', body: 'x' }), 'readme.md': 'x',
  });
  expect(await ids(path, BYTES)).toEqual(['A', 'C', 'F']);
  expect(await ids(path, BYTES, { ecosystem: 'npm', name: 'left-pad' })).toEqual(['A', 'C', 'D', 'F']);
  expect(await ids(path)).toEqual([]);
  expect(await ids(join(path, 'crates.io/all.zip'), BYTES)).toEqual(['F']);
});

test('what no package needs is not read', async () => {
  const path = folder({ 'npm/broken.json': '{', 'A.json': record('A', 'crates.io', 'bytes') });
  expect(await ids(path, BYTES)).toEqual(['A']);
  await expect(ids(path, { ecosystem: 'npm', name: 'x' })).rejects.toThrow('Not an OSV record: npm/broken.json: No JSON');
});

test.each<[string, Record<string, string | Uint8Array>, string]>([
  ['a damaged record', { 'A.json': '{}' }, 'No id'],
  ['bytes that are no text', { 'A.json': Uint8Array.of(0xff, 0xfe) }, 'No UTF-8'],
  ['an archive that is none', { 'all.zip': 'nothing' }, 'all.zip'],
  ['a damaged record in an archive', { 'all.zip': zip({ path: 'A.json', body: '[]' }) }, 'all.zip!/A.json: No object'],
])('refuses %s, for every artifact that asks', async (_what, files, message) => {
  const source = openAdvisories(folder(files), 'data');
  await expect(source.find([BYTES])).rejects.toThrow(message);
  await expect(source.find([BYTES])).rejects.toThrow(message);
});

test('an archive that lies about a size is refused', async () => {
  const honest = zip({ path: 'A.json', body: record('A', 'crates.io', 'bytes') });
  const at = honest.indexOf('504b0102', 0, 'hex');
  const lying = Buffer.from(honest);
  lying.writeUInt32LE(honest.readUInt32LE(at + 24) - 1, at + 24);
  await expect(ids(folder({ 'all.zip': lying }), BYTES)).rejects.toThrow(/all\.zip/);
});

test('a folder without advisories is a mistake of the user', () => {
  expect(() => openAdvisories(folder({ 'readme.md': 'x' }), 'data')).toThrow('No advisories in data');
  expect(() => openAdvisories('/nonexistent', 'data')).toThrow(/^Cannot read advisories in data: ENOENT/);
});

test('the identity changes with the data', () => {
  const path = folder({ 'A.json': record('A', 'crates.io', 'bytes') });
  const first = openAdvisories(path, path).identity;
  expect(openAdvisories(path, path).identity).toBe(first);
  writeFileSync(join(path, 'B.json'), record('B', 'npm', 'x'));
  const second = openAdvisories(path, path).identity;
  expect(second).not.toBe(first);
  rmSync(join(path, 'B.json'));
  writeFileSync(join(path, 'A.json'), record('A', 'crates.io', 'bytez'));
  expect([first, second]).not.toContain(openAdvisories(path, path).identity);
});
