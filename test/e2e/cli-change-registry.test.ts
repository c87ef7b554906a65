import { createPublicKey, generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { putInto } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { runHere, type RunHere } from '../support/run-here.ts';
import { watToWasm } from '../support/wat.ts';

const CLOCK = '(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))';
const SPAWN = '(import "wasix_32v1" "proc_spawn" (func))';

let folder: string;
let registry: TestRegistry;
const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content);
const oci = (name: string): string => `oci://${registry.host}/acme/${name}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-change-'));
  registry = await startRegistry();
  putInto(registry, 'acme/app', 'v1', wasmArtifact(watToWasm(`(module ${CLOCK})`)));
  putInto(registry, 'acme/app', 'v2', wasmArtifact(watToWasm(`(module ${CLOCK} ${SPAWN})`)));
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): Promise<RunHere> {
  return runHere(args, { cwd: folder, env: { HOME: folder, XDG_CACHE_HOME: folder, DOCKER_CONFIG: folder } });
}

function remote(...args: string[]): Promise<RunHere> {
  return run(...args, '--insecure-registry', registry.host);
}

/** A detached signature beside a file. */
function sign(name: string, key: KeyObject): void {
  put(`${name}.sig`, signBytes(null, readFileSync(join(folder, name)), key).toString('base64'));
}

test('two tags of a repository are compared', async () => {
  const { code, stdout } = await remote('diff', oci('app:v1'), oci('app:v2'), '--fail-on', 'increase');
  expect(code).toBe(1);
  expect(stdout).toContain('! + capability   process-spawn');
  expect(stdout).toContain('! + import       wasix_32v1.proc_spawn');
});

test('a tag that does not exist is exit code 3, a registry that is not there exit code 4', async () => {
  expect(await remote('diff', oci('app:v1'), oci('app:v9'))).toMatchObject({ code: 3 });
  expect(await run('diff', oci('app:v1'), 'oci://127.0.0.1:1/acme/app:v1', '--insecure-registry', registry.host, '--insecure-registry', '127.0.0.1:1', '--fetch-timeout', '2')).toMatchObject({ code: 4 });
});

test('a policy learned from a repository holds for its tags, and the next increase is denied', async () => {
  expect(await remote('policy', 'learn', oci('app:v1'), '--output', 'learned.yaml')).toMatchObject({ code: 0 });
  expect((parse(readFileSync(join(folder, 'learned.yaml'), 'utf8')) as { spec: { match: object } }).spec.match).toEqual({ references: [`${registry.host}/acme/app`] });
  expect(await remote('scan', oci('app:v1'), '--policy', 'learned.yaml')).toMatchObject({ code: 0 });
  expect(await remote('scan', oci('app:v2'), '--policy', 'learned.yaml')).toMatchObject({ code: 1 });
});

test('what is accepted of one tag is accepted of the next', async () => {
  putInto(registry, 'acme/app', 'v3', wasmArtifact(watToWasm(`(module ${CLOCK} ${SPAWN} (func))`)));
  expect(await remote('accept', oci('app:v2'), '--reason', 'Known', '--owner', 'team-a', '--expires', '2027-01-31')).toMatchObject({ code: 0 });
  expect(await remote('scan', oci('app:v3'), '--accept', 'wasmgate-accepted.yaml')).toMatchObject({ code: 0 });
});

test('signers are compared under a policy, and learned where they vouch', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  put('good.key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  put('good.pub', createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }));
  put('app.wasm', watToWasm(`(module ${CLOCK})`));
  put('next.wasm', watToWasm(`(module ${CLOCK} (func))`));
  put('policy.yaml', 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: signed }\nspec:\n  signatures: { authorities: [{ name: release, key: { file: good.pub, transparencyLog: ignore } }] }\n');
  sign('app.wasm', privateKey);
  const { code, stdout } = await run('diff', 'app.wasm', 'next.wasm', '--policy', 'policy.yaml', '--fail-on', 'increase');
  expect(code).toBe(1);
  expect(stdout).toContain('! - signer       authority release');
  expect(stdout).toContain('! ~ signer       provenance: trusted -> absent');
  sign('next.wasm', privateKey);
  expect(await run('diff', 'app.wasm', 'next.wasm', '--policy', 'policy.yaml', '--fail-on', 'increase')).toMatchObject({ code: 0 });

  const learned = await run('policy', 'learn', 'app.wasm', '--key', 'good.pub', '--level', 'restricted');
  expect(learned).toMatchObject({ code: 0, stderr: '' });
  put('learned.yaml', learned.stdout);
  expect(await run('scan', 'app.wasm', '--policy', 'learned.yaml')).toMatchObject({ code: 0 });
  rmSync(join(folder, 'app.wasm.sig'));
  expect(await run('scan', 'app.wasm', '--policy', 'learned.yaml')).toMatchObject({ code: 1 });
  expect(await run('policy', 'learn', 'app.wasm', '--key', 'good.pub', '--level', 'restricted')).toMatchObject({ code: 1, stdout: '' });
});
