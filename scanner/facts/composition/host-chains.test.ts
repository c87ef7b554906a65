import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { UNKNOWN_PROVENANCE } from '../../provenance.ts';
import { decode } from '../../wasm/decode.ts';
import { collectFacts } from '../collect.ts';
import type { Facts } from '../facts.ts';

const CLOCK = 'wasi:clocks/wall-clock@0.2.0';
const LOWERED = `(import "${CLOCK}" (instance $i (export "now" (func)) (export "resolution" (func)))) (core func $l (canon lower (func $i "now"))) (core func $r (canon lower (func $i "resolution")))`;
/** Asks the host for the time, through a function of its own. */
const BELOW = '(core module $below (import "clock" "now" (func $now)) (import "clock" "resolution" (func $res)) (func $ask (call $now)) (func (export "time") (call $ask)) (func (export "unused") (call $res)))';
const LINKED = `${BELOW} (core instance $b (instantiate $below (with "clock" (instance (export "now" (func $l)) (export "resolution" (func $r))))))`;

function factsOf(content: string | Uint8Array): Facts {
  const bytes = typeof content === 'string' ? watToWasm(`(component ${content})`) : content;
  return collectFacts({ name: 'a.wasm', digest: 'sha256:0', bytes }, decode(bytes), { provenance: UNKNOWN_PROVENANCE });
}

function chains(facts: Facts): (readonly string[] | null)[] {
  return facts.imports.map((found) => facts.callPath(found));
}

/** A component whose module above calls the one below through `calls` functions. */
function above(calls: number): string {
  const functions = Array.from({ length: calls }, (_, at) => `(func $f${at} (call ${at === 0 ? '$time' : `$f${at - 1}`}))`).join('');
  return `${LOWERED} ${LINKED} (core module $above (import "below" "time" (func $time)) ${functions} (func (export "run") (call $f${calls - 1})))
    (core instance $a (instantiate $above (with "below" (instance $b)))) (func $run (canon lift (core func $a "run"))) (export "run" (func $run))`;
}

test('a chain goes from module to module and ends at the function of the host', () => {
  const facts = factsOf(above(1));
  expect(chains(facts)).toEqual([['module[1] run', 'f0', 'module[0] time', 'ask', `${CLOCK}#now`], null]);
  expect(facts.reachPaths).toEqual([{ import: 0, steps: ['module[1] run', 'f0', 'module[0] time', 'ask', `${CLOCK}#now`] }]);
});

test('it starts at what runs, not at what is exported inside only', () => {
  expect(chains(factsOf(`${LOWERED} ${LINKED} (func $t (canon lift (core func $b "unused"))) (export "t" (func $t))`))).toEqual([null, ['module[0] unused', `${CLOCK}#resolution`]]);
  expect(chains(factsOf(`${LOWERED} ${LINKED}`))).toEqual([null, null]);
});

test('of a long chain the middle is left out, and the module is named anew behind the gap', () => {
  const facts = factsOf(above(40));
  expect(chains(facts)[0]).toEqual(['module[1] run', 'f39', 'f38', '...', 'module[0] time', 'ask', `${CLOCK}#now`]);
  expect(facts.reachPaths[0]!.steps).toEqual(['module[1] run', 'f39', 'f38', 'f37', 'f36', 'f35', '…', 'module[1] f1', 'f0', 'module[0] time', 'ask', `${CLOCK}#now`]);
});

test('calls that go round between two modules end', () => {
  const facts = factsOf(`${LOWERED} (core module $shim (type $t (func)) (table (export "t") 1 1 funcref) (func (export "go") (call_indirect (type $t) (i32.const 0)))) (core instance $s (instantiate $shim))
    (core module $main (import "s" "go" (func $go)) (import "c" "now" (func $now)) (func (export "run") (call $go) (call $now)))
    (core instance $m (instantiate $main (with "s" (instance $s)) (with "c" (instance (export "now" (func $l))))))
    (core module $fix (import "" "t" (table 1 1 funcref)) (import "" "f" (func $f)) (elem (i32.const 0) func $f))
    (core instance (instantiate $fix (with "" (instance (export "t" (table $s "t")) (export "f" (func $m "run"))))))
    (func $run (canon lift (core func $m "run"))) (export "run" (func $run))`);
  expect(chains(facts)[0]).toEqual(['module[1] run', `${CLOCK}#now`]);
});

test.each(['rust-hello-wasip2', 'rust-tcp-client-wasip2'])('in %s every reached function has a chain, and it starts at an entry point', (name) => {
  const facts = factsOf(readFileSync(`test/fixtures/toolchains/${name}.wasm`));
  const reached = facts.imports.filter(({ reachable }) => reachable === true);
  expect(reached.length).toBeGreaterThan(0);
  for (const found of reached) expect(facts.callPath(found)?.at(-1)).toBe(`${found.module}#${found.name}`);
  for (const { steps } of facts.reachPaths) expect(steps[0]).toMatch(/^(?:component\[\d+\]\/)*module\[\d+\] ./);
});
