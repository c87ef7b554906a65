import { expect, test } from 'vitest';
import { collectFacts } from '../../scanner/facts/collect.ts';
import { decode } from '../../scanner/wasm/decode.ts';
import { watToWasm } from '../../test/support/wat.ts';
import rule from './capability-increase.ts';
import { UNKNOWN_PROVENANCE } from '../../scanner/provenance.ts';

const THRESHOLDS = { memory: 0, bytes: null, functions: null };
const wasm = watToWasm('(module (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32))))');

function found(capabilities: readonly string[] | null): { subject: string; path: string }[] {
  const artifact = { name: 'app.wasm', bytes: wasm, digest: 'sha256:0', ...(capabilities === null ? {} : { snapshot: { file: 'app.wasm.caps', capabilities } }) };
  const facts = collectFacts(artifact, decode(wasm), { provenance: UNKNOWN_PROVENANCE });
  return [...rule.check(facts, THRESHOLDS)].map(({ subject, location }) => ({ subject, path: location.path }));
}

test('a capability that the snapshot lacks is found at the import that brings it', () => {
  expect(found(['random-secure'])).toEqual([{ subject: 'fs-open', path: expect.stringContaining('path_open') }]);
});

test('nothing is new against an equal or larger snapshot, or without one', () => {
  expect(found(['fs-open', 'random-secure'])).toEqual([]);
  expect(found(['fs-open', 'fs-write', 'random-secure'])).toEqual([]);
  expect(found(null)).toEqual([]);
});

test('against an empty snapshot everything is new', () => {
  expect(found([]).map(({ subject }) => subject)).toEqual(['fs-open', 'random-secure']);
});
