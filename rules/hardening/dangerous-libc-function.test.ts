import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const STRCPY = '(func $strcpy (param i32 i32) (result i32) (local.get 0))';
const call = (callee: string) => `(drop (call $${callee} (i32.const 0) (i32.const 0)))`;

test('a call from the program counts more than one from the library', async () => {
  expect(await find(`(module ${STRCPY} (func $greet ${call('strcpy')}))`)).toMatchObject([{ confidence: 'medium', message: 'Has strcpy, which copies without a bound; called by greet' }]);
  expect(await find(`(module ${STRCPY} (func $strerror ${call('strcpy')}) (func $__tre ${call('strcpy')}))`)).toMatchObject([{ confidence: 'low', message: 'Has strcpy, which copies without a bound' }]);
  expect(await find(`(module ${STRCPY})`)).toMatchObject([{ confidence: 'low' }]);
});

test('what one dangerous function calls in another is no use by the program', async () => {
  expect(await find(`(module ${STRCPY} (func $strcat (param i32 i32) (result i32) (call $strcpy (i32.const 0) (i32.const 0))))`)).toMatchObject([{ subject: 'strcpy', confidence: 'low' }, { subject: 'strcat', confidence: 'low' }]);
});

test('what has no safe use has high confidence when it is used', async () => {
  expect(await find('(module (func $gets (param i32) (result i32) (i32.const 0)) (func $read (drop (call $gets (i32.const 0)))))')).toMatchObject([{ subject: 'gets', confidence: 'high' }]);
  expect(await find('(module (import "env" "system" (func (param i32) (result i32))))')).toMatchObject([{ confidence: 'high', location: { path: 'import[0] env.system' } }]);
});

test('a caller without a name is a caller', async () => {
  expect(await find(`(module ${STRCPY} (func ${call('strcpy')}))`)).toMatchObject([{ confidence: 'medium', message: expect.stringContaining('called by a function without a name') as string }]);
});

test('exports name functions where the name section is stripped', async () => {
  expect(await find('(module (func (export "sprintf")))')).toMatchObject([{ subject: 'sprintf', location: { path: 'export[0] sprintf' } }]);
});

test('names that only contain one are others', async () => {
  expect(await find('(module (func $my_strcpy) (func $strcpy_s) (func (export "widgets")) (func $system_call) (import "env" "file_system" (func)))'.replace('(import "env" "file_system" (func))', ''))).toEqual([]);
  expect(await find('(module (import "env" "file_system" (func)) (import "env" "targets" (memory 1)))')).toEqual([]);
});

function find(text: string) {
  return findingsOf(watToWasm(text), { rules: ['dangerous-libc-function'] });
}
