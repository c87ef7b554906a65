import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

test.each([
  ['address sanitizer', '(import "env" "__asan_init" (func))'],
  ['undefined behaviour sanitizer', '(func $__ubsan_handle_add_overflow)'],
  ['thread or memory sanitizer', '(func $__tsan_func_entry)'],
  ['coverage', '(func (export "__llvm_profile_dump"))'],
  ['coverage', '(func $__gcov_init)'],
  ['coverage', '(@custom "__llvm_covmap" "x")'],
  ['wasm-bindgen test', '(func (export "__wbgt_add_works"))'],
  ['wasm-bindgen test', '(@custom "__wasm_bindgen_test_unstable" "x")'],
  ['rust test', '(func $_ZN4test16test_main_static17h0123456789abcdefE)'],
  ['fuzz target', '(func (export "LLVMFuzzerTestOneInput"))'],
  ['object file', '(@custom "reloc.CODE" "\\03\\00")'],
])('%s: %s', async (subject, part) => {
  expect(await find(`(module ${part})`)).toMatchObject([{ subject }]);
});

test('functions and sections of one kind are one finding', async () => {
  expect(await find('(module (func $__wbgt_a) (func $__wbgt_b) (@custom "__wasm_bindgen_test_unstable" "x"))')).toHaveLength(1);
});

test('flushing counters that do not exist is what runtimes do', async () => {
  expect(await find('(module (func $__gcov_dump) (func $__gcov_reset) (func $run_tests) (func $my__asan) (func $latest_main))')).toEqual([]);
});

function find(text: string) {
  return findingsOf(watToWasm(text), { rules: ['test-or-sanitizer-build'] });
}
