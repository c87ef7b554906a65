import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ScanResult } from '../scanner/result.ts';
import { scanBytes as scanUnder } from './support/findings.ts';
import { watToWasm } from './support/wat.ts';
import { outputs } from './toolchains/outputs.ts';

// What the built-in levels promise about real software, requirement by requirement.

const programs = outputs();
const scanBytes = (bytes: Uint8Array, level: string): Promise<ScanResult> => scanUnder(bytes, { policy: { kind: 'level', name: level } });

describe('baseline on the default output of real toolchains', () => {
  test.each(programs.map(({ recipe, path }) => [recipe.id, path]))('%s has no error', async (_id, path) => {
    const result = await scanBytes(readFileSync(path), 'baseline');
    expect(result.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(result.reasons.filter((reason) => reason.startsWith('Not'))).toEqual([]);
    expect(['allow', 'warn']).toContain(result.verdict);
  });
});

/** Long enough for the headers that recognition reads. */
const padding = Array.from({ length: 56 }, () => 0);

describe('baseline denies', () => {
  const function_ = (module: string, name: string): string => `(module (import "${module}" "${name}" (func)))`;
  const marked = (module: string, name: string, marker: string): string => `(module ${marker} (import "${module}" "${name}" (func)))`;
  const cases: [string, string | Uint8Array, string][] = [
    ['a WASIX spawn', function_('wasix_32v1', 'proc_spawn'), 'capability-process-spawn'],
    ['a WASIX fork', function_('wasix_32v1', 'proc_fork'), 'capability-process-spawn'],
    ['a WASIX exec', function_('wasix_64v1', 'proc_exec'), 'capability-process-spawn'],
    ['a WasmEdge process', function_('wasmedge_process', 'wasmedge_process_run'), 'capability-process-spawn'],
    ['a shell of Emscripten', marked('env', 'system', '(import "env" "emscripten_memcpy_js" (func))'), 'capability-process-spawn'],
    ['dlopen of WASIX', function_('wasix_32v1', 'dlopen'), 'capability-dynamic-code'],
    ['scripts of Emscripten', marked('env', 'emscripten_run_script', '(import "env" "emscripten_memcpy_js" (func))'), 'capability-dynamic-code'],
    ['raw eBPF', function_('wasm_bpf', 'wasm_load_bpf_object'), 'capability-kernel-bpf'],
    ['interface changes', function_('wasix_32v1', 'port_addr_add'), 'capability-net-config'],
    ['clock changes', function_('wasix_32v1', 'clock_time_set'), 'capability-clock-set'],
    ['a native program', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, ...padding]), 'precompiled-artifact'],
    ['a precompiled program', Uint8Array.from([0, 0x61, 0x6f, 0x74, 6, 0, 0, 0, ...padding]), 'precompiled-artifact'],
    ['malformed bytes', Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5]), 'invalid-module'],
  ];
  test.each(cases)('%s', async (_name, program, rule) => {
    const result = await scanBytes(typeof program === 'string' ? watToWasm(program) : program, 'baseline');
    expect(result.verdict).toBe('deny');
    expect(result.findings.filter(({ severity }) => severity === 'error').map((finding) => finding.rule)).toContain(rule);
  });

  test('a private key', async () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const result = await scanBytes(watToWasm(`(module (memory 1) (data (i32.const 0) "${key.replaceAll('\n', '\\n')}"))`), 'baseline');
    expect(result.verdict).toBe('deny');
    expect(result.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).toEqual(['secret-in-data']);
    expect(JSON.stringify({ ...result, facts: null })).not.toContain(key.split('\n')[1]);
  });
});

describe('restricted, before and after provenance is established,', () => {
  const errorsOf = async (id: string, provenance: 'unknown' | 'trusted' = 'unknown'): Promise<{ rules: string[]; fixes: string[] }> => {
    const path = programs.find(({ recipe }) => recipe.id === id)!.path;
    const errors = (await scanUnder(readFileSync(path), { policy: { kind: 'level', name: 'restricted' }, provenance })).findings.filter(({ severity }) => severity === 'error');
    return { rules: errors.map(({ rule }) => rule).sort(), fixes: errors.map(({ fix }) => fix) };
  };

  test.each(['rust-pure', 'zig-add', 'rust-stdin-wasip1', 'zig-cc', 'rust-http'])('%s lacks nothing but a signature', async (id) => {
    expect((await errorsOf(id)).rules).toEqual(['signature-missing']);
    expect((await errorsOf(id, 'trusted')).rules).toEqual([]);
  });

  test.each([['rust-files-wasip1', 'fs-write'], ['rust-files-wasip2', 'fs-write'], ['rust-tcp-client-wasip2', 'net-connect'], ['c-files', 'fs-open']])('%s is denied for %s, with the policy line to add', async (id, capability) => {
    const { rules, fixes } = await errorsOf(id);
    expect(rules).toContain(`capability-${capability}`);
    expect((await errorsOf(id, 'trusted')).rules).toContain(`capability-${capability}`);
    expect(fixes.join('\n')).toContain(`capabilities: { allow: [${capability}] }`);
  });
});
