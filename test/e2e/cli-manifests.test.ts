import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putInto } from '../registry/pack.ts';
import { image, wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { buildCli, runCli, type CliRun } from '../support/run-cli.ts';
import { watToWasm } from '../support/wat.ts';

const PURE = watToWasm('(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))');
const SPAWN = watToWasm('(module (import "env" "system" (func (param i32) (result i32))) (func (export "_start") i32.const 0 call 0 drop))');

interface Result {
  readonly artifact: { readonly name: string };
  readonly verdict: string;
  readonly blocked: boolean;
  readonly findings: readonly { readonly rule: string; readonly location: { readonly source?: { readonly file: string; readonly line: number } } }[];
  readonly failure: { readonly code: string } | null;
  readonly package: { readonly form: string } | null;
}

interface Listed {
  readonly file: string;
  readonly document: number;
  readonly line: number;
  readonly pointer: string;
  readonly reference: string;
  readonly scheme: string;
  readonly role: string;
  readonly certain: boolean;
  readonly pinned: boolean;
}

let folder: string;
let built: { readonly folder: string; readonly main: string };
let registry: TestRegistry;
beforeAll(async () => {
  built = buildCli();
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-manifests-'));
  registry = await startRegistry();
  putInto(registry, 'acme/pure', 'v1', wasmArtifact(PURE));
  putInto(registry, 'acme/spawn', 'v1', wasmArtifact(SPAWN));
  putInto(registry, 'acme/web', 'v1', image({ os: 'linux', architecture: 'amd64', layers: [{ entries: [{ path: 'index.html', bytes: 'hello' }] }] }));
  putInto(registry, 'acme/mixed', 'v1', image({ layers: [{ entries: [{ path: 'app/main.wasm', bytes: PURE }, { path: 'app/other.wasm', bytes: PURE.slice() }, { path: 'app/third.wasm', bytes: SPAWN }], compression: 'gzip' }] }));
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
  rmSync(built.folder, { recursive: true });
});

function run(args: readonly string[], input?: string): Promise<CliRun> {
  return runCli(args, { cwd: folder, main: built.main, ...(input !== undefined && { input }), env: { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), DOCKER_CONFIG: folder } });
}

function files(name: string, contents: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [path, bytes] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), bytes);
  }
  return name;
}

async function scanned(args: readonly string[], input?: string): Promise<{ readonly code: number | null; readonly results: readonly Result[] }> {
  const { code, stdout, stderr } = await run(['scan', '--format', 'json', '--insecure-registry', registry.host, ...args], input);
  if (stdout === '') throw new Error(stderr);
  return { code, results: (JSON.parse(stdout) as { results: Result[] }).results };
}

async function carriers(args: readonly string[], input?: string): Promise<{ readonly code: number | null; readonly carriers: readonly Listed[] }> {
  const { code, stdout, stderr } = await run(['inspect', '--no-fetch', '--format', 'json', ...args], input);
  if (stdout === '') throw new Error(stderr);
  return { code, carriers: (JSON.parse(stdout) as { carriers?: Listed[] }).carriers ?? [] };
}

const plugin = (url: string): string => `apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: { name: auth, namespace: shop }\nspec:\n  selector: { matchLabels: { app: web } }\n  url: ${url}\n`;
const pod = (spec: object): string => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
const at = (name: string): string => `${registry.host}/acme/${name}`;

describe('verdicts', () => {
  test('what a manifest names is fetched and judged, and the finding stands on its line', async () => {
    const { code, results: [result] } = await scanned(['-'], plugin(`oci://${at('spawn:v1')}`));
    expect([code, result!.verdict, result!.artifact.name]).toEqual([1, 'deny', `oci://${at('spawn:v1')}`]);
    expect(result!.findings.find(({ rule }) => rule === 'oci-mutable-reference')!.location.source).toMatchObject({ file: 'stdin', line: 6 });
  });

  test('an image without Wasm beside Wasm in one pod is told and has no finding', async () => {
    const { code, results } = await scanned(['-'], pod({ runtimeClassName: 'wasmtime', containers: [{ name: 'a', image: at('pure:v1') }, { name: 'b', image: at('web:v1') }] }));
    expect([code, ...results.map(({ verdict }) => verdict)]).toEqual([0, 'warn', 'warn']);
    expect(results[1]!.findings).toEqual([]);
  });

  test('a plug-in or policy in whose image no Wasm was found is not analysed', async () => {
    const { code, results: [result] } = await scanned(['-'], plugin(`oci://${at('web:v1')}`));
    expect([code, result!.verdict, result!.blocked, result!.failure?.code]).toEqual([3, 'error', true, 'no-wasm']);
  });

  test.each([['', 'no-reference'], ['file:///opt/a.wasm', 'file-unseen']])('a module that nobody can see: %j', async (url, failure) => {
    const loose = await scanned(['-'], plugin(`"${url}"`));
    expect([loose.code, loose.results[0]!.verdict, loose.results[0]!.blocked, loose.results[0]!.failure?.code, loose.results[0]!.artifact.name]).toEqual([0, 'error', false, failure, 'stdin#/spec/url']);
    expect(loose.results[0]!.findings.map(({ rule }) => rule)).not.toContain('oci-mutable-reference');
    const strict = await scanned(['-', '--policy', 'restricted'], plugin(`"${url}"`));
    expect([strict.code, strict.results[0]!.blocked]).toEqual([3, true]);
  });

  test('a registry that does not answer is outside, a tag that is not there is not', async () => {
    expect((await scanned(['-'], plugin(`oci://${at('gone:v1')}`))).code).toBe(3);
    expect((await scanned(['-', '--insecure-registry', '127.0.0.1:1', '--fetch-timeout', '2'], plugin('oci://127.0.0.1:1/acme/x:v1'))).code).toBe(4);
  });
});

describe('reports', () => {
  const several = (): string => pod({ runtimeClassName: 'wasmtime', containers: [{ name: 'a', image: at('mixed:v1') }] });

  test('what is wrong with one line is told once, however many modules the image holds', async () => {
    const text = (await run(['scan', '--insecure-registry', registry.host, '-'], several())).stdout;
    expect(text.match(/warning {2}oci-mutable-reference/g)).toHaveLength(3);
    expect(text.match(/Named by the tag v1/g)).toHaveLength(1);
    expect(text.match(/as told above/g)).toHaveLength(2);
  });

  test('the same in SARIF, on the lines of the manifests', async () => {
    const name = files('sarif', { 'k8s/pod.json': several(), 'k8s/plugin.yaml': plugin(`oci://${at('spawn:v1')}`) });
    const { stdout } = await run(['scan', '--insecure-registry', registry.host, '--format', 'sarif', `${name}/k8s`]);
    const { runs: [log] } = JSON.parse(stdout) as { runs: { results: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[] }[] }[] };
    const places = (rule: string): string[] => log!.results.filter(({ ruleId }) => ruleId === rule).map(({ locations }) => `${locations[0]!.physicalLocation.artifactLocation.uri}:${locations[0]!.physicalLocation.region.startLine}`);
    expect(places('oci-mutable-reference')).toEqual(['sarif/k8s/plugin.yaml:6', 'sarif/k8s/pod.json:1']);
    expect(places('capability-process-spawn')).toEqual(['sarif/k8s/plugin.yaml:6', 'sarif/k8s/pod.json:1']);
  });
});

describe('a folder of a project', () => {
  test('texts that are no manifests carry nothing and are no faults', async () => {
    const name = files('project', {
      'values.yaml': 'image: { repository: nginx }\nwasm: { url: "oci://r.test/x:1" }\nkind: Deployment\n',
      'docker-compose.yml': 'services:\n  a: { image: acme/a, platform: wasi/wasm }\n',
      'package.json': '{"name":"x","main":"a.wasm"}',
      'tsconfig.json': '{ // comment\n}',
      '.github/workflows/ci.yml': 'on: [push]\njobs:\n  a:\n    steps:\n    - run: |\n        cat <<EOF | kubectl apply -f -\n        apiVersion: v1\n        kind: Pod\n        EOF\n',
      'crd.yaml': 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: wasmplugins.extensions.istio.io }\nspec:\n  versions:\n  - schema: { openAPIV3Schema: { properties: { url: { description: "URL of a Wasm module: oci://r.test/x.wasm" }, image: { default: "oci://r.test/wasm:1" } } } }\n',
      'conf.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata:\n  nginx.conf: |\n    types { application/wasm wasm; }\n    location ~ \\.wasm$ { }\n  prometheus.yml: |\n    scrape_configs: [{ job_name: wasm }]\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { password: "${PASSWORD}" }\n',
      'web.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers:\n      - image: nginx:1\n',
    });
    const { code, carriers: found } = await carriers([name]);
    expect([code, found.map(({ file, line, certain }) => [file, line, certain])]).toEqual([0, [['project/web.yaml', 8, false]]]);
  });

  test('a list as kubectl prints it, status and managed fields included', async () => {
    const item = { ...JSON.parse(pod({ runtimeClassName: 'wasmtime', containers: [{ name: 'a', image: 'r.test/a:1' }] })) as object, status: { containerStatuses: [{ image: 'r.test/a:1', imageID: 'r.test/a@sha256:0' }] } };
    const managed = { manager: 'kubectl', fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:image': {} } } } } };
    const list = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: [{ ...item, metadata: { name: 'p', managedFields: [managed], annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(item) } } }] };
    const { carriers: found } = await carriers(['-'], JSON.stringify(list, null, 2));
    expect(found.map(({ pointer, reference, certain }) => [pointer, reference, certain])).toEqual([['/items/0/spec/containers/0/image', 'r.test/a:1', true]]);
  });
});
