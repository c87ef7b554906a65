import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Artifact } from '../artifact.ts';
import { readFile } from './read-file.ts';
import { readOutline } from './read-outline.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-outline-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function section(id: number, content: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.from([id, ...leb(content.length)]), content]);
}

function read(content: Uint8Array): { whole: Artifact; outline: Artifact } {
  const path = join(folder, 'x.wasm');
  writeFileSync(path, content);
  return { whole: readFile(path) as Artifact, outline: readOutline(path) as Artifact };
}

/** Lengths that put section borders inside, at and across chunks. */
const TYPES = Buffer.alloc((1 << 18) - 10, 1);
const CODE = Buffer.alloc(700_001, 2);
const CUSTOM = Buffer.alloc(300_000, 3);
const DATA = Buffer.alloc(1 << 20, 4);

test('only the contents of element, code and data sections are left out; the digest is that of the file', () => {
  const parts = [Buffer.from(PREAMBLE), section(1, TYPES), section(9, Buffer.alloc(5, 9)), section(10, CODE), section(0, CUSTOM), section(11, DATA), section(0, CUSTOM)];
  const { whole, outline } = read(Buffer.concat(parts));
  expect(outline.digest).toBe(whole.digest);
  const expected = Buffer.from(whole.bytes);
  let at = 0;
  for (const part of parts) {
    if ([9, 10, 11].includes(part[0]!)) for (const bytes of [expected, outline.bytes]) bytes.fill(0, at + part.length - (part[0] === 9 ? 5 : part[0] === 10 ? CODE.length : DATA.length), at + part.length);
    at += part.length;
  }
  expect(Buffer.compare(expected, outline.bytes)).toBe(0);
});

test.each([
  ['a section that claims more than there is', Buffer.concat([Buffer.from(PREAMBLE), section(10, CODE), section(11, DATA).subarray(0, 500_000)])],
  ['a component', Buffer.concat([Buffer.from([0x00, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), section(10, DATA)])],
  ['a section size without end', Buffer.concat([Buffer.from(PREAMBLE), section(10, DATA), Buffer.from([11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])])],
  ['a small file', Buffer.concat([Buffer.from(PREAMBLE), section(10, Buffer.alloc(100, 7))])],
])('%s is read whole', (_, content) => {
  const { whole, outline } = read(content);
  expect(outline).toEqual(whole);
});

test('what cannot be read says so', () => {
  expect(readOutline(join(folder, 'gone'), 'gone')).toMatchObject({ failure: { code: 'ENOENT' } });
});
