import { expect, test } from 'vitest';
import { scanBytes } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';
import { keepsStack, stackPointer } from './stack-pointer.ts';

const pointerIn = async (globals: string) => stackPointer((await scanBytes(watToWasm(`(module (memory 2) ${globals})`), { rules: [] })).facts!.modules[0]!);

test('is the first global, where it starts', async () => {
  expect(await pointerIn('(global (mut i32) (i32.const 66560)) (global (mut i32) (i32.const 1024))')).toMatchObject({ start: 66560, location: { path: 'global[0]' } });
  expect(await pointerIn('(global (mut i64) (i64.const 1048576))')).toMatchObject({ start: 1_048_576 });
});

test.each(['(global i32 (i32.const 66560))', '(global (mut i32) (i32.const 66561))', '(global (mut i32) (i32.const 0))', '(global (mut f64) (f64.const 4096))', ''])('%s is none', async (globals) => {
  expect(await pointerIn(globals)).toBeNull();
});

test('imported globals come before it, and are none', async () => {
  const module = (text: string) => scanBytes(watToWasm(text), { rules: [] }).then(({ facts }) => facts!.modules[0]!);
  expect(stackPointer(await module('(module (import "env" "__stack_pointer" (global (mut i32))))'))).toBeNull();
  expect(stackPointer(await module('(module (import "env" "__memory_base" (global i32)) (global (mut i32) (i32.const 65536)))'))).toMatchObject({ start: 65_536, location: { path: 'global[1]' } });
});

test('addresses above 2 GiB are not negative', async () => {
  expect(await pointerIn('(global (mut i32) (i32.const 0x90000000))')).toMatchObject({ start: 0x9000_0000 });
});

test.each([[['Rust'], true], [['C', 'C++'], true], [['Go'], false], [['AssemblyScript'], false], [[], false]])('%s keeps a stack in memory: %s', (languages, expected) => {
  expect(keepsStack({ languages, tools: [] })).toBe(expected);
});
