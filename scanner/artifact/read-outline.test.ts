import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Artifact } from '../artifact.ts';
import { watToWasm } from '../../test/support/wat.ts';
import { decode } from '../wasm/decode.ts';
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

test('all but the items of element, code and data sections is read; the digest is that of the file', () => {
  const parts = [Buffer.from(PREAMBLE), section(1, TYPES), section(9, Buffer.alloc(500, 9)), section(10, CODE), section(0, CUSTOM), section(11, DATA), section(0, CUSTOM)];
  const { whole, outline } = read(Buffer.concat(parts));
  expect(outline.digest).toBe(whole.digest);
  const expected = Buffer.from(whole.bytes);
  let at = 0;
  for (const part of parts) {
    const length = { 9: 500, 10: CODE.length, 11: DATA.length }[part[0]!];
    at += part.length;
    if (length !== undefined) for (const bytes of [expected, outline.bytes]) bytes.fill(0, at - length + 16, at);
  }
  expect(Buffer.compare(expected, outline.bytes)).toBe(0);
});

test('what depth imports decodes is the same from an outline', () => {
  const functions = Array.from({ length: 300 }, (_, index) => `(func (export "f${index}") (result i32) i32.const ${index})`).join('');
  const wasm = watToWasm(`(module (import "env" "x" (func)) (memory 32) (table 10 funcref) (elem (i32.const 0) func 0 1 2) ${functions} (data (i32.const 0) "${'z'.repeat(1_200_000)}") (data "${'y'.repeat(1000)}") (func i32.const 0 i32.const 0 i32.const 0 memory.init 1))`);
  const { whole, outline } = read(wasm);
  expect(Buffer.compare(whole.bytes, outline.bytes)).not.toBe(0);
  const shape = ({ bytes }: Artifact): unknown => {
    const decoded = decode(bytes, { depth: 'imports' });
    if (decoded.kind !== 'module') throw new Error(`Decoded as ${decoded.kind}`);
    const { bytes: _bytes, exports, code: _code, data: _data, ...rest } = decoded;
    return { ...rest, exports: [...exports] };
  };
  expect(shape(outline)).toEqual(shape(whole));
  expect(shape(outline)).toMatchObject({ problems: [], imports: [{ name: 'x' }] });
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
