import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

test('a call is coarse from 1,001 functions of its type on', async () => {
  expect(await find(program({ count: 1_000 }))).toEqual([]);
  expect(await find(program({ count: 1_001 }))).toMatchObject([{ severity: 'note', message: 'One indirect call can go to any of 1001 functions of its type', location: { path: 'func[1001]' } }]);
});

test('functions of other types, and subtypes of the called one, are told apart', async () => {
  expect(await find(program({ count: 1_001, types: '(type $f (func (param i32))) (type $called (func))' }))).toEqual([]);
  expect(await find(program({ count: 1_001, types: '(type $called (sub (func))) (type $f (sub $called (func)))' }))).toHaveLength(1);
});

test('a known index is one function', async () => {
  expect(await find(program({ count: 1_001, index: 'i32.const 3' }))).toEqual([]);
});

function find(text: string) {
  return findingsOf(watToWasm(text), { rules: ['coarse-indirect-call-class'] });
}

function program({ count, types = '(type $f (func)) (type $called (func))', index = 'local.get 0' }: { readonly count: number; readonly types?: string; readonly index?: string }): string {
  const functions = Array.from({ length: count }, () => '(func (type $f))').join('');
  const indices = Array.from({ length: count }, (_, at) => at).join(' ');
  return `(module ${types} (table ${count} funcref) (elem (i32.const 0) ${indices}) ${functions} (func (export "run") (param i32) (call_indirect (type $called) (${index}))))`;
}
