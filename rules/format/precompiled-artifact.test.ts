import { expect, test } from 'vitest';
import { scanBytes } from '../../test/support/findings.ts';

const rules = ['precompiled-artifact'];
const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const padded = (...bytes: number[]): Uint8Array => Uint8Array.from([...bytes, ...Array.from({ length: 256 - bytes.length }, () => 0)]);
const executable = padded(0x4d, 0x5a, ...Array.from({ length: 58 }, () => 0), 0x80, 0, 0, 0);
executable.set(ascii('PE'), 0x80);

test.each([
  ['wasmtime-precompiled', padded(0x7f, ...ascii('ELF'), 2, 1, 1, 200)],
  ['elf', padded(0x7f, ...ascii('ELF'), 2, 1, 1, 0)],
  ['pe', executable],
  ['mach-o', padded(0xcf, 0xfa, 0xed, 0xfe)],
  ['wamr-aot', padded(0, ...ascii('aot'), 5, 0, 0, 0)],
  ['wasmer', padded(...ascii('wasmer-universal'))],
])('%s is denied at every level', async (format, bytes) => {
  for (const name of ['privileged', 'baseline', 'restricted']) {
    const { verdict, blocked, findings } = await scanBytes(bytes, { rules, policy: { kind: 'level', name } });
    expect(findings.map(({ rule, severity, subject }) => [rule, severity, subject])).toEqual([['precompiled-artifact', 'error', format]]);
    expect([verdict, blocked]).toEqual(['deny', true]);
  }
});

test('text is no native code', async () => {
  expect((await scanBytes(Uint8Array.from(ascii('MZ is how this sentence starts, and it goes on for a good while after that.')), { rules })).findings).toEqual([]);
});

test('a policy that switches the rule off does not make native code clean', async () => {
  const text = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: blind }\nspec: { rules: { precompiled-artifact: "off" } }\n';
  const { verdict, blocked } = await scanBytes(padded(0x7f, ...ascii('ELF'), 2, 1, 1, 0), { rules, policy: { kind: 'file', name: 'policy.yaml', text } });
  expect([verdict, blocked]).toEqual(['error', true]);
});
