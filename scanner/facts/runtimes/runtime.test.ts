import { describe, expect, test } from 'vitest';
import { RUNTIME_DATA_DATE } from './data.generated.ts';
import { parseRuntime, runtimeDataIsStale, runtimeFact, runtimeText } from './runtime.ts';

describe('a runtime as users write it', () => {
  test.each([
    ['wasmtime@36.0.2', { name: 'wasmtime', version: '36.0.2' }],
    ['Wasmtime', { name: 'wasmtime', version: null }],
    ['iwasm@2.4.1', { name: 'wamr', version: '2.4.1' }],
    ['wasmedge@v0.16.0-alpha.2', { name: 'wasmedge', version: 'v0.16.0-alpha.2' }],
    ['chromium@123.0.6312.86', { name: 'chrome', version: '123.0.6312.86' }],
  ])('%s', (text, runtime) => {
    expect(parseRuntime(text)).toEqual(runtime);
  });

  test.each([['wasmtimr@1', /known are wasmtime, wamr/], ['', /Nothing is known of a runtime ;/], ['wasmtime@', /Not a version: ; write wasmtime@1\.2\.3/], ['wasmtime@latest', /Not a version: latest/], ['wasmtime@1@2', /Not a version: 1@2/]])('"%s" is none', (text, words) => {
    expect(parseRuntime(text)).toMatch(words);
  });
});

describe('the runtime of an artifact', () => {
  test('is what the user names, before what the host implies', () => {
    const host = { profile: 'runwasi-wasmedge', sure: false } as const;
    expect(runtimeFact(null, host, null)).toMatchObject({ name: 'wasmedge', version: null, sure: false });
    expect(runtimeFact({ name: 'wasmtime', version: '1.0.0' }, host, null)).toMatchObject({ name: 'wasmtime', version: '1.0.0', sure: true });
    expect(runtimeFact(null, { profile: 'spin', sure: true }, null)).toMatchObject({ name: 'wasmtime', sure: true });
  });

  test('is not known where a host leaves a choice', () => {
    expect(runtimeFact(null, { profile: 'youki', sure: true }, null)).toBeNull();
    expect(runtimeFact(null, null, null)).toBeNull();
  });

  test('has a name for people', () => {
    expect(runtimeText({ title: 'WasmEdge', version: 'v0.14.1' })).toBe('WasmEdge 0.14.1');
    expect(runtimeText({ title: 'WasmEdge', version: null })).toBe('WasmEdge');
  });
});

test('tables are old after 180 days', () => {
  const days = (count: number): string => new Date(Date.parse(RUNTIME_DATA_DATE) + count * 86_400_000).toISOString();
  expect(runtimeDataIsStale(days(180))).toBe(false);
  expect(runtimeDataIsStale(days(181))).toBe(true);
  expect(runtimeFact({ name: 'wasmtime', version: null }, null, days(400))?.stale).toBe(true);
  expect(runtimeFact({ name: 'wasmtime', version: null }, null, null)?.stale).toBe(false);
});
