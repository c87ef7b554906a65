import { expect, test } from 'vitest';
import { scanBytes } from '../../test/support/findings.ts';

const rules = ['parser-limit-exceeded'];
const preamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)]);
const typeWith = (params: number): Uint8Array => {
  const body = [1, 0x60, ...leb(params), ...Array.from({ length: params }, () => 0x7f), 0];
  return Uint8Array.from([...preamble, 1, ...leb(body.length), ...body]);
};

test('1,001 parameters are more than engines take', async () => {
  const { verdict, findings } = await scanBytes(typeWith(1001), { rules });
  expect(findings.map(({ rule, severity, subject, location }) => [rule, severity, subject, location.path])).toEqual([['parser-limit-exceeded', 'error', 'limit-exceeded', 'type']]);
  expect(verdict).toBe('error');
});

test('1,000 parameters are allowed', async () => {
  expect((await scanBytes(typeWith(1000), { rules })).findings).toEqual([]);
});

test('what is no Wasm has no limit to exceed', async () => {
  const { verdict, findings } = await scanBytes(new TextEncoder().encode('just text'), { rules });
  expect(findings).toEqual([]);
  expect(verdict).toBe('error');
});
