import { describe, expect, test } from 'vitest';
import type { TargetProfile } from '../../scanner/carrier.ts';
import type { Grant } from '../../scanner/grant.ts';
import { findingsOf } from '../../test/support/findings.ts';
import { carrierOf, packagingOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const component = (...names: string[]): Uint8Array => watToWasm(`(component ${names.map((name) => `(import "${name}" (instance (export "f" (func))))`).join(' ')})`);
const module = (...names: string[]): Uint8Array => watToWasm(`(module ${names.map((name) => `(import ${name.split(' ').map((part) => `"${part}"`).join(' ')} (func))`).join(' ')})`);

describe('grants without use', () => {
  const unused = async (bytes: Uint8Array, grant: Partial<Grant>, targetProfile: TargetProfile = 'spin'): Promise<string[]> =>
    (await findingsOf(bytes, { rules: ['grant-unused'], targetProfile, carrier: carrierOf({ grants: [grant] }) })).map(({ message }) => message.slice(message.indexOf(': ') + 2));

  test.each<[string, Partial<Grant>, Uint8Array, Uint8Array]>([
    ['hosts', { kind: 'hosts', values: ['x'] }, component('wasi:http/outgoing-handler@0.2.0'), component('wasi:clocks/wall-clock@0.2.0')],
    ['files', { kind: 'files', values: ['x'] }, module('wasi_snapshot_preview1 path_open'), module('wasi_snapshot_preview1 fd_write')],
    ['variables', { kind: 'environment', values: ['x'] }, module('wasi_snapshot_preview1 environ_get'), module('wasi_snapshot_preview1 fd_write')],
    ['stores', { kind: 'key-value', values: ['x'] }, component('wasi:keyvalue/store@0.2.0-draft2'), component('wasi:http/outgoing-handler@0.2.0')],
    ['databases', { kind: 'sql', values: ['x'] }, component('fermyon:spin/sqlite@2.0.0'), component('wasi:http/outgoing-handler@0.2.0')],
    ['models', { kind: 'ai', values: ['x'] }, component('fermyon:spin/llm@2.0.0'), component('wasi:http/outgoing-handler@0.2.0')],
    ['cluster resources', { kind: 'cluster-resources', values: ['x'] }, module('wapc __host_call', 'wapc __guest_request'), module('wapc __guest_request')],
    ['interfaces', { kind: 'interfaces', values: ['wasi:keyvalue@0.2.0'] }, component('wasi:keyvalue/store@0.2.1'), component('wasi:http/outgoing-handler@0.2.0')],
    ['host functions', { kind: 'imports', values: ['log'] }, module('extism:host/user log'), module('extism:host/user other')],
  ])('%s', async (_name, grant, using, other) => {
    expect(await unused(using, grant)).toEqual([]);
    expect(await unused(other, grant)).toEqual([grant.values!.join(', ')]);
    expect(await unused(other, { ...grant, values: [] })).toEqual([]);
  });

  test('interfaces are compared one by one, exports count, and modules have none', async () => {
    const bytes = watToWasm('(component (import "f" (func $f)) (instance $i (export "handle" (func $f))) (export "wasi:http/incoming-handler@0.2.6" (instance $i)))');
    expect(await unused(bytes, { kind: 'interfaces', values: ['wasi:http/incoming-handler@0.2.0', 'wasi:blobstore/blobstore'] }, 'wasmcloud')).toEqual(['wasi:blobstore/blobstore']);
    expect(await unused(module('wasi_snapshot_preview1 fd_write'), { kind: 'interfaces', values: ['wasi:blobstore'] }, 'wasmcloud')).toEqual([]);
  });

  test('the calls that a proxy allows are compared by name', async () => {
    const bytes = watToWasm('(module (import "env" "proxy_log" (func (param i32 i32 i32) (result i32))) (func (export "proxy_on_request_headers")))');
    const grant = { kind: 'capabilities', values: ['proxy_log', 'proxy_on_request_headers', 'proxy_http_call'] } as const;
    expect(await unused(bytes, grant, 'proxy-wasm')).toEqual(['proxy_http_call']);
    expect(await unused(bytes, grant, 'extism')).toEqual([]);
  });

  test('what calls functions that nobody knows may use anything', async () => {
    expect(await unused(module('acme secret'), { kind: 'hosts', values: ['x'] })).toEqual([]);
  });

  test('a list that may serve other parts of the workload is less sure', async () => {
    const judged = async (kind: Grant['kind']): Promise<string[]> =>
      (await findingsOf(component(), { rules: ['grant-unused'], carrier: carrierOf({ grants: [{ kind, values: ['wasi:blobstore'] }] }), policy: { kind: 'level', name: 'baseline' } })).map(({ severity }) => severity);
    expect(await judged('hosts')).toEqual(['warning']);
    expect(await judged('interfaces')).toEqual(['note']);
  });

  test('only what was read to the end is compared', async () => {
    const bytes = component();
    expect(await unused(bytes, { kind: 'hosts', values: ['x'] })).toEqual(['x']);
    expect(await unused(Uint8Array.from([...bytes, 1, 200]), { kind: 'hosts', values: ['x'] })).toEqual([]);
    expect(await unused(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), { kind: 'hosts', values: ['x'] })).toEqual([]);
  });
});

describe('grants that are missing', () => {
  const rules = ['grant-missing'];
  const http = component('wasi:http/outgoing-handler@0.2.0');
  const store = component('wasi:keyvalue/store@0.2.0-draft2');
  const spin = (...grants: Partial<Grant>[]): Parameters<typeof findingsOf>[1] => ({ rules, packaging: packagingOf({ form: 'spin-application', grants }) });
  const workload = (...grants: Partial<Grant>[]): Parameters<typeof findingsOf>[1] => ({ rules, carrier: carrierOf({ kind: 'WorkloadDeployment', host: { profile: 'wasmcloud', sure: true }, grants }) });

  test('a call that the manifest does not open will fail', async () => {
    expect(await findingsOf(http, spin())).toMatchObject([{ severity: 'warning', subject: 'http-client', message: 'Spin gives this only when the manifest says so, and it does not: wasi:http/outgoing-handler@0.2.0#f' }]);
    expect(await findingsOf(http, spin({ kind: 'hosts', values: [] }))).toHaveLength(1);
    expect(await findingsOf(http, spin({ kind: 'hosts', values: ['https://api.example'] }))).toEqual([]);
    expect(await findingsOf(store, spin({ kind: 'ai', values: ['llama'] }))).toHaveLength(1);
    expect(await findingsOf(store, spin({ kind: 'key-value', values: ['default'] }))).toEqual([]);
  });

  test('interfaces of a workload are compared by name', async () => {
    expect(await findingsOf(component('wasi:keyvalue/store@0.2.0'), workload({ kind: 'interfaces', values: ['wasi:blobstore/blobstore'] }))).toHaveLength(1);
    expect(await findingsOf(component('wasi:keyvalue/store@0.2.0'), workload({ kind: 'interfaces', values: ['wasi:keyvalue'] }))).toEqual([]);
  });

  test('a store, database or variable that the code names must be on its list', async () => {
    const opens = (name: string, text: string): Uint8Array => watToWasm(`(component
      (import "${name}" (instance $i (export "open" (func (param "name" string) (result u32))) (export "get" (func (param "name" string) (result u32)))))
      (core module $m (memory (export "memory") 1)) (core instance $mem (instantiate $m))
      (core func $lower (canon lower (func $i "${name.includes('variables') ? 'get' : 'open'}") (memory (core memory $mem "memory")) string-encoding=utf8))
      (core module $main (import "a" "b" (func $f (param i32 i32) (result i32))) (memory 1) (data (i32.const 32) "${text}") (func (export "run") (drop (call $f (i32.const 32) (i32.const ${text.length})))))
      (core instance $run (instantiate $main (with "a" (instance (export "b" (func $lower)))))))`);
    const stores = { kind: 'key-value', field: 'key_value_stores', values: ['default'] } as const;
    expect(await findingsOf(opens('fermyon:spin/key-value@2.0.0', 'cache'), spin(stores))).toMatchObject([{ subject: 'key-value cache', message: 'The code asks for the store cache, which key_value_stores does not list', severity: 'warning' }]);
    expect(await findingsOf(opens('fermyon:spin/key-value@2.0.0', 'default'), spin(stores))).toEqual([]);
    expect(await findingsOf(opens('fermyon:spin/key-value@2.0.0', 'cache'), spin({ ...stores, everything: true }))).toEqual([]);
    const variables = { kind: 'environment', field: 'variables', values: ['api_url'] } as const;
    expect(await findingsOf(opens('fermyon:spin/variables@2.0.0', 'api_key'), spin(variables))).toMatchObject([{ subject: 'environment api_key' }]);
    expect(await findingsOf(opens('fermyon:spin/variables@2.0.0', 'api_key'), spin({ ...variables, field: 'environment' }))).toEqual([]);
    expect(await findingsOf(opens('fermyon:spin/variables@2.0.0', 'api_url'), spin(variables))).toEqual([]);
  });

  test('it is never an error, and at baseline a note', async () => {
    const text = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: strict }\nspec: { rules: { grant-missing: error } }\n';
    expect((await findingsOf(http, { ...spin(), policy: { kind: 'file', name: 'policy.yaml', text } })).map(({ severity }) => severity)).toEqual(['warning']);
    expect((await findingsOf(http, { ...spin(), policy: { kind: 'level', name: 'baseline' } })).map(({ severity }) => severity)).toEqual(['note']);
  });

  test('without the manifest of the host its silence means nothing', async () => {
    expect(await findingsOf(http, { rules, targetProfile: 'spin' })).toEqual([]);
    expect(await findingsOf(http, { rules, targetProfile: 'proxy-wasm', carrier: carrierOf() })).toEqual([]);
  });
});

describe('grants of everything', () => {
  const everything = async (grant: Partial<Grant>, level = 'baseline'): Promise<string[]> =>
    (await findingsOf(component(), { rules: ['grant-everything'], carrier: carrierOf({ grants: [{ everything: true, ...grant }] }), policy: { kind: 'level', name: level } })).map(({ severity, message }) => `${severity}: ${message}`);

  test('what is written is a warning, what nobody wrote a note', async () => {
    expect(await everything({ values: ['*://*:*'] })).toEqual(['warning: Everything is given by allowed_outbound_hosts (*://*:*)']);
    expect(await everything({ values: ['*://*:*'] }, 'restricted')).toEqual(['error: Everything is given by allowed_outbound_hosts (*://*:*)']);
    expect(await everything({ kind: 'capabilities', field: 'allowed_capabilities', values: [] })).toEqual(['note: Everything is given, because nothing is listed in allowed_capabilities']);
    expect(await everything({ values: ['*'], everything: false })).toEqual([]);
  });

  test('what the code names is where a list can start', async () => {
    const calls = watToWasm('(module (import "wasi_experimental_http" "req" (func $req (param i32 i32) (result i32))) (memory 1) (data (i32.const 64) "https://api.example") (func (export "_start") (drop (call $req (i32.const 64) (i32.const 19)))))');
    const fixes = async (grant: Partial<Grant>): Promise<string[]> => (await findingsOf(calls, { rules: ['grant-everything'], carrier: carrierOf({ grants: [{ everything: true, values: ['*'], ...grant }] }) })).map(({ fix }) => fix);
    expect(await fixes({ kind: 'hosts' })).toEqual(['Name what the module needs, one entry each; its code names https://api.example']);
    expect(await fixes({ kind: 'files' })).toEqual(['Name what the module needs, one entry each']);
  });

  test('what the rule about scopes says is not said again', async () => {
    const place = { file: 'w.yaml', document: 0, pointer: '/spec/allowedHosts', line: 1, column: 1 };
    const grants = [{ everything: true, values: ['*'], place }];
    const told = (pointer: string): ReturnType<typeof findingsOf> => findingsOf(component(), { rules: ['grant-everything'], carrier: carrierOf({ grants, settings: [{ id: 'broad-scope', place: { ...place, pointer } }] }) });
    expect(await told('/spec/allowedHosts/0')).toEqual([]);
    expect(await told('/spec/other/0')).toHaveLength(1);
  });
});

test('a manifest without places that the rule about scopes has told is not told again', async () => {
  const grants = [{ kind: 'hosts', field: 'allowed_hosts', values: ['*'], everything: true, place: null }, { kind: 'files', field: 'allowed_paths', values: ['/'], everything: true, place: null }] as const;
  const settings = [{ id: 'broad-scope', text: 'allowed_hosts: *', meaning: 'The module may call every host', confidence: 'high', place: null }] as const;
  const found = async (more: object): Promise<string[]> => (await findingsOf(module(), { rules: ['grant-everything'], packaging: packagingOf({ grants, ...more }) })).map(({ subject }) => subject);
  expect(await found({ settings: [] })).toEqual(['allowed_hosts', 'allowed_paths']);
  expect(await found({ settings })).toEqual(['allowed_paths']);
});
