import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../test/support/wat.ts';
import { decode } from '../wasm/decode.ts';
import { outlineOf } from './outline.ts';

describe('a module', () => {
  const bytes = watToWasm('(module (func (export "f")) (memory 1) (data (i32.const 0) "abc") (@custom "note" "1234"))');
  const outline = outlineOf(decode(bytes))!;

  test('its sections with their names, in file order', () => {
    expect(outline.areas.map(({ name }) => name)).toEqual(['type', 'function', 'memory', 'export', 'code', 'data', 'custom:note']);
    expect(outline.parts).toEqual([{ path: '', kind: 'module', offset: 0, length: bytes.length }]);
    expect(outline.wires).toEqual([]);
  });

  test('with the frame of two bytes for each section they are the whole file', () => {
    expect(outline.areas.reduce((sum, { length }) => sum + length + 2, 8)).toBe(bytes.length);
  });
});

describe('a component', () => {
  const outline = outlineOf(decode(watToWasm(`(component
    (import "wasi:cli/environment@0.2.0" (instance $env (export "get" (func) )))
    (core module $given (func (export "h")))
    (core module $main (import "host" "get" (func)) (import "given" "h" (func)) (func))
    (component (core module (func)))
    (core func $get (canon lower (func $env "get")))
    (core instance $g (instantiate $given))
    (core instance (instantiate $main (with "host" (instance (export "get" (func $get)))) (with "given" (instance $g)))))`)))!;

  test('what is nested, at any depth, each with its own sections', () => {
    expect(outline.parts.map(({ path, kind }) => `${kind} ${path}`)).toEqual(['component ', 'module module[0]', 'module module[1]', 'component component[0]', 'module component[0]/module[0]']);
    expect(new Set(outline.areas.map(({ part }) => part))).toEqual(new Set(['', 'module[0]', 'module[1]', 'component[0]/module[0]']));
  });

  test('no byte is counted twice', () => {
    for (const [index, { offset }] of outline.areas.entries()) if (index > 0) expect(offset).toBeGreaterThanOrEqual(outline.areas[index - 1]!.offset + outline.areas[index - 1]!.length);
  });

  test('who gives the core modules what they import', () => {
    expect(outline.wires).toEqual([
      { to: 'module[1]', kind: 'host', from: 'wasi:cli/environment@0.2.0', count: 1 },
      { to: 'module[1]', kind: 'sibling', from: 'module[0]', count: 1 },
    ]);
  });
});

test('bytes that are no Wasm have none', () => {
  expect(outlineOf(decode(new Uint8Array([1, 2, 3])))).toBeNull();
});

test('a module with very many sections keeps the largest ones and counts the others', () => {
  const customs = Array.from({ length: 400 }, (_, index) => `(@custom "c${index}" "${'x'.repeat(index)}")`).join('');
  const outline = outlineOf(decode(watToWasm(`(module ${customs})`)))!;
  expect(outline.areas).toHaveLength(300);
  expect(outline.areas.some(({ name }) => name === 'custom:c399')).toBe(true);
  expect(outline.otherBytes).toBeGreaterThan(0);
});
