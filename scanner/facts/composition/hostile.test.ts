import { expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { UNKNOWN_PROVENANCE } from '../../provenance.ts';
import { decode } from '../../wasm/decode.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { collectFacts } from '../collect.ts';
import type { Facts } from '../facts.ts';

const HOST = '(import "wasi:clocks/wall-clock@0.2.0" (instance $h (export "now" (func)))) (alias export $h "now" (func $now)) (core func $l (canon lower (func $now)))';
const NOW = 'wasi:clocks/wall-clock@0.2.0#now';

test('a chain of many instances is followed to its end, each once', () => {
  const links = Array.from({ length: 5_000 }, (_, index) => `(core instance $i${index + 1} (instantiate $link (with "x" (instance $i${index}))))`);
  const facts = factsOf(`${HOST} (core module $link (import "x" "f" (func $f)) (func (export "f") (call $f)))
    (core instance $i0 (export "f" (func $l))) ${links.join(' ')} (func $out (canon lift (core func $i5000 "f"))) (export "out" (func $out))`);
  expect(facts.problems).toEqual([]);
  expect(facts.composition).toMatchObject({ hostFunctions: [NOW], modules: [{ instances: 5_000, effective: ['clock-read'] }] });
  expect(facts.callPath(facts.imports[0]!)).toEqual(['module[0] f', 'f', 'f', '...', 'module[0] f', 'f', NOW]);
});

test('a chain through as many modules, each asked for on its own, ends within the limit of steps, with more than the truth', () => {
  const count = 3_000;
  const links = Array.from({ length: count }, (_, index) => `(core module $m${index} (import "x" "f" (func $f)) (import "x" "g" (func $g)) (func (export "f") (call $f) (call $g)) (func (export "g") (call $f)))
    (core instance $i${index + 1} (instantiate $m${index} (with "x" (instance $i${index}))))`);
  const facts = factsOf(`${HOST} (core instance $i0 (export "f" (func $l)) (export "g" (func $l))) ${links.join(' ')} (func $out (canon lift (core func $i${count} "f"))) (export "out" (func $out))`);
  expect(facts.problems).toEqual([]);
  expect(facts.composition!.modules.every(({ effective }) => effective.join() === 'clock-read')).toBe(true);
});

test('instance types that double at each level name their resources once', () => {
  const levels = Array.from({ length: 60 }, (_, index) => `(type $t${index + 1} (instance (alias outer 1 $t${index} (type $p)) (export "a" (instance (type $p))) (export "b" (instance (type $p)))))`);
  const facts = factsOf(`(type $t0 (instance (export "r" (type (sub resource))))) ${levels.join(' ')} (import "i" (instance $i (type $t60)))
    (component $c (type $t0 (instance (export "r" (type (sub resource))))) ${levels.join(' ')} (import "i" (instance (type $t60)))) (instance (instantiate $c (with "i" (instance $i))))`);
  expect(facts.problems).toEqual([]);
  expect(facts.composition!.handles).toEqual([]);
});

test('no more handles are listed than the limit', () => {
  const facts = factsOf(`(import "r" (type $r (sub resource))) (core module $m (func (export "f") (param i32))) (core instance $i (instantiate $m))
    ${Array.from({ length: LIMITS.compositionListed + 100 }, (_, index) => `(func $f${index} (param "x" (own $r)) (canon lift (core func $i "f"))) (export "f${index}" (func $f${index}))`).join(' ')}`);
  expect(facts.composition!.handles).toHaveLength(LIMITS.compositionListed);
});

test('long chains to many functions of the host are told until the steps are used up', () => {
  const names = Array.from({ length: 900 }, (_, index) => `f${index}`);
  const [asks, lowered, given] = [names.map((name) => `(import "h" "${name}" (func))`), names.map((name) => `(core func $${name} (canon lower (func $h "${name}")))`), names.map((name) => `(export "${name}" (func $${name}))`)];
  const links = Array.from({ length: 5_000 }, (_, index) => `(core instance $i${index + 1} (instantiate $link (with "x" (instance $i${index}))))`);
  const facts = factsOf(`(import "wasi:clocks/wall-clock@0.2.0" (instance $h ${names.map((name) => `(export "${name}" (func))`).join('')})) ${lowered.join('')}
    (core module $end ${asks.join('')} (func (export "f") ${names.map((_, index) => `call ${index}`).join(' ')})) (core instance $i0 (instantiate $end (with "h" (instance ${given.join('')}))))
    (core module $link (import "x" "f" (func $f)) (func (export "f") (call $f))) ${links.join(' ')} (func $out (canon lift (core func $i5000 "f"))) (export "out" (func $out))`);
  const told = facts.reachPaths.length;
  expect(told).toBeGreaterThan(100);
  expect(told * 5_001).toBeLessThanOrEqual(LIMITS.chainSteps + 2 * 5_001);
});

function factsOf(source: string): Facts {
  const bytes = watToWasm(`(component ${source})`);
  return collectFacts({ name: 'x.wasm', bytes, digest: `sha256:${'0'.repeat(64)}` }, decode(bytes), { provenance: UNKNOWN_PROVENANCE });
}
