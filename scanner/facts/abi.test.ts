import { describe, expect, test } from 'vitest';
import { recogniseAbis, type AbiEvidence } from './abi.ts';
import { rowGroups, rowsOf } from './catalogue/rows.ts';

const ofEnv = (...names: readonly string[]): string[] => recognised({ imports: names.map((name) => ({ module: 'env', name, kind: 'func' })) });

function recognised(evidence: Partial<AbiEvidence>): string[] {
  return [...recogniseAbis({ of: 'module', imports: [], exports: [], customs: [], ...evidence })].sort();
}

describe('ABIs are recognised', () => {
  test('by distinctive names under env', () => {
    expect(ofEnv('proxy_log', 'proxy_done')).toEqual(['proxy-wasm']);
    expect(ofEnv('opa_abort')).toEqual(['opa']);
    expect(ofEnv('invoke_vii', 'abort')).toEqual(['emscripten']);
    expect(ofEnv('syscall/js.valueGet')).toEqual(['go-js']);
    expect(ofEnv('nxt_wasm_response_end')).toEqual(['nginx-unit']);
  });

  test('by exports and custom sections', () => {
    expect(recognised({ exports: ['_start', 'proxy_abi_version_0_2_1'] })).toEqual(['proxy-wasm']);
    expect(recognised({ exports: ['__guest_call'] })).toEqual(['wapc']);
    expect(recognised({ exports: ['opa_wasm_abi_version'] })).toEqual(['opa']);
    expect(recognised({ exports: ['handle_request'] })).toEqual([]);
    expect(recognised({ exports: ['handle_request', 'handle_response'] })).toEqual(['http-wasm']);
    expect(recognised({ customs: ['zed:api-version'] })).toEqual(['zed']);
  });

  test('by all names together where each of them is ordinary', () => {
    expect(ofEnv('abort')).toEqual(['assemblyscript']);
    expect(ofEnv('abort', 'trace', 'seed')).toEqual(['assemblyscript']);
    expect(ofEnv('printf', 'malloc', 'free', 'pthread_create')).toEqual(['wamr']);
    expect(ofEnv('printf', 'launch')).toEqual([]);
    expect(ofEnv('proxy_log', 'printf')).toEqual(['proxy-wasm', 'wamr']);
  });

  test('never by names that only begin like theirs', () => {
    expect(ofEnv('proxy_cache_get', 'new_error')).toEqual([]);
    expect(ofEnv('opal_init')).toEqual([]);
  });

  test('never by minified names, but by what Porffor exports', () => {
    const imports = [{ module: '', name: 'a', kind: 'func' }];
    expect(recognised({ imports })).toEqual([]);
    expect(recognised({ imports, exports: ['$', 'm'] })).toEqual(['porffor']);
    expect(recognised({ imports: [...imports, { module: '', name: 'print', kind: 'func' }], exports: ['m'] })).toEqual([]);
    expect(recognised({ imports: [{ module: 'a', name: 'b', kind: 'func' }] })).toEqual([]);
  });

  test('in a module without component types, an unversioned interface is a plug-in of WasmEdge', () => {
    const imports = [{ module: 'wasi:logging/logging', name: 'log', kind: 'func' }];
    expect(recognised({ imports })).toEqual(['wasmedge-plugin']);
    expect(recognised({ imports, customs: ['component-type:x'] })).toEqual([]);
    expect(recognised({ of: 'component', imports })).toEqual([]);
  });

  test('string constants by being globals', () => {
    expect(recognised({ imports: [{ module: "'", name: 'hello', kind: 'global' }] })).toEqual(['js-builtins']);
    expect(recognised({ imports: [{ module: "'", name: 'hello', kind: 'global' }, { module: "'", name: 'call', kind: 'func' }] })).toEqual([]);
  });

  test('memories, tables and globals show nothing', () => {
    expect(recognised({ imports: [{ module: 'env', name: 'emscripten_x', kind: 'global' }] })).toEqual([]);
  });

  test('from the whole list of their names, unless the names are anybody’s', () => {
    const byAbi = Map.groupBy(rowGroups().flatMap((group) => [...rowsOf(group)]).filter(({ module }) => module === 'env'), ({ abi }) => abi);
    const missed = [...byAbi].filter(([abi, rows]) => !ofEnv(...rows.map(({ name }) => name.replace('*', 'x'))).includes(abi)).map(([abi]) => abi);
    expect(missed).toEqual(['component-model', 'containerd-nri', 'trivy-module', 'hyperlight-wasm', 'generic']);
  });
});
