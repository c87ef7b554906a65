import { expect, test } from 'vitest';
import { watToWasm } from '../../test/support/wat.ts';
import { decode } from '../wasm/decode.ts';
import { findEmbedded } from './embedded.ts';
import type { EmbeddedExecutable } from './facts.ts';
import { placedModules } from './text-sources.ts';

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const zeros = (length: number): number[] => Array.from({ length }, () => 0);
const u32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
const u16 = (value: number): number[] => u32(value).slice(0, 2);

const pe = [...ascii('MZ'), ...zeros(58), ...u32(0x80), ...zeros(64), ...ascii('PE'), 0, 0, ...u16(0x8664), ...zeros(18)];
const machO = [0xcf, 0xfa, 0xed, 0xfe, ...u32(0x0100_000c), ...u32(0), ...u32(2), ...u32(4), ...u32(400), ...u32(0), ...u32(0)];
const elf = (machine: number, headerSize: number): number[] => [0x7f, ...ascii('ELF'), 2, 1, 1, ...zeros(9), ...u16(2), ...u16(machine), ...u32(1), ...zeros(24), ...u32(0), ...u16(headerSize), ...zeros(10)];
const module = [0, ...ascii('asm'), 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 0x0a, 4, 1, 2, 0, 0x0b];
const component = [...watToWasm('(component (import "a" (func)) (core module))')];

test.each([
  ['pe', pe], ['mach-o', machO], ['elf', elf(0x3e, 64)], ['wasm', module], ['wasm', component],
] as const)('%s behind other bytes, at its own offset', (format, file) => {
  const bytes = holding([...ascii('some text in front'), ...file]);
  const found = search(bytes);
  expect(found.map((one) => one.format)).toEqual([format]);
  const { offset, length, path } = found[0]!.location;
  expect([...bytes.subarray(offset, offset + 2)]).toEqual(file.slice(0, 2));
  expect(length).toBeGreaterThan(20);
  expect(path).toBe('data[0]');
});

test.each([
  ['a PE header without a start that points to it', [...zeros(128), ...pe.slice(128)]],
  ['a PE header for no machine', pe.with(132, 0x11)],
  ['an ELF header for no machine', elf(0, 64)],
  ['an ELF header of another size', elf(0x3e, 52)],
  ['a Mach-O header without commands', [...machO.slice(0, 16), ...u32(0), ...machO.slice(20)]],
  ['the preamble of a module and nothing of it', [...module.slice(0, 8), ...ascii('text'), ...zeros(40)]],
  ['a module that is cut off', module.slice(0, 14)],
])('%s is a constant', (_what, file) => {
  expect(search(holding([...file, ...zeros(4)]))).toEqual([]);
});

test('a file spread over touching segments is found whole, and once', () => {
  const half = pe.length >> 1;
  const bytes = watToWasm(`(module (memory 1) (data (i32.const 16) "${text(pe.slice(0, half))}") (data (i32.const ${16 + half}) "${text(pe.slice(half))}"))`);
  expect(search(bytes).map(({ format, location }) => [format, location.path])).toEqual([['pe', 'data[0]']]);
});

test('custom sections hide native code, and hold component types in the form of Wasm', () => {
  expect(search(watToWasm(`(module (@custom "notes" "${text(pe)}"))`)).map(({ format }) => format)).toEqual(['pe']);
  expect(search(watToWasm(`(module (@custom "component-type:x" "${text(component)}"))`))).toEqual([]);
});

test('a file inside a file is a part of it', () => {
  const outer = [...module.slice(0, 14), 0, module.length + 2, 1, 0x78, ...module, 3, 2, 1, 0, 0x0a, 4, 1, 2, 0, 0x0b];
  expect(search(holding(outer)).map(({ location }) => location.length)).toEqual([outer.length]);
});

test('thousands of nested starts stay cheap and are cut', () => {
  const nested = Array.from({ length: 20_000 }, () => [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 1, 0, 3, 1, 0]).flat();
  const found = search(holding(nested));
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThanOrEqual(100);
});

function search(bytes: Uint8Array): readonly EmbeddedExecutable[] {
  return findEmbedded(placedModules(decode(bytes)), null).embedded;
}

function holding(data: readonly number[]): Uint8Array {
  return watToWasm(`(module (memory 1) (data "${text(data)}"))`);
}

function text(data: readonly number[]): string {
  return data.map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
}
