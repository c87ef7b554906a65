import { array, assert, constantFrom, double, nat, property, record } from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { decode } from '../../wasm/decode.ts';
import { placedModules } from '../text-sources.ts';
import { collectAmounts, collectConstants } from './constants.ts';
import type { ConstantArgument } from './model.ts';

/** What is found in some bytes; without what only stands in the data, unless asked for. */
function constants(bytes: Uint8Array, confidences: readonly ConstantArgument['confidence'][] = ['high', 'medium']): readonly string[] {
  const decoded = decode(bytes);
  const parts = [placedModules(decoded), decoded.kind === 'component' ? decoded : null] as const;
  return [...collectConstants(...parts), ...collectAmounts(...parts)]
    .filter(({ confidence }) => confidences.includes(confidence))
    .map(({ confidence, role, import: name, text }) => `${confidence} ${role} ${name.replace(/^.*[.#]/, '')} ${text}`);
}

const OPEN = '(import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))';
const MEMORY = '(memory 1) (data (i32.const 1024) "config.yaml/etc/passwd\\00tail")';
const opened = (pointer: string, length: string): string => `(drop (call $open (i32.const 3) (i32.const 0) ${pointer} ${length} (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))`;
const program = (...parts: string[]): Uint8Array => watToWasm(`(module ${OPEN} ${MEMORY} ${parts.join(' ')})`);

describe('a text given to an import', () => {
  test('as two constants', () => {
    expect(constants(program(`(func ${opened('(i32.const 1024)', '(i32.const 11)')})`))).toEqual(['high path path_open config.yaml']);
  });

  test('through locals, sums and constant globals', () => {
    const locals = `(global $base i32 (i32.const 1035)) (func (local $a i32) (local.set $a (global.get $base)) ${opened('(i32.add (local.get $a) (i32.const 0))', '(i32.sub (i32.const 20) (i32.const 9))')})`;
    expect(constants(program(locals))).toEqual(['high path path_open /etc/passwd']);
  });

  test('stands where the data segment says', () => {
    const decoded = decode(program(`(func ${opened('(i32.const 1035)', '(i32.const 11)')})`));
    const [found] = collectConstants(placedModules(decoded), null);
    expect(found!.location.path).toBe('data[0]');
    expect(new TextDecoder().decode((decoded as { bytes: Uint8Array }).bytes.subarray(found!.location.offset, found!.location.offset + found!.location.length))).toBe('/etc/passwd');
  });

  test('is not known after a choice, a loop or a change', () => {
    const chosen = `(func (param i32) (local $a i32) (local.set $a (i32.const 1024)) (if (local.get 0) (then (local.set $a (i32.const 1035)))) ${opened('(local.get $a)', '(i32.const 11)')})`;
    const again = `(func (param i32) (local $a i32) (block) (local.set $a (i32.const 1024)) (if (local.get 0) (then (local.set $a (i32.const 1035)))) ${opened('(local.get $a)', '(i32.const 11)')})`;
    const selected = `(func (param i32) ${opened('(select (i32.const 1024) (i32.const 1035) (local.get 0))', '(i32.const 11)')})`;
    const mutable = `(global $g (mut i32) (i32.const 1024)) (func ${opened('(global.get $g)', '(i32.const 11)')})`;
    for (const body of [chosen, again, selected, mutable]) expect(constants(program(body))).toEqual([]);
  });

  test('is known in a block when nothing else sets the local', () => {
    expect(constants(program(`(func (local $a i32) (local.set $a (i32.const 1024)) (block (loop ${opened('(local.get $a)', '(i32.const 11)')})))`))).toEqual(['high path path_open config.yaml']);
  });

  test('is none outside of the data, or where it is not printable', () => {
    for (const [pointer, length] of [[1024, 5_000_000], [9, 4], [1035, 12], [1024, 0], [-1, 4]]) expect(constants(program(`(func ${opened(`(i32.const ${pointer})`, `(i32.const ${length})`)})`))).toEqual([]);
  });

  test('counts from where the host puts the module', () => {
    const relative = watToWasm(`(module ${OPEN} (import "env" "__memory_base" (global $base i32)) (import "env" "memory" (memory 1)) (data (global.get $base) "xxconfig.yaml") (func ${opened('(i32.add (global.get $base) (i32.const 2))', '(i32.const 11)')}))`);
    expect(constants(relative)).toEqual(['high path path_open config.yaml']);
  });
});

describe('functions between', () => {
  const wrapper = `(func $wrap (param i32 i32) (result i32) ${opened('(local.get 0)', '(local.get 1)')} (i32.const 0))`;

  test('hand on, one and two of them', () => {
    const twice = `${wrapper} (func $again (param i64 i32 i32) (drop (call $wrap (local.get 1) (local.get 2)))) (func (call $again (i64.const 0) (i32.const 1024) (i32.const 11)))`;
    expect(constants(program(`${wrapper} (func (drop (call $wrap (i32.const 1035) (i32.const 11))))`))).toEqual(['high path path_open /etc/passwd']);
    expect(constants(program(twice))).toEqual(['high path path_open config.yaml']);
  });

  test('count the length of a text that ends with zero', () => {
    const counting = `(func $length (param i32) (result i32) (i32.const 1)) (func $open0 (param i32) ${opened('(local.get 0)', '(call $length (local.get 0))')}) (func (call $open0 (i32.const 1035)))`;
    expect(constants(program(counting))).toEqual(['high path path_open /etc/passwd']);
  });

  test('do something else with it: then the form of the text decides', () => {
    const changing = `(func $far (param i32 i32) ${opened('(i32.load (local.get 0))', '(local.get 1)')})`;
    expect(constants(program(`${changing} (func (call $far (i32.const 1035) (i32.const 11)))`))).toEqual(['medium path path_open /etc/passwd']);
    expect(constants(program(`${changing} (func (call $far (i32.const 1035) (i32.const 1)))`))).toEqual([]);
  });

  test('copy a short text piece by piece first', () => {
    const copying = `(func $far (param i32) ${opened('(local.get 0)', '(i32.load (i32.const 0))')}) (func (param $frame i32)
      (i32.store offset=8 (local.get $frame) (i32.load (i32.const 1024))) (i32.store offset=12 (local.get $frame) (i32.load (i32.const 1028)))
      (i32.store16 offset=16 (local.get $frame) (i32.load16_u (i32.const 1032))) (i32.store8 offset=18 (local.get $frame) (i32.load8_u (i32.const 1034))) (i32.store8 offset=19 (local.get $frame) (i32.const 0))
      (call $far (i32.add (local.get $frame) (i32.const 8))))`;
    expect(constants(program(copying))).toEqual(['medium path path_open config.yaml']);
  });

  test('take what was put into memory side by side', () => {
    const stored = `(func $far (param i32) ${opened('(i32.load (local.get 0))', '(i32.load offset=4 (local.get 0))')}) (func (param i32)
      (i32.store (local.get 0) (i32.const 1035)) (i32.store offset=4 (local.get 0) (i32.const 11)) (call $far (local.get 0)))`;
    expect(constants(program(stored))).toEqual(['medium path path_open /etc/passwd']);
  });
});

describe('other hosts', () => {
  const given = (imported: string, data: string, call: string): readonly string[] => constants(watToWasm(`(module ${imported} (memory 1) (data (i32.const 64) "${data}") (func ${call}))`));

  test.each<[string, string, string, string, string]>([
    ['an upstream of a proxy', '(import "env" "proxy_http_call" (func $f (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))', 'auth_service', `(drop (call $f (i32.const 64) (i32.const 12) ${'(i32.const 0) '.repeat(8)}))`, 'high cluster proxy_http_call auth_service'],
    ['a syscall of Emscripten', '(import "env" "__syscall_openat" (func $f (param i32 i32 i32 i32) (result i32)))', '/dev/urandom\\00x', '(drop (call $f (i32.const -100) (i32.const 64) (i32.const 0) (i32.const 0)))', 'high path __syscall_openat /dev/urandom'],
    ['a look-up of WasmEdge', '(import "wasi_snapshot_preview1" "sock_getaddrinfo" (func $f (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))', 'db.example', `(drop (call $f (i32.const 64) (i32.const 10) ${'(i32.const 0) '.repeat(6)}))`, 'high host sock_getaddrinfo db.example'],
    ['a large amount', '(import "wasi_snapshot_preview1" "random_get" (func $f (param i32 i32) (result i32)))', '', '(drop (call $f (i32.const 0) (i32.const 16777216)))', 'high amount random_get 16777216'],
    ['a tail call', '(import "env" "system" (func $f (param i32) (result i32)))', 'rm -rf /\\00', '(result i32) (return_call $f (i32.const 64))', 'high name system rm -rf /'],
  ])('%s', (_name, imported, data, call, expected) => {
    expect(given(imported, data, call)).toEqual([expected]);
  });

  test('a small amount says nothing', () => {
    expect(given('(import "wasi_snapshot_preview1" "random_get" (func $f (param i32 i32) (result i32)))', '', '(drop (call $f (i32.const 0) (i32.const 32)))')).toEqual([]);
  });
});

describe('components', () => {
  const lookup = (data: string, length: number, encoding: string): Uint8Array => watToWasm(`(component
    (import "wasi:sockets/ip-name-lookup@0.2.0" (instance $i (export "resolve-addresses" (func (param "network" u32) (param "name" string) (result u32)))))
    (core module $m (memory (export "memory") 1))
    (core instance $mem (instantiate $m))
    (core func $lower (canon lower (func $i "resolve-addresses") (memory (core memory $mem "memory")) ${encoding}))
    (core module $main (import "a" "b" (func $f (param i32 i32 i32) (result i32))) (memory 1) (data (i32.const 32) "${data}") (func (export "run") (drop (call $f (i32.const 0) (i32.const 32) (i32.const ${length})))))
    (core instance $run (instantiate $main (with "a" (instance (export "b" (func $lower)))))))`);
  const wide = (text: string): string => [...text].map((one) => `${one}\\00`).join('');

  test('name the function of the host, whatever the core import is called', () => {
    expect(constants(lookup('db.example', 10, 'string-encoding=utf8'))).toEqual(['high host resolve-addresses db.example']);
  });

  test('hand over UTF-16, always or when the length says so', () => {
    expect(constants(lookup(wide('db.example'), 10, 'string-encoding=utf16'))).toEqual(['high host resolve-addresses db.example']);
    expect(constants(lookup(wide('db.example'), 10 - 2 ** 31, 'string-encoding=latin1+utf16'))).toEqual(['high host resolve-addresses db.example']);
    expect(constants(lookup('db.example', 10, 'string-encoding=latin1+utf16'))).toEqual(['high host resolve-addresses db.example']);
  });

  test('spill many parameters to memory', () => {
    const spilled = watToWasm(`(module (import "wasi:filesystem/types@0.3.0" "[async-lower][method]descriptor.open-at" (func $open (param i32 i32) (result i32)))
      (memory 1) (data (i32.const 32) "/etc/passwd") (func (param $frame i32)
        (i32.store (local.get $frame) (i32.const 3)) (i32.store offset=8 (local.get $frame) (i32.const 32)) (i32.store offset=12 (local.get $frame) (i32.const 11))
        (drop (call $open (local.get $frame) (i32.const 512)))))`);
    expect(constants(spilled)).toEqual(['high path open-at /etc/passwd']);
  });

  test('leave an optional text out', () => {
    const authority = (present: number): Uint8Array => watToWasm(`(component
      (import "wasi:http/types@0.2.0" (instance $i (export "outgoing-request" (type $r (sub resource))) (export "[method]outgoing-request.set-authority" (func (param "self" (borrow $r)) (param "authority" (option string)) (result (result))))))
      (core module $m (memory (export "memory") 1)) (core instance $mem (instantiate $m))
      (core func $lower (canon lower (func $i "[method]outgoing-request.set-authority") (memory (core memory $mem "memory")) string-encoding=utf8))
      (core module $main (import "a" "b" (func $f (param i32 i32 i32 i32) (result i32))) (memory 1) (data (i32.const 32) "api.example") (func (export "run") (drop (call $f (i32.const 0) (i32.const ${present}) (i32.const 32) (i32.const 11)))))
      (core instance $run (instantiate $main (with "a" (instance (export "b" (func $lower)))))))`);
    expect(constants(authority(1))).toEqual(['high host set-authority api.example']);
    expect(constants(authority(0))).toEqual([]);
  });
});

describe('what only stands in the data', () => {
  test('is left out where code has shown what it is', () => {
    const bytes = watToWasm(`(module ${OPEN} (memory 1) (data (i32.const 1024) "/etc/passwd/etc/shadowtail" ) (func ${opened('(i32.const 1024)', '(i32.const 11)')}))`);
    expect(constants(bytes, ['high', 'low'])).toEqual(['high path path_open /etc/passwd']);
  });

  test('is found by its form and has low confidence', () => {
    const bytes = watToWasm(`(module ${OPEN} (import "wasi_snapshot_preview1" "environ_get" (func (param i32 i32) (result i32))) (memory 1) (data (i32.const 0) "see /etc/app/config or DB_PASSWORD\\00/rustc/ab/library/std/etc/x.rs"))`);
    expect(constants(bytes, ['low'])).toEqual(['low path path_open /etc/app/config', 'low environment environ_get DB_PASSWORD']);
    expect(constants(bytes)).toEqual([]);
  });
});

test('Go hands a text over in memory with its length, and a call between leads anywhere', () => {
  const go = watToWasm(`(module (@custom "go:buildid" "x") ${OPEN} (import "wasi_snapshot_preview1" "environ_get" (func (param i32 i32) (result i32))) (memory 1) (data (i32.const 64) "zero/etc/app/config.yamlAPP_KEYtail")
    (func $any (param i32) (result i32) (i32.const 0))
    (func (param $sp i32) (result i32)
      (i64.store (local.get $sp) (i64.const 68)) (i64.store (i32.wrap_i64 (i64.add (i64.extend_i32_u (local.get $sp)) (i64.const 8))) (i64.const 20)) (drop (call $any (i32.const 0)))
      (i64.store (local.get $sp) (i64.const 88)) (i64.store offset=8 (local.get $sp) (i64.const 7)) (call $any (i32.const 0))))`);
  expect(constants(go, ['high', 'medium', 'low'])).toEqual(['low path path_open /etc/app/config.yaml', 'low environment environ_get APP_KEY']);
});

describe('programs of real toolchains', () => {
  const built = (id: string): readonly string[] => constants(readFileSync(join(import.meta.dirname, `../../../test/fixtures/toolchains/${id}.wasm`)));

  test.each(['c-files', 'rust-files-wasip1', 'rust-files-wasip2'])('%s opens the two files that its source names', (id) => {
    expect(built(id).map((text) => text.replace(/^\S+ path \S+ /, '')).sort()).toEqual(['in.txt', 'out.txt']);
  });

  test('a policy asks its host for a look-up', () => {
    expect(built('rust-kubewarden-lookup')).toEqual(['kubewarden', 'net', 'v1/dns_lookup_host'].map((name) => `high name __host_call ${name}`));
  });

  test('a client of WasmEdge names its peer', () => {
    expect(built('rust-wasmedge-socket')).toContain('medium host sock_getaddrinfo 127.0.0.1');
  });

  test.each(['c-hello', 'rust-hello-wasip1', 'rust-hello-wasip2', 'zig-cc', 'rust-pure'])('%s names nothing', (id) => {
    expect(built(id)).toEqual([]);
  });
});

test('whatever the code is, nothing is thrown', () => {
  const seeds = ['c-files', 'rust-kubewarden-lookup'].map((id) => readFileSync(join(import.meta.dirname, `../../../test/fixtures/toolchains/${id}.wasm`)));
  const seed = program(`(func $wrap (param i32 i32) (result i32) ${opened('(local.get 0)', '(local.get 1)')} (i32.const 0)) (func (drop (call $wrap (i32.const 1035) (i32.const 11))))`);
  const mutation = record({ seed: constantFrom(seed, seed, seed, ...seeds), edits: array(record({ at: double({ min: 0, max: 1, noNaN: true }), byte: nat(255) }), { maxLength: 12 }) });
  assert(property(mutation, ({ seed: bytes, edits }) => {
    const changed = Uint8Array.from(bytes);
    for (const { at, byte } of edits) changed[Math.min(changed.length - 1, Math.floor(at * changed.length))] = byte;
    expect(() => constants(changed, ['high', 'medium', 'low'])).not.toThrow();
  }), { numRuns: 300 });
});
