import { expect, test } from 'vitest';
import { isLicenseExpression, namesNoLicense } from './license-expression.ts';

test.each(['MIT', 'Apache-2.0 WITH LLVM-exception', 'GPL-2.0+', '(MIT OR Apache-2.0) AND BSD-3-Clause', 'LicenseRef-house', 'DocumentRef-a:LicenseRef-b', '((MIT))', 'mit or apache-2.0'])('%s is an expression', (text) => {
  expect(isLicenseExpression(text)).toBe(true);
});

test.each([
  '', 'see LICENSE', 'MIT Apache-2.0', 'MIT OR', 'OR MIT', '(MIT', 'MIT)', 'MIT/Apache-2.0', 'https://example.com/license', '(MIT) WITH LLVM-exception', 'MIT WITH (LLVM-exception)', 'MIT WITH a WITH b', '()', 'a'.repeat(2000), `${'('.repeat(40)}MIT${')'.repeat(40)}`,
])('%s is none', (text) => {
  expect(isLicenseExpression(text)).toBe(false);
});

test.each([['NONE', true], ['UNLICENSED', true], ['LicenseRef-house OR MIT', true], ['MIT', false], ['Unlicense', false]])('%s names no licence: %s', (text, expected) => {
  expect(namesNoLicense(text)).toBe(expected);
});
