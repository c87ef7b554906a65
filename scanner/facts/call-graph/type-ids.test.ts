import { expect, test } from 'vitest';
import { watToWasm } from '../../../test/support/wat.ts';
import { decode } from '../../wasm/decode.ts';
import { typeIds, type TypeIds } from './type-ids.ts';

function idsOf(types: string): TypeIds {
  const module = decode(watToWasm(`(module ${types})`));
  if (module.kind !== 'module') throw new Error('Not a module');
  expect(module.problems).toEqual([]);
  return typeIds(module.types);
}

test('equal function types are one, whatever stands between them', () => {
  expect([...idsOf('(type (func)) (type (func (param i32))) (type (func)) (type (func (result i32))) (type (func (param i32)))').same]).toEqual([0, 1, 0, 3, 1]);
});

test('types of recursion groups are equal when the whole groups are', () => {
  const one = '(rec (type (func (param (ref null 1)))) (type (struct)))';
  expect([...idsOf(`${one} (rec (type (func (param (ref null 3)))) (type (struct)))`).same]).toEqual([0, 1, 0, 1]);
  expect([...idsOf(`${one} (rec (type (func (param (ref null 2)))) (type (struct)))`).same]).toEqual([0, 1, 2, 3]);
  expect([...idsOf('(type (func)) (rec (type (func)) (type (struct)))').same]).toEqual([0, 1, 2]);
});

test('a reference out of the group is compared by what it names', () => {
  expect([...idsOf('(type (func)) (type (func)) (type (func (param (ref 0)))) (type (func (param (ref 1))))').same]).toEqual([0, 0, 2, 2]);
});

test('final, mutable and supertypes make types differ', () => {
  expect([...idsOf('(type (sub (func))) (type (sub final (func))) (type (func)) (type (sub 0 (func)))').same]).toEqual([0, 1, 1, 3]);
  expect([...idsOf('(type (array i8)) (type (array (mut i8))) (type (array i8)) (type (struct (field i8)))').same]).toEqual([0, 1, 0, 3]);
});

test('subtypes are found below the first of equal types, each once', () => {
  const { below } = idsOf('(type (sub (func))) (type (sub (func))) (type (sub 1 (func))) (type (sub 0 (func))) (type (sub 2 (func)))');
  expect([below(0), below(2), below(4)]).toEqual([[2], [4], []]);
});
