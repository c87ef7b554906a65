import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { harmless, harmlessJson, harmlessName } from './harmless.ts';

test('plain text of any script stays as it is', () => {
  for (const text of ['env.fd_write', 'wasi:http/types@0.2.0', 'größe 漢字 עברית', 'C:\\dir\\x.wasm']) expect(harmless(text)).toBe(text);
});

test.each([
  ['\u001b[31mred', '\\x1b[31mred'],
  ['a\nb\rc\td\0', 'a\\nb\\rc\\td\\0'],
  ['\u009b31m', '\\x9b31m'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['pay\u200bpal', 'pay\\u200bpal'],
  ['\u2028', '\\u2028'],
  ['\ud800x', '\\ud800x'],
  ['\u{e0041}', '\\u{e0041}'],
  ['a\u00a0b', 'a\\xa0b'],
  ['\u3164', '\\u3164'],
])('%j becomes visible', (text, shown) => {
  expect(harmless(text)).toBe(shown);
});

test('nothing that moves a cursor or reorders text survives, and a second pass changes nothing', () => {
  assert(property(string({ unit: 'binary' }), (text) => {
    const shown = harmless(text);
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(harmless(shown)).toBe(shown);
  }));
});

test('long names are cut in the middle and keep both ends', () => {
  const shown = harmlessName(`start${'x'.repeat(100_000)}end`, 40);
  expect(shown).toHaveLength(40);
  expect(shown).toMatch(/^start.*….*end$/);
  expect(harmlessName('short', 40)).toBe('short');
});

test('JSON gives back the exact text and holds no harmful character itself', () => {
  assert(property(string({ unit: 'binary' }), (text) => {
    const json = harmlessJson({ [text]: text }, 2);
    expect(JSON.parse(json)).toEqual({ [text]: text });
    expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  }));
});
