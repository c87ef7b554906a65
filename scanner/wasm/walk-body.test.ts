import { expect, test } from 'vitest';
import { watToWasm } from '../../test/support/wat.ts';
import { decode } from './decode.ts';
import { walkBody } from './walk-body.ts';

function walk(text: string): { readonly whole: boolean; readonly seen: (readonly [number, number])[] } {
  const module = decode(watToWasm(`(module (memory 1) (table 1 funcref) (global (mut i32) (i32.const 0)) (type $t (func (param i32) (result i32))) (func ${text}))`));
  if (module.kind !== 'module' || module.code === null) throw new Error('Not a module');
  const seen: (readonly [number, number])[] = [];
  return { whole: walkBody(module, module.code, 0, (opcode, operand) => seen.push([opcode, operand])), seen };
}

test('every instruction with the index it names, whatever immediates stand between', () => {
  const { whole, seen } = walk(`(local i64 f32) i32.const 100000 i64.const -5000000000 f32.const 1 f64.const 1 drop drop drop drop
    i32.const 0 i32.load offset=300 align=1 local.set 2
    (block (result i32) i32.const 1) (block $a (block $b (br_table $a $b $a (i32.const 200)))) global.get 0 call 0 (call_indirect (type $t) (i32.const 1) (i32.const 0))`.replace('local.set 2', 'drop'));
  expect(whole).toBe(true);
  expect(seen.map(([opcode]) => opcode)).toEqual([0x41, 0x42, 0x43, 0x44, 0x1a, 0x1a, 0x1a, 0x1a, 0x41, 0x28, 0x1a, 0x02, 0x41, 0x0b, 0x02, 0x02, 0x41, 0x0e, 0x0b, 0x0b, 0x23, 0x10, 0x41, 0x41, 0x11, 0x0b]);
  expect(seen.filter(([opcode]) => opcode === 0x10 || opcode === 0x23)).toEqual([[0x23, 0], [0x10, 0]]);
});

test('ends at what is younger', () => {
  expect(walk('nop (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) nop')).toEqual({ whole: false, seen: [[0x01, -1], [0x41, -1], [0x41, -1], [0x41, -1]] });
  expect(walk('(block (result v128) (v128.const i64x2 0 0)) drop').whole).toBe(false);
});
