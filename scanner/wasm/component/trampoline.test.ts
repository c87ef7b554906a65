import { expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { decodeModule } from '../module-decoder.ts';
import { readTrampoline } from './trampoline.ts';

const PARAMS = '(local.get 0) (local.get 1)';

test.each([
  ['call_indirect', `${PARAMS} (call_indirect (type 0) (i32.const 3))`, { table: 0, slot: 3 }],
  ['a tail call through another table', `${PARAMS} (return_call_indirect $b (type 0) (i32.const 70000))`, { table: 1, slot: 70_000 }],
])('a function that passes its parameters on by %s is a trampoline', (_, body, slot) => expect(read(body)).toEqual(slot));

test.each([
  ['parameters in another order', '(local.get 1) (local.get 0) (call_indirect (type 0) (i32.const 3))'],
  ['a constant instead of a parameter', '(local.get 0) (i32.const 1) (call_indirect (type 0) (i32.const 3))'],
  ['locals of its own', `(local i32) ${PARAMS} (call_indirect (type 0) (i32.const 3))`],
  ['a slot from elsewhere', `${PARAMS} (call_indirect (type 0) (local.get 0))`],
  ['a negative slot', `${PARAMS} (call_indirect (type 0) (i32.const -1))`],
  ['another type', `${PARAMS} (call_indirect (type 1) (i32.const 3))`],
  ['something after the call', `${PARAMS} (call_indirect (type 0) (i32.const 3)) (nop)`],
  ['a direct call', `${PARAMS} (call 0)`],
  ['nothing', 'unreachable'],
])('one with %s is not', (_, body) => expect(read(body)).toBeNull());

test('an imported function or one that is not there is none', () => {
  expect(readTrampoline(moduleWith('unreachable'), 0)).toBeNull();
  expect(readTrampoline(moduleWith('unreachable'), 9)).toBeNull();
});

function read(body: string) {
  return readTrampoline(moduleWith(body), 1);
}

function moduleWith(body: string) {
  const bytes = watToWasm(`(module (type (func (param i32 i32))) (type (func (param i32 i32))) (import "a" "b" (func (type 0))) (table $a 1 funcref) (table $b 1 funcref) (func (type 0) ${body}))`);
  return decodeModule(bytes, 0, bytes.length);
}
