import { describe, expect, it } from 'vitest';
import { assert, constantFrom, property, string, uint8Array } from 'fast-check';
import { nativeSection, recognise } from './first-bytes.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const hex = (digits: string) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
function portableExecutable(second: string): Uint8Array {
  const bytes = new Uint8Array(200);
  bytes.set(ascii('MZ'));
  bytes[24] = 0x40;
  bytes[60] = 0x80;
  bytes.set(ascii(second), 0x80);
  return bytes;
}
function tar(): Uint8Array {
  const bytes = new Uint8Array(512);
  bytes.set(ascii('a.wasm'));
  bytes.set(ascii('ustar\0'), 257);
  return bytes;
}

describe('recognise', () => {
  it.each([
    ['wasmtime-precompiled', hex('7f454c4602010 1c801'.replace(' ', ''))],
    ['elf', hex('7f454c46020101000000')],
    ['pe', portableExecutable('PE\0\0')],
    ['mach-o', hex('cffaedfe0c000001')],
    ['mach-o', hex('cafebabe00000002')],
    ['wamr-aot', hex('00616f7406000000')],
    ['wasmer', ascii('wasmer-universal\x01\0\0\0')],
    ['wasmer', ascii('\0wasmer-universal\0\0\0\0\0')],
  ])('tells native code of form %s', (format, bytes) => {
    const found = recognise(bytes);
    expect(found).toMatchObject({ kind: 'native', format, location: { offset: 0, length: bytes.length } });
    expect(found.problems).toMatchObject([{ code: 'native-code', effect: 'unanalysed' }]);
  });

  it.each([
    ['webc', ascii('\0webc003')],
    ['gzip', hex('1f8b0800')],
    ['zip', hex('504b03040a')],
    ['tar', tar()],
    ['zstd', hex('28b52ffd04')],
    ['java-class', hex('cafebabe00000041')],
    ['wat', ascii('(module)')],
    ['wat', ascii('\ufeff;; licence\n(; a (block) ;)\n ( component $x)')],
    ['html', ascii('\n<!DOCTYPE html><html>')],
    ['json', ascii('{\n  "errors": []}')],
    ['git-lfs', ascii('version https://git-lfs.github.com/spec/v1\noid')],
    ['base64-wasm', ascii('AGFzbQEAAAA=')],
    ['script', ascii('#!/bin/sh\n')],
    ['text', ascii('MZ is not a program')],
    ['unknown', hex('0102030405')],
    ['empty', new Uint8Array()],
  ])('names %s without calling it native', (format, bytes) => {
    const found = recognise(bytes);
    expect(found).toMatchObject({ kind: 'unknown', format });
    expect(found.problems).toHaveLength(1);
    expect(found.problems[0]?.effect).toBe('unanalysed');
  });

  it('calls an unknown version of Wasm malformed', () => {
    expect(recognise(hex('0061736d02000000')).problems).toMatchObject([{ code: 'unknown-version', effect: 'malformed', offset: 4, message: 'Unknown binary version: 02 00 00 00' }]);
    expect(recognise(hex('0061736d0100')).problems).toMatchObject([{ code: 'unexpected-end', effect: 'malformed' }]);
  });

  it('is total', () => {
    assert(property(uint8Array({ maxLength: 80 }), (bytes) => recognise(bytes).problems.length === 1));
    assert(property(constantFrom('(;', ';;', '(', 'MZ', '\x7fELF'), string(), (start, rest) => recognise(ascii(start + rest)).problems.length === 1));
  });
});

describe('nativeSection', () => {
  it('finds machine code that a runtime prefers over the module', () => {
    const section = (name: string) => ({ name, offset: 20, length: 2, payload: hex('0000') });
    expect(nativeSection([section('name'), section('wasmedge')])).toMatchObject({ format: 'wasmedge-aot', location: { offset: 20, length: 2 } });
    expect(nativeSection([section('name')])).toBeNull();
  });
});
