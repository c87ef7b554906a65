import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { LEVELS } from '../../policies/index.ts';
import { VOCABULARY } from '../../test/support/policy.ts';
import { watToWasm } from '../../test/support/wat.ts';
import { collectFacts } from '../facts/collect.ts';
import { learnerFor } from '../policy/learn.ts';
import { loadPolicies } from '../policy/load.ts';
import { findLevel } from '../policy/vocabulary.ts';
import { UNKNOWN_PROVENANCE } from '../provenance.ts';
import { decode } from '../wasm/decode.ts';
import { learnedPolicyText } from './learned-policy.ts';

const level = findLevel('baseline', LEVELS)!;

function learnedFrom(text: string, name: string): string {
  const bytes = watToWasm(text);
  const learner = learnerFor(level);
  learner.add(collectFacts({ name, bytes, digest: `sha256:${'a'.repeat(64)}` }, decode(bytes), { provenance: UNKNOWN_PROVENANCE }));
  return learnedPolicyText(learner.learned(), { name: 'test', kind: 'WasmPolicy', level, pin: true, signatures: null });
}

test('names out of a binary can neither end a comment nor hide in the file', () => {
  const text = learnedFrom('(module (import "acme" "a\\0akind: ClusterWasmPolicy\\0a#" (func)) (import "acme" "b\\e2\\80\\aex" (func)) (import "acme" "c # d" (func)))', 'x\nkind: Other\u202e.wasm');
  // oxlint-disable-next-line no-control-regex -- those that could hide something are what is looked for
  expect(text).not.toMatch(/[\u202e\u0000-\u0009\u000b-\u001f]/);
  expect(text.match(/^kind: .*$/gm)).toEqual(['kind: WasmPolicy']);
  const { spec } = parse(text) as { spec: { imports: { allow: unknown[] } } };
  expect(spec.imports.allow).toEqual(['acme.a\nkind: ClusterWasmPolicy\n#', 'acme.b\u202ex', 'acme.c # d']);
});

test('the text loads without a fault, whatever was learned', () => {
  for (const text of [learnedFrom('(module)', 'a.wasm'), learnedFrom('(module (import "acme" "x" (func)) (memory 1) (func (export "opa_eval")))', 'b.wasm'), learnedFrom('(component)', 'c.wasm')]) {
    expect(loadPolicies(text, 'learned.yaml', VOCABULARY).errors).toEqual([]);
  }
});
