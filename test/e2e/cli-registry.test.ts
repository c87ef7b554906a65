import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failing, on } from '../registry/faults.ts';
import { putInto } from '../registry/pack.ts';
import { image, wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { ROOT } from '../support/imports.ts';
import { buildCli, runCli, type CliRun } from '../support/run-cli.ts';
import { watToWasm } from '../support/wat.ts';

const PURE = watToWasm('(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))');
const SPAWN = watToWasm('(module (import "env" "system" (func (param i32) (result i32))) (func (export "_start") i32.const 0 call 0 drop))');
const schema = (name: string): object => JSON.parse(readFileSync(join(ROOT, 'docs/schema', name), 'utf8')) as object;

interface Entry {
  readonly artifact: { readonly name: string; readonly digest: string | null };
  readonly verdict: string;
  readonly blocked: boolean;
  readonly findings: readonly { readonly rule: string; readonly severity: string; readonly location: { readonly source?: { readonly file: string; readonly line: number; readonly pointer: string } } }[];
  readonly failure: { readonly kind: string; readonly code: string } | null;
  readonly carrier: { readonly kind: string; readonly pointer: string; readonly line: number } | null;
  readonly package: { readonly form: string } | null;
}

let folder: string;
let built: { readonly folder: string; readonly main: string };
let registry: TestRegistry;
let pureDigest: string;
beforeAll(async () => {
  built = buildCli();
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-registry-cli-'));
  registry = await startRegistry();
  pureDigest = putInto(registry, 'acme/pure', 'v1', wasmArtifact(PURE));
  putInto(registry, 'acme/spawn', 'v1', wasmArtifact(SPAWN));
  putInto(registry, 'acme/web', 'v1', image({ os: 'linux', architecture: 'amd64', layers: [{ entries: [{ path: 'index.html', bytes: 'hello' }] }] }));
  putInto(registry, 'acme/mixed', 'v1', image({ layers: [{ entries: [{ path: 'app/main.wasm', bytes: PURE }, { path: 'app/evil.wasm', bytes: SPAWN }], compression: 'gzip' }] }));
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
  rmSync(built.folder, { recursive: true });
});

function run(args: readonly string[], more: { readonly input?: string; readonly env?: Record<string, string> } = {}): Promise<CliRun> {
  return runCli(args, { cwd: folder, main: built.main, ...more, env: { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), DOCKER_CONFIG: folder, ...more.env } });
}

async function scanned(args: readonly string[], more: { readonly input?: string; readonly env?: Record<string, string> } = {}): Promise<{ readonly code: number | null; readonly entries: readonly Entry[] }> {
  const { code, stdout, stderr } = await run(['scan', '--format', 'json', '--insecure-registry', registry.host, ...args], more);
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as { results: Entry[] };
  const valid = new Ajv2020({ allErrors: true }).compile(schema('scan.schema.json'));
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  return { code, entries: report.results };
}

const oci = (name: string): string => `oci://${registry.host}/acme/${name}`;

describe('references', () => {
  test('an artifact is fetched, judged and named as it was asked for', async () => {
    const { code, entries: [entry] } = await scanned([`${oci('pure')}@${pureDigest}`]);
    expect([code, entry!.verdict, entry!.artifact.name, entry!.package?.form]).toEqual([0, 'allow', `${oci('pure')}@${pureDigest}`, 'wasm-artifact']);
  });

  test('a tag is a finding, with the digest to write', async () => {
    const { code, entries: [entry] } = await scanned([oci('pure:v1')]);
    expect([code, entry!.verdict]).toEqual([0, 'warn']);
    expect(JSON.stringify(entry!.findings.find(({ rule }) => rule === 'oci-mutable-reference'))).toContain(pureDigest);
  });

  test('what breaks policy is denied', async () => {
    const { code, entries: [entry] } = await scanned([oci('spawn:v1')]);
    expect([code, entry!.verdict]).toEqual([1, 'deny']);
  });

  test('every module of an image is judged', async () => {
    const { code, entries } = await scanned([oci('mixed:v1')]);
    expect(entries.map(({ artifact, verdict }) => [artifact.name.split('!/')[1], verdict])).toEqual([['app/evil.wasm', 'deny'], ['app/main.wasm', 'warn']]);
    expect(code).toBe(1);
  });

  test('an image without Wasm is allowed and has no findings', async () => {
    const { code, entries: [entry] } = await scanned([oci('web:v1')]);
    expect([code, entry!.verdict, entry!.findings]).toEqual([0, 'allow', []]);
  });

  test.each<[string, readonly string[], number, string]>([
    ['a repository that is not there', ['acme/none:v1'], 3, 'unreadable'],
    ['a digest that is not there', [`acme/pure@sha256:${'0'.repeat(64)}`], 3, 'unreadable'],
  ])('%s is not analysed', async (_, [path], exit, kind) => {
    const { code, entries: [entry] } = await scanned([`oci://${registry.host}/${path!}`]);
    expect([code, entry!.verdict, entry!.failure?.kind]).toEqual([exit, 'error', kind]);
  });

  test('a registry that fails gives exit code 4', async () => {
    registry.faults.push(on('GET', /\/manifests\/broken$/, failing(503)));
    const { code, entries: [entry] } = await scanned([oci('pure:broken'), '--fetch-timeout', '3']);
    expect([code, entry!.verdict, entry!.failure?.kind]).toEqual([4, 'error', 'outside']);
    registry.faults.length = 0;
  });

  test('a private address is contacted only when it is listed', async () => {
    const { code, stdout } = await run(['scan', '--format', 'json', oci('pure:v1')]);
    expect([code === 3 || code === 4, (JSON.parse(stdout) as { results: Entry[] }).results[0]!.verdict]).toEqual([true, 'error']);
  });

  test('equal bytes under many references are fetched once', async () => {
    const list = Array.from({ length: 40 }, () => `${oci('pure')}@${pureDigest}`);
    writeFileSync(join(folder, 'list.txt'), list.join('\n'));
    registry.requests.length = 0;
    const { entries } = await scanned(['--targets-from', 'list.txt', '--no-cache']);
    expect(entries).toHaveLength(40);
    expect(registry.count('GET', /\/blobs\//)).toBeLessThanOrEqual(2);
  });

  test('a second run finds blobs in the cache, and the tag is asked for again', async () => {
    await scanned([oci('spawn:v1')]);
    registry.requests.length = 0;
    await scanned([oci('spawn:v1')]);
    expect([registry.count('GET', /\/manifests\//), registry.count('GET', /\/blobs\//)]).toEqual([1, 0]);
    registry.requests.length = 0;
    await scanned([oci('spawn:v1'), '--no-cache']);
    expect(registry.count('GET', /\/blobs\//)).toBeGreaterThan(0);
  });

  test('a tag that moved is judged by what it is now', async () => {
    putInto(registry, 'acme/moving', 'v1', wasmArtifact(PURE));
    expect((await scanned([oci('moving:v1')])).code).toBe(0);
    putInto(registry, 'acme/moving', 'v1', wasmArtifact(SPAWN));
    expect((await scanned([oci('moving:v1')])).code).toBe(1);
  });

  test('a mirror is asked before the registry it stands for', async () => {
    const { code, entries: [entry] } = await scanned(['oci://registry.example/acme/pure:v1', '--mirror', `registry.example=${registry.host}`]);
    expect([code, entry!.verdict]).toEqual([0, 'warn']);
  });
});

describe('shares and streams', () => {
  test('shares part the targets between them', async () => {
    writeFileSync(join(folder, 'shares.txt'), ['pure', 'spawn', 'web', 'mixed'].map((name) => oci(`${name}:v1`)).join('\n'));
    const first = await scanned(['--targets-from', 'shares.txt', '--shard', '1/2']);
    const second = await scanned(['--targets-from', 'shares.txt', '--shard', 'job/2'], { env: { JOB_COMPLETION_INDEX: '1' } });
    const names = (entries: readonly Entry[]): string[] => entries.map(({ artifact }) => artifact.name.split('!/')[0]!);
    expect(names(first.entries)).toEqual([oci('pure:v1'), oci('web:v1')]);
    expect(new Set(names(second.entries))).toEqual(new Set([oci('spawn:v1'), oci('mixed:v1')]));
  });

  test.each(['0/2', '3/2', '1/0', 'x', 'job/2'])('the share %s is a usage error', async (shard) => {
    expect((await run(['scan', oci('pure:v1'), '--shard', shard])).code).toBe(2);
  });

  test('JSON lines come as soon as they are known', async () => {
    const { stdout } = await run(['scan', '--format', 'jsonl', '--insecure-registry', registry.host, oci('pure:v1'), oci('spawn:v1')]);
    expect(stdout.trim().split('\n').map((line) => (JSON.parse(line) as Entry).verdict)).toEqual(['warn', 'deny']);
  });
});

describe('manifests', () => {
  const manifest = (reference: string): string => `apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: { name: filter, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  url: ${reference}
  failStrategy: FAIL_OPEN
  phase: AUTHN
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      containers:
      - { name: web, image: ${registry.host}/acme/web:v1 }
`;

  test('standard input is read as manifests, and findings point to file, line and pointer', async () => {
    const { code, entries } = await scanned(['-', '--stdin-filename', 'rendered.yaml'], { input: manifest(oci('spawn:v1')) });
    expect(entries.map(({ verdict, carrier }) => [verdict, carrier?.kind, carrier?.pointer, carrier?.line])).toEqual([
      ['deny', 'WasmPlugin', '/spec/url', 10],
      ['allow', 'Deployment', '/spec/template/spec/containers/0/image', 21],
    ]);
    const open = entries[0]!.findings.find(({ rule }) => rule === 'k8s-wasm-fail-open');
    expect(open?.location.source).toMatchObject({ file: 'rendered.yaml', line: 11, pointer: '/spec/failStrategy' });
    expect(code).toBe(1);
  });

  test('inspect lists carriers before anything is fetched', async () => {
    registry.requests.length = 0;
    const { code, stdout } = await run(['inspect', '--no-fetch', '--format', 'json', '-'], { input: manifest('oci://elsewhere.example/filter:v1') });
    const report = JSON.parse(stdout) as { carriers: Record<string, unknown>[]; results: unknown[] };
    expect([code, report.results, registry.requests]).toEqual([0, [], []]);
    expect(report.carriers.map(({ document, pointer, kind, namespace, name, reference, scheme, pinned, certain }) => ({ document, pointer, kind, namespace, name, reference, scheme, pinned, certain }))).toEqual([
      { document: 1, pointer: '/spec/url', kind: 'WasmPlugin', namespace: 'shop', name: 'filter', reference: 'oci://elsewhere.example/filter:v1', scheme: 'oci', pinned: false, certain: true },
      { document: 2, pointer: '/spec/template/spec/containers/0/image', kind: 'Deployment', namespace: 'shop', name: 'web', reference: `${registry.host}/acme/web:v1`, scheme: 'oci', pinned: false, certain: false },
    ]);
    const ajv = new Ajv2020({ allErrors: true, strict: false }).addSchema(schema('scan.schema.json')).addSchema(schema('inspect.schema.json'));
    const valid = ajv.compile(schema('inspect-list.schema.json'));
    expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  });

  test('SARIF shows a finding on the line of the manifest', async () => {
    writeFileSync(join(folder, 'plugin.yaml'), manifest(oci('spawn:v1')));
    const { stdout } = await run(['scan', 'plugin.yaml', '--format', 'sarif', '--sarif-profile', 'full', '--insecure-registry', registry.host]);
    const log = JSON.parse(stdout) as { runs: { results: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[] }[] }[] };
    const places = log.runs[0]!.results.map(({ ruleId, locations: [place] }) => [ruleId, place!.physicalLocation.artifactLocation.uri, place!.physicalLocation.region.startLine]);
    expect(places).toContainEqual(['k8s-wasm-fail-open', 'plugin.yaml', 11]);
    expect(new Set(places.map(([, uri]) => uri))).toEqual(new Set(['plugin.yaml']));
  });

  test('an image that cannot be reached blocks only where it looks like Wasm', async () => {
    const plain = 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: "127.0.0.1:1/x:v1" }] }\n';
    const signal = plain.replace('spec: {', 'spec: { runtimeClassName: wasmtime,');
    const options = ['--allow-host', '127.0.0.1:1', '--insecure-registry', '127.0.0.1:1', '--fetch-timeout', '2'];
    const ordinary = await scanned(['-', ...options], { input: plain });
    const wasm = await scanned(['-', ...options], { input: signal });
    expect([ordinary.code, ordinary.entries[0]!.verdict, ordinary.entries[0]!.blocked]).toEqual([0, 'error', false]);
    expect([wasm.code, wasm.entries[0]!.verdict, wasm.entries[0]!.blocked]).toEqual([4, 'error', true]);
    const strict = await scanned(['-', '--policy', 'restricted', ...options], { input: plain });
    expect([strict.code, strict.entries[0]!.blocked]).toEqual([4, true]);
  });

  test('bytes that only a node can see are not analysed; the level says whether they block', async () => {
    const plugin = 'apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: { name: a }\nspec: { url: "file:///opt/filter.wasm", selector: { matchLabels: { a: b } } }\n';
    const baseline = await scanned(['-'], { input: plugin });
    const restricted = await scanned(['-', '--policy', 'restricted'], { input: plugin });
    expect([baseline.code, baseline.entries[0]!.verdict, baseline.entries[0]!.failure?.kind]).toEqual([0, 'error', 'unseen']);
    expect([restricted.code, restricted.entries[0]!.blocked]).toEqual([3, true]);
  });

  test('an image without Wasm under a Wasm runtime class is allowed with a warning', async () => {
    const pod = `apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { runtimeClassName: wasmtime, containers: [{ name: a, image: "${registry.host}/acme/web:v1" }] }\n`;
    const { code, entries } = await scanned(['-'], { input: pod });
    expect([code, entries[0]!.verdict, entries[0]!.blocked, entries[0]!.findings]).toEqual([0, 'warn', false, []]);
  });

  test('a document that cannot be read is not passed over', async () => {
    const { code, entries } = await scanned(['-', '--stdin-filename', 'x.yaml'], { input: `${manifest(oci('pure:v1'))}---\napiVersion: v1\nkind: Pod\n  bad: [\n` });
    expect(entries.at(-1)).toMatchObject({ verdict: 'error', failure: { code: 'bad-manifest' } });
    expect(code).toBe(3);
  });
});

describe('inspection of packages', () => {
  test('one module is one object, several are a list', async () => {
    const one = JSON.parse((await run(['inspect', '--format', 'json', '--insecure-registry', registry.host, oci('pure:v1')])).stdout) as { artifact: { name: string }; exports: unknown[] };
    const two = JSON.parse((await run(['inspect', '--format', 'json', '--insecure-registry', registry.host, oci('mixed:v1')])).stdout) as { results: { artifact: { name: string } }[] };
    expect([one.artifact.name, one.exports.length]).toEqual([oci('pure:v1'), 1]);
    expect(two.results.map(({ artifact }) => artifact.name)).toEqual([`${oci('mixed:v1')}!/app/evil.wasm`, `${oci('mixed:v1')}!/app/main.wasm`]);
  });

  test('an image without Wasm is said on stderr, and is no failure', async () => {
    const { code, stdout, stderr } = await run(['inspect', '--insecure-registry', registry.host, oci('web:v1')]);
    expect([code, stdout, stderr.includes('No Wasm in')]).toEqual([0, '', true]);
  });
});
