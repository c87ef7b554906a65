import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { UNKNOWN_PROVENANCE } from '../../provenance.ts';
import { decode } from '../../wasm/decode.ts';
import { collectFacts } from '../collect.ts';
import type { Facts } from '../facts.ts';
import { ADVISORIES } from './data.generated.ts';
import { exposures } from './exposure.ts';
import { parseRuntime } from './runtime.ts';

const P1 = 'wasi_snapshot_preview1';
/** A core module that imports one function. */
const needs = (module: string, name: string): string => `(module (import "${module}" "${name}" (func)))`;
/** A module with a memory, a table and one body that drops nothing. */
const body = (text: string): string => `(module (memory 1) (table $t 1 funcref) (func (param $i i32) (param $f f64) (param $v v128) ${text}))`;
/** A component that imports one interface with one function. */
const face = (name: string, func: string): string => `(component (import "${name}" (instance (export "${func}" (func)))))`;
const NOTHING = '(module (func (param i32) (result i32) (local.get 0)))';
const HOST_REFERENCE = '(module (func (param externref)))';
/** Two components, of which the inner one lifts with a string encoding. */
const strings = (encoding: string): string => `(component (component
  (core module $m (memory (export "m") 1) (func (export "f") (param i32 i32)) (func (export "r") (param i32 i32 i32 i32) (result i32) i32.const 0))
  (core instance $i (instantiate $m))
  (func (export "f") (param "s" string) (canon lift (core func $i "f") (memory (core memory $i "m")) (realloc (core func $i "r")) string-encoding=${encoding}))))`;
const nested = (depth: number): string => `${'(component '.repeat(depth + 1)}${')'.repeat(depth + 1)}`;

/** For each flaw: a version that has it, what can reach it, what comes near and cannot. */
const ROWS: Readonly<Record<string, readonly [version: string, exposed: string, near: string]>> = {
  'CVE-2026-34987': ['36.0.6', body('(i32.store8 (local.get $i) (i32.const 1))'), NOTHING],
  'CVE-2026-34971': [
    '36.0.6',
    '(module (memory i64 1) (func (param i64) (result i32) (i32.load8_u (i64.shl (local.get 0) (i64.const 56)))))',
    '(module (memory 1) (func (param i32) (result i32) (drop (i64.shl (i64.const 1) (i64.const 2))) (i32.load8_u (local.get 0))))',
  ],
  'CVE-2026-35186': ['43.0.0', body('(drop (table.grow $t (ref.null func) (i32.const 1)))'), body('(drop (table.size $t))')],
  'CVE-2026-34946': ['42.0.1', body('(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))'), body('(drop (table.size $t))')],
  'CVE-2026-34945': ['36.0.2', '(module (table i64 1 funcref) (func (result i64) (table.size 0)))', '(module (table 1 funcref) (func (result i32) (table.size 0)))'],
  'CVE-2026-34944': ['24.0.6', body('(drop (f64x2.splat (f64.load (local.get $i))))'), body('(drop (f64x2.splat (local.get $f)))')],
  'CVE-2026-24116': ['40.0.2', body('(drop (f64.copysign (local.get $f) (f64.load (local.get $i))))'), body('(drop (f64.copysign (local.get $f) (local.get $f)))')],
  'CVE-2026-34941': ['36.0.6', strings('utf16'), strings('utf8')],
  'CVE-2026-34943': ['36.0.6', '(component (type $f (flags "a" "b")) (export "f" (type $f)))', '(component (type $f (enum "a" "b")) (export "f" (type $f)))'],
  'CVE-2026-44216': ['43.0.1', '(module (table i64 0x100000000 funcref))', '(module (table i64 4096 funcref))'],
  'CVE-2026-27204': ['41.0.3', needs(P1, 'random_get'), needs(P1, 'proc_exit')],
  'CVE-2026-27572': ['41.0.3', face('wasi:http/types@0.2.0', '[method]fields.append'), face('wasi:http/types@0.2.0', '[method]fields.get')],
  'GHSA-x84v-gj2h-g759': ['47.0.3', face('wasi:filesystem/types@0.3.0', '[method]descriptor.write-via-stream'), face('wasi:filesystem/types@0.2.0', '[method]descriptor.write-via-stream')],
  'GHSA-vqjp-4c8c-hfgg': ['47.0.3', needs(P1, 'path_open'), needs(P1, 'fd_read')],
  'CVE-2026-58494': ['46.0.0', face('wasi:filesystem/types@0.2.3', '[method]descriptor.rename-at'), face('wasi:filesystem/types@0.2.3', '[method]descriptor.stat-at')],
  'CVE-2026-47261': ['44.0.1', needs('wasi_unstable', 'path_open'), needs('wasi_unstable', 'path_readlink')],
  'GHSA-3p27-qvp9-27qf': ['45.0.1', needs(P1, 'fd_renumber'), needs(P1, 'fd_close')],
  'CVE-2025-53901': ['34.0.1', needs(P1, 'fd_renumber'), needs('env', 'fd_renumber')],
  'GHSA-2hw9-mc66-jc2q': ['47.0.2', body('(memory.fill (local.get $i) (local.get $i) (local.get $i))'), body('(drop (memory.size))')],
  'CVE-2025-64345': ['38.0.3', '(module (memory 1 2 shared))', '(module (memory 1 2))'],
  'CVE-2024-47763': ['25.0.1', '(module (func $f return_call $f))', '(module (func $f call $f))'],
  'CVE-2024-30266': ['19.0.0', '(module (table 1 externref) (elem (i32.const 0) externref (ref.null extern)))', '(module (table 1 funcref) (elem (i32.const 0) funcref (ref.null func)))'],
  'CVE-2023-26489': ['6.0.0', body('(drop (i32.load (i32.shl (local.get $i) (i32.const 3))))'), body('(drop (i32.load (local.get $i)))')],
  'CVE-2023-41880': ['12.0.1', body('(drop (i64x2.shr_s (local.get $v) (i32.const 2)))'), body('(drop (i64x2.shr_u (local.get $v) (i32.const 2)))')],
  'CVE-2023-27477': ['6.0.0', body('(drop (v128.bitselect (local.get $v) (local.get $v) (i8x16.eq (local.get $v) (local.get $v))))'), body('(drop (v128.not (local.get $v)))')],
  'CVE-2022-31104': ['0.38.0', body('(drop (i8x16.swizzle (local.get $v) (local.get $v)))'), body('(drop (select (local.get $i) (local.get $i) (local.get $i)))').replace('(param $v v128)', '')],
  'CVE-2021-39216': ['0.29.0', HOST_REFERENCE, '(module (table 1 funcref))'],
  'CVE-2022-23636': ['0.34.0', '(module (global (mut externref) (ref.null extern)))', '(module (global (mut funcref) (ref.null func)))'],
  'CVE-2022-24791': ['0.35.1', '(module (table 1 externref))', NOTHING],
  'CVE-2022-31146': ['0.38.1', '(module (import "env" "g" (global externref)))', '(module (import "env" "g" (global i32)))'],
  'CVE-2024-51745': ['26.0.0', needs(P1, 'path_open'), needs(P1, 'path_unlink_file')],
  'CVE-2025-64704': ['2.4.3', body('(v128.store (local.get $i) (local.get $v))'), body('(drop (v128.load (local.get $i)))')],
  'CVE-2025-64713': ['2.4.3', NOTHING, '(component)'],
  'CVE-2025-58749': ['2.4.1', body('(memory.fill (local.get $i) (local.get $i) (local.get $i))'), body('(memory.copy (local.get $i) (local.get $i) (local.get $i))')],
  'CVE-2025-43853': ['2.2.0', needs(P1, 'path_symlink'), needs(P1, 'path_readlink')],
  'WAMR-4916': ['2.4.4', '(module (func $f return_call $f))', '(module (func $f call $f))'],
  'WAMR-4942': [
    '2.4.6',
    '(module (type $a (array i32)) (global (ref $a) (array.new $a (i32.const 0) (i32.const 3))))',
    '(module (type $a (array i32)) (global (ref null $a) (ref.null $a)))',
  ],
  'CVE-2025-69261': ['0.15.1', NOTHING, '(component)'],
  'WASMEDGE-ZLIB': ['0.16.0', needs('wasmedge_zlib', 'inflate'), needs('wasmedge_zlibx', 'inflate')],
  'WASMEDGE-NESTING': ['0.16.0', nested(16), nested(15)],
  'CVE-2023-51661': ['4.2.3', needs('wasix_32v1', 'path_open'), needs('wasix_32v1', 'fd_read')],
  'CVE-2024-38358': ['4.3.1', needs(P1, 'path_symlink'), needs(P1, 'path_rename')],
  'CVE-2021-38592': ['0.5.0', NOTHING, '(component)'],
  'CVE-2024-2887': ['122.0.6261.0', '(module (rec (type (struct)) (type (array i8))))', NOTHING],
  'CVE-2026-6307': [
    '146.0.7680.75',
    '(module (func (export "a") (result externref) unreachable) (func (export "b") (result i64) unreachable))',
    '(module (func (export "a") (result externref) unreachable) (func (result i64) unreachable))',
  ],
  'CVE-2026-3910': ['145.0.0.0', NOTHING, '(component)'],
};
/** Any module reaches these, so that only the version tells. */
const ENGINE = ADVISORIES.filter(({ when }) => 'engine' in when).map(({ id }) => id);

function exposedTo(text: string, runtime: string): readonly string[] {
  return exposures(factsOn(text, runtime)).map(({ advisory }) => advisory.id);
}

function factsOn(text: string, runtime: string): Facts {
  const named = parseRuntime(runtime);
  if (typeof named === 'string') throw new Error(named);
  const bytes = watToWasm(text);
  const facts = collectFacts({ name: 'a.wasm', digest: 'sha256:00', bytes }, decode(bytes), { provenance: UNKNOWN_PROVENANCE, runtime: named });
  expect(facts.problems).toEqual([]);
  return facts;
}

test('every flaw of the table has its row here', () => {
  expect(Object.keys(ROWS).sort()).toEqual(ADVISORIES.map(({ id }) => id).sort());
});

describe.each(ADVISORIES.map((advisory) => [advisory.id, advisory] as const))('%s', (id, { runtime, fixed }) => {
  const [version, exposed, near] = ROWS[id]!;

  test('is reached by what needs it, at a place inside the artifact', () => {
    const facts = factsOn(exposed, `${runtime}@${version}`);
    const found = exposures(facts).find(({ advisory }) => advisory.id === id);
    expect(found?.witness.text).toMatch(/^\w/);
    const { path, offset, length } = found!.witness.location;
    expect(path).not.toBe('');
    expect(offset + length).toBeLessThanOrEqual(facts.size);
  });

  test.skipIf(ENGINE.includes(id))('is not reached by what comes near', () => {
    expect(exposedTo(near, `${runtime}@${version}`)).not.toContain(id);
  });

  test.skipIf(fixed.length === 0)('is not reached on repaired versions', () => {
    for (const repair of fixed) expect(exposedTo(exposed, `${runtime}@${repair}`)).not.toContain(id);
  });

  test('is not reached where the version is not known, or on another runtime', () => {
    expect(exposedTo(exposed, runtime)).toEqual([]);
    expect(exposedTo(exposed, 'wazero@1.9.0')).toEqual([]);
  });
});

test('places are those of the instruction, the import, the inner part', () => {
  const placed = (text: string, runtime: string, id: string): string => exposures(factsOn(text, runtime)).find(({ advisory }) => advisory.id === id)!.witness.location.path;
  expect(placed(body('(drop (table.grow $t (ref.null func) (i32.const 1)))'), 'wasmtime@43.0.0', 'CVE-2026-35186')).toBe('code');
  expect(placed(needs(P1, 'path_open'), 'wasmtime@47.0.0', 'GHSA-vqjp-4c8c-hfgg')).toBe(`import[0] ${P1}.path_open`);
  expect(placed(strings('utf16'), 'wasmtime@43.0.0', 'CVE-2026-34941')).toBe('component[0]/canon[0]');
  expect(placed('(module (import "env" "t" (table i64 0x100000000 funcref)))', 'wasmtime@43.0.0', 'CVE-2026-44216')).toBe('import[0] env.t');
});
