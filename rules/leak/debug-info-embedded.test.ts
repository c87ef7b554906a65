import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

test('one finding lists every section with its bytes, DWARF first', async () => {
  const found = await find('(module (func $pay) (@custom ".debug_info" "\\01\\02\\03") (@custom ".debug_str" "abcd"))');
  expect(found).toMatchObject([{ subject: 'dwarf', location: { path: expect.stringMatching(/custom\[\d\] \.debug_info$/) as string, length: 3 } }]);
  expect(found[0]?.message).toMatch(/\.debug_info \(3 bytes\).*\.debug_str \(4 bytes\)/);
});

test('sections of the modules of a component are added up', async () => {
  const found = await find('(component (core module (@custom ".debug_info" "abc")) (core module (@custom ".debug_info" "defg")))');
  expect(found.map(({ message }) => message)).toEqual(['Carries debug information: .debug_info (7 bytes)']);
});

test('names of functions alone have a subject of their own, and a name section without functions none', async () => {
  expect(await find('(module (func $pay))')).toMatchObject([{ subject: 'names' }]);
  expect(await find('(module $shop (func (local i32)))')).toEqual([]);
  expect(await find('(module (@custom ".debug_info" ""))')).toEqual([]);
});

function find(text: string) {
  return findingsOf(watToWasm(text), { rules: ['debug-info-embedded'] });
}
