import { array, assert, constantFrom, integer, oneof, property, record, type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { decode } from '../../wasm/decode.ts';
import { buildCallGraph, type CallGraph } from './build.ts';
import { indicesOf } from './references.ts';

function graphOf(text: string): CallGraph {
  const module = decode(watToWasm(text));
  if (module.kind !== 'module') throw new Error('Not a module');
  expect(module.problems).toEqual([]);
  return buildCallGraph(module);
}

function reached(text: string): number[] {
  return [...indicesOf(graphOf(text).reachable)];
}

describe('entry points', () => {
  test.each([
    ['an export', '(func) (func (export "f"))', [1]],
    ['the start function', '(func) (func) (start 1)', [1]],
    ['a function of an exported table', '(table (export "t") 1 funcref) (elem (i32.const 0) 1) (func) (func)', [1]],
    ['a function put into an imported table', '(import "m" "t" (table 1 funcref)) (elem (i32.const 0) 1) (func) (func)', [1]],
    ['an entry of a passive segment that code copies into an exported table', '(table (export "t") 1 funcref) (elem funcref (ref.func 1)) (func (export "f") (table.init 0 (i32.const 0) (i32.const 0) (i32.const 1))) (func) (func)', [0, 1]],
    ['the value of an exported global', '(global (export "g") funcref (ref.func 1)) (func) (func)', [1]],
    ['what every slot of an exported table starts with', '(table (export "t") 1 funcref (ref.func 1)) (func) (func)', [1]],
    ['a reference that an export returns', '(elem declare func 1) (func (export "f") (result funcref) (ref.func 1)) (func) (func)', [0, 1]],
    ['a reference that is given to the host', '(import "m" "f" (func (param funcref))) (elem declare func 2) (func (export "f") (call 0 (ref.func 2))) (func) (func)', [0, 1, 2]],
    ['a reference that is thrown at the host', '(tag (export "e") (param funcref)) (elem declare func 1) (func (export "f") (throw 0 (ref.func 1))) (func) (func)', [0, 1]],
    ['a reference inside a structure that an export returns', '(type $s (struct (field funcref))) (elem declare func 1) (func (export "f") (result (ref $s)) (struct.new $s (ref.func 1))) (func) (func)', [0, 1]],
    ['a reference in the value of an exported global', '(type $s (struct (field funcref))) (global (export "g") (ref $s) (struct.new $s (ref.func 1))) (func) (func)', [1]],
  ])('%s', (_, text, expected) => {
    expect(reached(`(module ${text})`)).toEqual(expected);
  });

  test.each([
    ['a declarative segment', '(elem declare func 0) (func)'],
    ['a table that nobody sees', '(table 1 funcref) (elem (i32.const 0) 0) (func)'],
    ['a passive segment', '(elem func 0) (func)'],
    ['references of the host alone', '(import "m" "f" (func (param externref))) (table 1 funcref) (elem (i32.const 0) 1) (func)'],
  ])('not %s', (_, text) => {
    expect(reached(`(module ${text})`)).toEqual([]);
  });
});

describe('indirect calls', () => {
  const INDIRECT = '(type $t (func)) (type $other (func (param i32)))';

  test.each([
    ['of a type', '(table 3 funcref) (elem (i32.const 0) 1 2) (func (export "f") (param i32) (call_indirect (type $t) (local.get 0))) (func) (func (param i32)) (func)', [0, 1]],
    ['on another table', '(table 1 funcref) (table 1 funcref) (elem (table 1) (i32.const 0) func 1) (elem (table 0) (i32.const 0) func 2) (func (export "f") (param i32) (call_indirect 1 (type $t) (local.get 0))) (func) (func)', [0, 1]],
    ['as a tail call', '(table 1 funcref) (elem (i32.const 0) 1) (func (export "f") (param i32) (return_call_indirect (type $t) (local.get 0))) (func) (func)', [0, 1]],
    ['with a known index', '(table 3 funcref) (elem (i32.const 1) 1 2) (func (export "f") (call_indirect (type $t) (i32.const 2))) (func) (func)', [0, 2]],
    ['with an index through a local', '(table 3 funcref) (elem (i32.const 1) 1 2) (func (export "f") (local i32) (local.set 0 (i32.const 1)) (call_indirect (type $t) (local.get 0))) (func) (func)', [0, 1]],
    ['with a masked index', '(table 4 funcref) (elem (i32.const 0) 1 2 3) (func (export "f") (param i32) (call_indirect (type $t) (i32.and (local.get 0) (i32.const 1)))) (func) (func) (func)', [0, 1, 2]],
    ['with a masked index and a base', '(table 4 funcref) (elem (i32.const 0) 1 2 3) (func (export "f") (param i32) (call_indirect (type $t) (i32.add (i32.and (local.get 0) (i32.const 1)) (i32.const 1)))) (func) (func) (func)', [0, 2, 3]],
    ['where a later segment replaces an earlier one', '(table 2 funcref) (elem (i32.const 0) 1) (elem (i32.const 0) 2) (func (export "f") (call_indirect (type $t) (i32.const 0))) (func) (func)', [0, 2]],
    ['with a known index and a start that is not known', '(import "m" "g" (global i32)) (table 3 funcref) (elem (global.get 0) 1 2) (func (export "f") (call_indirect (type $t) (i32.const 0))) (func) (func) (func)', [0, 1, 2]],
    ['with a known index that another sum follows', '(table 3 funcref) (elem (i32.const 0) 1 2) (func (export "f") (param i32) (call_indirect (type $t) (i32.add (local.get 0) (i32.const 0)))) (func) (func) (func)', [0, 1, 2]],
    ['into a table that code fills', '(table 2 funcref) (elem (i32.const 0) 1) (elem declare func 2) (func (export "f") (table.fill 0 (i32.const 0) (ref.func 2) (i32.const 1)) (call_indirect (type $t) (i32.const 1))) (func) (func) (func)', [0, 1, 2]],
    ['into a table that code sets', '(table 2 funcref) (elem declare func 1) (func (export "f") (table.set 0 (i32.const 0) (ref.func 1)) (call_indirect (type $t) (i32.const 1))) (func) (func)', [0, 1]],
    ['into a table that grows', '(table 2 funcref) (elem declare func 1) (func (export "f") (drop (table.grow 0 (ref.func 1) (i32.const 1))) (call_indirect (type $t) (i32.const 1))) (func) (func)', [0, 1]],
    ['into a table that is copied from another', '(table 2 funcref) (table 1 funcref) (elem (table 1) (i32.const 0) func 1) (func (export "f") (table.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 1)) (call_indirect (type $t) (i32.const 1))) (func) (func)', [0, 1]],
    ['into a table that starts with a function', '(table 2 funcref (ref.func 1)) (func (export "f") (call_indirect (type $t) (i32.const 1))) (func) (func)', [0, 1]],
    ['into an entry that an expression gives', '(global $g funcref (ref.func 1)) (table 1 funcref) (elem (i32.const 0) funcref (global.get $g)) (func (export "f") (call_indirect (type $t) (i32.const 0))) (func) (func)', [0, 1]],
    ['by reference', '(elem declare func 1) (func (export "f") (call_ref $t (ref.func 1))) (func) (func) ', [0, 1]],
    ['by a reference from the host', '(func (export "f") (param (ref $t)) (call_ref $t (local.get 0))) (func) (func (export "g"))', [0, 2]],
    ['of a continuation', '(type $c (cont $t)) (elem declare func 1) (func (export "f") (resume $c (cont.new $c (ref.func 1)))) (func) (func)', [0, 1]],
  ])('%s', (_, text, expected) => {
    expect(reached(`(module ${INDIRECT} ${text})`)).toEqual(expected);
  });

  test('a subtype can be called by its supertype, not the other way round', () => {
    const types = '(type $a (sub (func))) (type $b (sub $a (func))) (type $c (sub $b (func)))';
    const text = (called: string): string => `(module ${types} (table 4 funcref) (elem (i32.const 0) 1 2 3) (func (export "f") (param i32) (call_indirect (type ${called}) (local.get 0))) (func (type $a)) (func (type $b)) (func (type $c)))`;
    expect([reached(text('$a')), reached(text('$b')), reached(text('$c'))]).toEqual([[0, 1, 2, 3], [0, 2, 3], [0, 3]]);
    const slot = (called: string, at: number): string => text(called).replace('local.get 0', `i32.const ${at}`);
    expect([reached(slot('$a', 2)), reached(slot('$b', 0))]).toEqual([[0, 3], [0]]);
  });
});

test('a table is closed where nobody can change it', () => {
  const call = '(func (export "f") (call_indirect (type 0) (i32.const 0)))';
  const closed = (text: string): boolean => graphOf(`(module (type (func)) ${text})`).closed;
  expect(closed(call.replace('(call_indirect (type 0) (i32.const 0))', ''))).toBe(true);
  expect(closed(`(table 1 funcref) (elem (i32.const 0) 0) ${call}`)).toBe(true);
  expect(closed(`(table (export "t") 1 funcref) (elem (i32.const 0) 0) ${call}`)).toBe(false);
  expect(closed(`(import "m" "t" (table 1 funcref)) ${call}`)).toBe(false);
  expect(closed(`(table 1 funcref) ${call} (func (table.set 0 (i32.const 0) (ref.null func)))`)).toBe(false);
  expect(closed(`(func (export "f") (param funcref))`)).toBe(false);
});

test('chains are shortest ones, and imports know their entry points', () => {
  const graph = graphOf('(module (import "m" "a" (func)) (import "m" "b" (func)) (func (export "long") call 3) (func call 4) (func call 0) (func (export "short") call 4 call 5) (func))');
  expect(graph.pathTo(0)).toEqual([5, 4, 0]);
  expect(graph.pathTo(1)).toBeNull();
  expect([graph.entryPointsOf(0), graph.entryPointsOf(1)]).toEqual([[2, 5], []]);
  expect(graph.reachFrom([2]).pathTo(0)).toEqual([2, 3, 4, 0]);
  expect([graph.importReach([2]), graph.importReach([6])]).toEqual([[0], []]);
  expect(graph.calleesOf(5)).toEqual([4, 5]);
});

test('what the host can put into a table or hand over counts as called from it', () => {
  const graph = graphOf('(module (type $t (func)) (table (export "t") 1 funcref) (func (export "f") (call_indirect (type $t) (i32.const 0))) (func (export "g") call 2) (func))');
  expect([...indicesOf(graph.reachFrom([0]).reached)]).toEqual([0, 1, 2]);
  const handed = graphOf('(module (type $t (func)) (func (export "f") (param (ref $t)) (call_ref $t (local.get 0))) (func (export "g")))');
  expect(handed.calleesOf(0)).toEqual([1]);
});

test('the widest call is the one with most functions of its type, subtypes included', () => {
  expect(graphOf('(module (func (export "f")))').widestCall()).toBeNull();
  const types = '(type $a (sub (func))) (type $b (sub $a (func)))';
  const graph = graphOf(`(module ${types} (table 3 funcref) (elem (i32.const 0) 2 3 3) (func (export "f") (call_indirect (type $b) (i32.const 0) (i32.add (i32.const 1)))) (func (export "g") (param i32) (call_indirect (type $a) (local.get 0))) (func (type $a)) (func (type $b)))`);
  expect(graph.widestCall()).toEqual({ caller: 1, targets: 2 });
});

test('a chain of a hundred thousand calls, and of types, is followed without recursion', () => {
  const calls = Array.from({ length: 100_000 }, (_, at) => `(func call ${(at + 2) % 100_001})`).join('');
  const graph = graphOf(`(module (import "m" "f" (func)) (export "run" (func 1)) ${calls})`);
  expect([graph.pathTo(0)?.length, graph.entryPointsOf(0)]).toEqual([100_001, [1]]);
  const types = Array.from({ length: 20_000 }, (_, at) => `(type (sub ${at === 0 ? '' : at - 1} (func)))`).join('');
  const deep = graphOf(`(module ${types} (table 1 funcref) (elem (i32.const 0) 1) (func (export "f") (param i32) (call_indirect (type 0) (local.get 0))) (func (type 19999)))`);
  expect([...deep.reachable]).toEqual([1, 1]);
});

/** What one generated function does. */
type Step = { readonly does: 'call'; readonly callee: number } | { readonly does: 'through'; readonly slot: number } | { readonly does: 'take'; readonly callee: number };
const IMPORTS = 35;
const DEFINED = 6;
const TOTAL = IMPORTS + DEFINED;
const anyFunction = integer({ min: 0, max: TOTAL - 1 });
const step: Arbitrary<Step> = oneof(
  record({ does: constantFrom('call' as const), callee: anyFunction }),
  record({ does: constantFrom('through' as const), slot: integer({ min: 0, max: 5 }) }),
  record({ does: constantFrom('take' as const), callee: anyFunction }),
);
const program = record({
  bodies: array(array(step, { maxLength: 4 }), { minLength: DEFINED, maxLength: DEFINED }),
  slots: array(anyFunction, { minLength: 6, maxLength: 6 }),
  exported: integer({ min: IMPORTS, max: TOTAL - 1 }),
  shared: constantFrom('', '(export "t")'),
});

test('every function that an engine runs is reached, and every import has the entry points that run it', () => {
  assert(property(program, ({ bodies, slots, exported, shared }) => {
    const graph = graphOf(programText({ bodies, slots, exported, shared }));
    const ran = runs(bodies, slots, exported);
    const reach = graph.reachFrom([exported]);
    for (const index of ran) {
      expect(reach.reached[index]).toBe(1);
      const path = reach.pathTo(index)!;
      expect([path[0], path.at(-1)]).toEqual([exported, index]);
      path.slice(1).forEach((callee, at) => expect(graph.calleesOf(path[at]!)).toContain(callee));
      if (index < IMPORTS) expect(graph.entryPointsOf(index)).toContain(exported);
    }
    for (let index = 0; index < IMPORTS; index++) {
      expect(graph.entryPointsOf(index)).toEqual([...graph.entryPoints].filter((entry) => graph.reachFrom([entry]).reached[index] === 1));
    }
    if (shared === '' && bodies.flat().every(({ does }) => does !== 'take')) expect([...indicesOf(reach.reached)]).toEqual([...ran].sort((a, b) => a - b));
  }), { numRuns: 150 });
});

function programText({ bodies, slots, exported, shared }: { readonly bodies: readonly (readonly Step[])[]; readonly slots: readonly number[]; readonly exported: number; readonly shared: string }): string {
  const imports = Array.from({ length: IMPORTS }, (_, at) => `(import "m" "f${at}" (func))`).join('');
  const text = { call: (one: Step) => `call ${'callee' in one ? one.callee : 0}`, through: (one: Step) => `i32.const ${'slot' in one ? one.slot : 0} call_indirect (type 0)`, take: (one: Step) => `i32.const 0 ref.func ${'callee' in one ? one.callee : 0} table.set 0` };
  const functions = bodies.map((steps, at) => `(func ${IMPORTS + at === exported ? '(export "run")' : ''} ${steps.map((one) => text[one.does](one)).join(' ')})`).join('');
  return `(module (type (func)) ${imports} (table ${shared} 6 funcref) (elem (i32.const 0) ${slots.join(' ')}) (elem declare func ${Array.from({ length: TOTAL }, (_, at) => at).join(' ')}) ${functions})`;
}

/** Follows every call until nothing new runs, as if all steps of a body ran; what is put into slot 0 counts from then on. */
function runs(bodies: readonly (readonly Step[])[], slots: readonly number[], start: number): ReadonlySet<number> {
  const ran = new Set([start]);
  const zero = new Set([slots[0]!]);
  for (let before = -1; before !== ran.size + zero.size; ) {
    before = ran.size + zero.size;
    const steps = [...ran].flatMap((index) => bodies[index - IMPORTS] ?? []);
    for (const one of steps) if (one.does === 'take') zero.add(one.callee);
    for (const one of steps) targetsOf(one, slots, zero).forEach((target) => ran.add(target));
  }
  return ran;
}

function targetsOf(one: Step, slots: readonly number[], zero: ReadonlySet<number>): readonly number[] {
  if (one.does === 'take') return [];
  if (one.does === 'call') return [one.callee];
  return one.slot === 0 ? [...zero] : [slots[one.slot]!];
}
