import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const WORK = 'i32.const 0 i32.const 1 i32.store';

test.each([
  ['a branch out', '(block $out (loop $l br_if $out (i32.const 1) br $l))'.replace('br_if $out (i32.const 1)', '(br_if $out (i32.const 1))')],
  ['a branch to an outer loop', `(loop $outer (loop $l ${WORK} (br_if $outer (i32.const 1)) br $l) )`],
  ['a return', `(loop $l ${WORK} (if (i32.const 0) (then return)) br $l)`],
  ['a trap', `(loop $l ${WORK} (if (i32.const 0) (then unreachable)) br $l)`],
  ['a call', `(loop $l ${WORK} call 0 br $l)`],
  ['a table of branches', `(block $out (loop $l ${WORK} (br_table $l $out (i32.const 1))))`],
  ['waiting', '(loop $l (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))) br $l)'],
  ['an end that is reached', `(loop $l (block ${WORK} (br_if 0 (i32.const 1)) br $l))`],
  ['a condition on the branch back', `(loop $l ${WORK} (br_if $l (i32.const 1)))`],
])('%s is a way out', async (_, body) => {
  expect(await find(`(module (memory 1 1 shared) (func (export "run") ${body}))`)).toEqual([]);
});

test('a condition inside leads to no way out', async () => {
  expect(await find(`(module (memory 1) (func (export "run") (loop $l (block $in (br_if $in (i32.const 1)) ${WORK}) br $l)))`)).toMatchObject([{ message: 'A loop has no way out, in run', subject: 'loop', confidence: 'medium', location: { path: 'func[0]', length: 2 } }]);
});

test('a loop after one that can be left, and around one that can', async () => {
  const left = '(loop $a (br_if $a (i32.const 0)))';
  expect(await find(`(module (memory 1) (func (export "run") (block $out (br_if $out (i32.const 0)) ${left} (loop $l ${WORK} ${left} br $l))))`)).toHaveLength(1);
});

test('a loop inside one that never ends is found with it', async () => {
  const [found] = await find(`(module (memory 1) (func (export "run") (loop $a (loop $b ${WORK} br $b) br $a)))`);
  expect(found?.message).toBe('2 loops have no way out, in run');
});

test('empty loops count in functions that the host calls', async () => {
  expect(await find('(module (func $panic (loop br 0)) (func (export "run") call $panic))')).toEqual([]);
  expect(await find('(module (func $main (loop br 0)) (start $main))')).toHaveLength(1);
});

test('what nothing reaches is said so, with low confidence', async () => {
  const dead = await find(`(module (memory 1) (func $dead (loop $l ${WORK} br $l)) (func (export "run")))`);
  expect(dead).toMatchObject([{ message: 'A loop has no way out, in dead, which nothing in the program reaches', confidence: 'low' }]);
});

function find(text: string) {
  return findingsOf(watToWasm(text), { rules: ['infinite-loop'] });
}
