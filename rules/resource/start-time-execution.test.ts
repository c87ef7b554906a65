import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

test('says what the start function reaches, each once and by the calls of its table too', async () => {
  const found = await find(`(module
    (import "env" "log" (func $log)) (import "env" "never" (func $never)) (import "env" "beep" (func $beep))
    (func $helper (call $beep) (call $main) (call $helper))
    (func $other (call $never))
    (func $main (call $log) (call $helper) (call $log))
    (start $main))`);
  expect(found.map(({ message }) => message)).toEqual(['Runs a start function at instantiation; calls reach 1 more function and the imports env.log, env.beep']);
});

test('what a table lets the start function call counts', async () => {
  const text = (table: string): string => `(module
    (import "env" "log" (func $log)) (import "env" "never" (func $never))
    (table ${table} 2 funcref) (elem (i32.const 0) $log $never)
    (func $main (call_indirect (i32.const 0)))
    (start $main))`;
  expect((await find(text('')))[0]?.message).toBe('Runs a start function at instantiation; calls reach 0 more functions and the imports env.log');
  expect((await find(text('(export "t")')))[0]?.message).toBe('Runs a start function at instantiation; calls reach 0 more functions and the imports env.log, env.never');
});

test('the start function may be an import', async () => {
  expect(await find('(module (import "env" "boot" (func $boot)) (start $boot))')).toMatchObject([{ subject: 'start', location: { path: 'start' } }]);
});

test('an initialiser inside a component is called by its own code', async () => {
  expect(await find('(component (core module (func (export "_initialize"))))')).toEqual([]);
  expect(await find('(component (core module (func $main) (start $main)))')).toMatchObject([{ subject: 'inner start', location: { path: 'module[0]/start' } }]);
});

test('only a function is an initialiser', async () => {
  expect(await find('(module (memory (export "_initialize") 1))')).toEqual([]);
  expect(await find('(module (func (export "a")) (func (export "_initialize")))')).toMatchObject([{ subject: '_initialize', location: { path: 'export[1] _initialize' } }]);
});

function find(text: string) {
  return findingsOf(watToWasm(text), { rules: ['start-time-execution'] });
}
