import { expect, test } from 'vitest';
import { LEVELS } from '../../policies/index.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import { findingsOf, type Circumstances } from '../../test/support/findings.ts';
import { carrierOf, packagingOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';
import { CAPABILITY_RULES } from './capabilities.ts';

test('there is one rule for each capability that the levels know', () => {
  expect(CAPABILITY_RULES.map(({ id }) => id).sort()).toEqual(Object.keys(LEVELS[0]!.capabilities).map((name) => `capability-${name}`).sort());
});

test('one finding lists every import of a capability, placed at the first', async () => {
  const bytes = watToWasm(`(module
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_rename" (func (param i32 i32 i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32))))`);
  const found = await findingsOf(bytes, { rules: ['capability-fs-write'] });
  expect(found.map(({ severity, message, subject, location }) => [severity, message, subject, location.path])).toEqual([
    ['error', 'Can create, change, rename or delete files: wasi_snapshot_preview1.path_rename, wasi_snapshot_preview1.path_unlink_file', 'fs-write', 'import[1] wasi_snapshot_preview1.path_rename'],
  ]);
  expect(found[0]!.fix).toContain('capabilities: { allow: [fs-write] }');
});

test('a component is judged by the functions of its interfaces, with the interface behind a plain name', async () => {
  const bytes = watToWasm(`(component
    (import "files" (implements "wasi:filesystem/types@0.2.0") (instance
      (export "[method]descriptor.symlink-at" (func))))
    (import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func (result u64))))))`);
  const found = await findingsOf(bytes, { rules: CAPABILITY_RULES.map(({ id }) => id) });
  expect(found.map(({ rule, message }) => [rule, message])).toEqual([
    ['capability-fs-write', 'Can create, change, rename or delete files: wasi:filesystem/types@0.2.0#[method]descriptor.symlink-at'],
  ]);
});

test('what an import list allows by name is not counted', async () => {
  const text = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: acme }\nspec: { level: restricted, imports: { allow: ["acme.log"] } }\n';
  const policy = { kind: 'file', name: 'policy.yaml', text } as const;
  const rules = ['capability-unknown'];
  const both = watToWasm('(module (import "acme" "log" (func)) (import "acme" "pay" (func)))');
  expect((await findingsOf(both, { rules, policy })).map(({ message }) => message)).toEqual(['Can call functions of the host that no known interface explains: acme.pay']);
  expect(await findingsOf(watToWasm('(module (import "acme" "log" (func)))'), { rules, policy })).toEqual([]);
});

test('the fix for unknown imports names them in a form that a policy takes', async () => {
  const rules = ['capability-unknown'];
  const bytes = watToWasm('(module (import "acme" "log" (func)) (import "acme" "v1.pay" (func)))');
  const [finding] = await findingsOf(bytes, { rules });
  expect(finding!.fix).toContain('imports: { allow: ["acme.log", { module: "acme", name: "v1.pay" }] }');
  const text = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: acme }\nspec: { level: restricted, imports: { allow: ["acme.log", { module: "acme", name: "v1.pay" }] } }\n';
  expect(await findingsOf(bytes, { rules, policy: { kind: 'file', name: 'policy.yaml', text } })).toEqual([]);
});

test('an export counts where the host makes use of it, unless an import says so already', async () => {
  const text = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: quiet }\nspec: { capabilities: { deny: [http-server] } }\n';
  const bytes = watToWasm('(component (import "f" (func $f)) (instance $i (export "handle" (func $f))) (export "wasi:http/incoming-handler@0.2.0" (instance $i)))');
  const found = await findingsOf(bytes, { rules: ['capability-http-server'], policy: { kind: 'file', name: 'policy.yaml', text } });
  expect(found.map(({ severity, message }) => [severity, message])).toEqual([['error', 'Can answer HTTP requests, by its export wasi:http/incoming-handler@0.2.0']]);
});

test('severity follows what the host gives, and the message says which host', async () => {
  const bytes = watToWasm('(module (import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32))))');
  const rules = ['capability-fs-write'];
  const judged = async (about: Circumstances): Promise<unknown[]> => (await findingsOf(bytes, { rules, policy: { kind: 'level', name: 'baseline' }, ...about })).map(({ severity, message }) => [severity, message]);
  const can = 'Can create, change, rename or delete files';
  const name = 'wasi_snapshot_preview1.path_unlink_file';
  expect(await judged({})).toEqual([['warning', `${can}: ${name}`]]);
  expect(await judged({ targetProfile: 'crun-wamr' })).toEqual([['error', `${can} (crun with WAMR gives this to every module without being asked): ${name}`]]);
  expect(await judged({ targetProfile: 'crun-wamr', policy: { kind: 'level', name: 'privileged' } })).toEqual([]);
  expect(await judged({ targetProfile: 'kubewarden', policy: { kind: 'level', name: 'restricted' } })).toEqual([['note', `${can} (the Kubewarden policy server gives this to nobody, so it has nothing to act on there): ${name}`]]);
  expect(await judged({ targetProfile: 'spin' })).toEqual([['warning', `${can}: ${name}`]]);
});

test('a host that the object itself chose makes nothing milder', async () => {
  const bytes = watToWasm('(module (import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32))))');
  const judged = async (sure: boolean): Promise<string[]> =>
    (await findingsOf(bytes, { rules: ['capability-fs-write'], policy: { kind: 'level', name: 'baseline' }, carrier: carrierOf({ host: { profile: 'proxy-wasm', sure } }) })).map(({ severity }) => severity);
  expect(await judged(true)).toEqual(['note']);
  expect(await judged(false)).toEqual(['warning']);
});

test('a manifest that opens everything counts as given to everyone', async () => {
  const bytes = watToWasm('(component (import "spin:redis/redis@3.0.0" (instance (export "publish" (func)))) (import "wasi:keyvalue/store@0.2.0-draft2" (instance (export "[method]bucket.set" (func)))))');
  const packaging = (everything: boolean): Packaging => packagingOf({ form: 'spin-application', grants: [{ kind: 'key-value', field: 'key_value_stores', values: ['*'], everything }] });
  const judged = async (everything: boolean): Promise<string[]> =>
    (await findingsOf(bytes, { rules: ['capability-keyvalue-write'], policy: { kind: 'level', name: 'baseline' }, packaging: packaging(everything) })).map(({ severity }) => severity);
  expect(await judged(false)).toEqual(['warning']);
  expect(await judged(true)).toEqual(['error']);
});
