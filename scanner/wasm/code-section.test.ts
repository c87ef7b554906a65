import { expect, test } from 'vitest';
import { watToWasm } from '../../test/support/wat.ts';
import { decode } from './decode.ts';
import { ANY_SLOT, TABLE_CHANGES, type Code, type Module } from './module.ts';

function moduleOf(text: string): Module & { readonly code: Code } {
  const module = decode(watToWasm(`(module (type $t (func)) (table 9 funcref) (table 9 funcref) (memory 1) ${text})`));
  if (module.kind !== 'module' || module.code === null) throw new Error('Not a module');
  expect(module.problems).toEqual([]);
  return { ...module, code: module.code };
}

const ANY = [0, ANY_SLOT];

test.each([
  ['i32.const 5', [5, 5]],
  ['i32.const -1', [0xffff_ffff, 0xffff_ffff]],
  ['i32.const 5 local.set 0 local.get 0', [5, 5]],
  ['i32.const 5 local.tee 0', [5, 5]],
  ['local.get 0 i32.const 7 i32.and', [0, 7]],
  ['local.get 0 i32.const 7 i32.and i32.const 16 i32.add', [16, 23]],
  ['local.get 0', ANY],
  ['i32.const 5 local.set 0 local.get 1', ANY],
  ['i32.const 5 local.get 0 drop', ANY],
  ['local.get 0 i32.const 7 i32.or', ANY],
  ['local.get 0 i32.const 16 i32.add', ANY],
  ['local.get 0 i32.const 7 i32.and local.get 1 i32.const 16 i32.add', ANY],
  ['local.get 0 i32.const -1 i32.and i32.const 16 i32.add', ANY],
  // The operand of the load looks like a constant and its opcode.
  ['i32.const 0 i32.load offset=65', ANY],
])('the slots of a call after %s', (index, expected) => {
  const { code } = moduleOf(`(func (local i32 i32) ${index} call_indirect (type $t))`);
  expect([...code.indirectSlots]).toEqual(expected);
});

test('slots belong to their call', () => {
  const { code } = moduleOf('(elem declare func 0) (func (local i32) (call_indirect 1 (type $t) (i32.const 3)) (call_indirect (type $t) (local.get 0)) (call_ref $t (ref.func 0)))');
  expect([...code.indirectCalls]).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0xffff_ffff]);
  expect([...code.indirectSlots]).toEqual([3, 3, ...ANY, ...ANY]);
});

test('what changes a table, and what it copies from', () => {
  const { code } = moduleOf(`(elem func 0) (func
    (drop (table.get 1 (i32.const 0))) (drop (table.size 1))
    (table.set 1 (i32.const 0) (ref.null func)) (table.set 1 (i32.const 1) (ref.null func))
    (drop (table.grow 0 (ref.null func) (i32.const 1)))
    (table.fill 1 (i32.const 0) (ref.null func) (i32.const 1))
    (table.init 1 0 (i32.const 0) (i32.const 0) (i32.const 1))
    (table.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 1)))`);
  expect([...code.tableChanges]).toEqual([TABLE_CHANGES.set, 1, 0, TABLE_CHANGES.set, 0, 0, TABLE_CHANGES.set, 1, 0, TABLE_CHANGES.init, 1, 0, TABLE_CHANGES.copy, 0, 1]);
});

test('functions inside longer constant expressions', () => {
  const { constantReferences } = moduleOf('(type $s (struct (field funcref))) (global (ref $s) (struct.new $s (ref.func 1))) (global funcref (ref.func 2)) (elem (i32.const 0) funcref (ref.func 0)) (func) (func) (func)');
  expect([...constantReferences]).toEqual([1]);
});

test('bit operations, and the widest table inside a loop, by body', () => {
  const table = (labels: number): string => `(block (br_table ${'0 '.repeat(labels)} 0 (i32.const 0)))`;
  const { code } = moduleOf(`(func (drop (i64.rotl (i64.const 1) (i64.xor (i64.const 1) (i64.const 2)))) ${table(9)} (loop ${table(3)} ${table(2)}) ${table(7)}) (func) (func (drop (i32.and (i32.const 1) (i32.const 1))))`);
  expect([...code.bitOperations]).toEqual([2, 0, 1]);
  expect([...code.loopDispatch]).toEqual([3, 0, 0]);
});

test('loops without a way out, in order; beyond the limit they are counted', () => {
  const { code, bytes } = moduleOf(`(func) (func (loop br 0)) (func ${'(block (loop $l br $l))'.repeat(150)})`);
  expect(code.endlessCount).toBe(151);
  expect(code.endlessLoops.length).toBe(200);
  expect([code.endlessLoops[0], code.endlessLoops[2]]).toEqual([1, 2]);
  expect([...bytes.subarray(code.endlessLoops[1], code.endlessLoops[1]! + 5)]).toEqual([0x03, 0x40, 0x0c, 0x00, 0x0b]);
});
