import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { UNKNOWN_PROVENANCE } from '../../provenance.ts';
import { decode } from '../../wasm/decode.ts';
import { collectFacts } from '../collect.ts';
import { missingFeatures, supportOf } from './feature-support.ts';
import type { RuntimeFeature } from './model.ts';
import { parseRuntime } from './runtime.ts';

function missing(text: string, runtime: string): readonly string[] {
  const named = parseRuntime(runtime);
  if (typeof named === 'string') throw new Error(named);
  const bytes = watToWasm(text);
  const facts = collectFacts({ name: 'a.wasm', digest: 'sha256:00', bytes }, decode(bytes), { provenance: UNKNOWN_PROVENANCE, runtime: named });
  return missingFeatures(facts).map(({ feature }) => feature);
}

describe('support', () => {
  test.each<[string, string | null, RuntimeFeature, object]>([
    ['wasmtime', '46.0.0', 'gc', { state: 'off', flag: '-W gc' }],
    ['wasmtime', '47.0.0', 'gc', { state: 'on' }],
    ['wasmtime', null, 'gc', { state: 'on' }],
    ['wasmtime', '39.0.1', 'shared-memory', { state: 'on' }],
    ['wasmtime', '40.0.0', 'shared-memory', { state: 'off', flag: '-W shared-memory' }],
    ['wasmtime', null, 'shared-memory', { state: 'off', flag: '-W shared-memory' }],
    ['wasmtime', '48.0.0', 'compact-imports', { state: 'absent', on: null }],
    ['wasmtime', '48.0.0', 'branch-hinting', { state: 'unknown' }],
    ['wasmedge', '0.13.5', 'gc', { state: 'absent', on: '0.16.0' }],
    ['wasmedge', '0.14.0', 'gc', { state: 'off', flag: '--enable-gc' }],
    ['wasmedge', '0.16.0', 'gc', { state: 'on' }],
    ['wazero', '1.9.0', 'memory64', { state: 'absent', on: null }],
    ['wamr', '2.4.4', 'tail-call', { state: 'off', flag: 'WAMR_BUILD_TAIL_CALL=1 at build time' }],
    ['wasmer', '6.0.0', 'tail-call', { state: 'absent', on: '7.1.0' }],
    ['node', '22.0.0', 'exceptions', { state: 'absent', on: '24.15.0' }],
    ['node', '24.15', 'exceptions', { state: 'on' }],
    ['chrome', '132.0.6834.83', 'memory64', { state: 'absent', on: '133' }],
  ])('of %s %s for %s', (name, version, feature, support) => {
    expect(supportOf({ name, version }, feature)).toEqual(support);
  });
});

describe('what would not load', () => {
  test.each<[string, string, readonly string[]]>([
    ['(module (memory i64 1))', 'wasmtime@29.0.1', ['memory64']],
    ['(module (memory i64 1))', 'wasmtime@30.0.0', []],
    ['(module (memory 1 2 shared))', 'wasmtime@48.0.0', ['shared-memory']],
    ['(module (import "env" "memory" (memory 1 2 shared)))', 'wazero@1.9.0', ['threads']],
    ['(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))', 'wasmtime@48.0.0', []],
    ['(component (import "a" (func)))', 'wamr@2.4.4', ['component-model']],
    ['(module (func))', 'wasm3', []],
  ])('%s on %s', (text, runtime, features) => {
    expect(missing(text, runtime)).toEqual(features);
  });
});
