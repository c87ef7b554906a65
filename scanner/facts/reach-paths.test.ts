import { expect, test } from 'vitest';
import { watToWasm } from '../../test/support/wat.ts';
import { decode } from '../wasm/decode.ts';
import { UNKNOWN_PROVENANCE } from '../provenance.ts';
import { collectFacts } from './collect.ts';
import type { ReachPath } from './facts.ts';

function pathsOf(wat: string): readonly ReachPath[] {
  const bytes = watToWasm(wat);
  return collectFacts({ name: 'a.wasm', digest: 'sha256:0', bytes }, decode(bytes), { provenance: UNKNOWN_PROVENANCE }).reachPaths;
}

test('a shortest chain of calls, by names of exports, of the name section and of imports; none for what nothing calls', () => {
  expect(pathsOf(`(module
    (import "env" "memory" (memory 1)) (import "env" "system" (func $system)) (import "env" "dead" (func))
    (func $middle call $system) (func (export "_start") call $middle))`)).toEqual([{ import: 1, steps: ['_start', 'middle', 'env.system'] }]);
});

test('functions without a name are called by their index', () => {
  expect(pathsOf('(module (import "env" "f" (func)) (func call 0) (func call 1) (start 2))')).toEqual([{ import: 0, steps: ['func[2]', 'func[1]', 'env.f'] }]);
});

test('the middle of a long chain is left out', () => {
  const chain = Array.from({ length: 100 }, (_, index) => `(func call ${index})`).join('');
  const [path] = pathsOf(`(module (import "env" "f" (func)) ${chain} (export "go" (func 100)))`);
  expect(path!.steps).toEqual(['go', 'func[99]', 'func[98]', 'func[97]', 'func[96]', 'func[95]', '…', 'func[4]', 'func[3]', 'func[2]', 'func[1]', 'env.f']);
});
