import { Ajv2020 } from 'ajv/dist/2020.js';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { layoutFiles } from '../support/archives.ts';
import { commands } from '../support/guide.ts';
import { ROOT } from '../support/imports.ts';
import { runHere, type RunHere } from '../support/run-here.ts';
import { watToWasm } from '../support/wat.ts';

const CLOCK = '(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))';
const UNLINK = '(import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32)))';
const V1 = watToWasm(`(module ${CLOCK})`);
const V2 = watToWasm(`(module ${CLOCK} ${UNLINK})`);
const TOOLCHAINS = join(ROOT, 'test/fixtures/toolchains');

interface Report {
  readonly increase: boolean;
  readonly artifacts: readonly { readonly path: string; readonly old: object | null; readonly new: object | null; readonly failure: string | null; readonly changes: readonly { readonly area: string; readonly name: string; readonly change: string; readonly increase: boolean }[] }[];
}
const valid = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(readFileSync(join(ROOT, 'docs/schema/diff.schema.json'), 'utf8')) as object);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-diff-'));
  put('old.wasm', V1);
  put('new.wasm', V2);
  return () => rmSync(folder, { recursive: true });
});

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function wasmgate(...args: string[]): Promise<RunHere> {
  return runHere(args, { cwd: folder });
}

async function json(...args: string[]): Promise<Report> {
  const { stdout } = await wasmgate('diff', ...args, '--format', 'json');
  const report = JSON.parse(stdout) as Report;
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  return report;
}

test('an increase fails where that is asked for, a decrease does not, and any change does with --fail-on change', async () => {
  expect(await wasmgate('diff', 'old.wasm', 'new.wasm')).toMatchObject({ code: 0 });
  expect(await wasmgate('diff', 'old.wasm', 'new.wasm', '--fail-on', 'increase')).toMatchObject({ code: 1 });
  expect(await wasmgate('diff', 'new.wasm', 'old.wasm', '--fail-on', 'increase')).toMatchObject({ code: 0 });
  expect(await wasmgate('diff', 'new.wasm', 'old.wasm', '--fail-on', 'change')).toMatchObject({ code: 1 });
  expect(await wasmgate('diff', 'old.wasm', 'old.wasm', '--fail-on', 'change')).toMatchObject({ code: 0, stdout: 'No change\n' });
});

test('text says what is new, as the guide shows it', async () => {
  const { stdout } = await wasmgate('diff', 'old.wasm', 'new.wasm');
  expect(readFileSync(join(ROOT, 'docs/diff.md'), 'utf8')).toContain(stdout);
});

test('markdown holds a table whose cells no name can leave', async () => {
  put('new.wasm', watToWasm(`(module ${CLOCK} (import "env" "a|b\`<img src=x>\\n| c" (func)))`));
  const { stdout } = await wasmgate('diff', 'old.wasm', 'new.wasm', '--format', 'markdown');
  const rows = stdout.split('\n').filter((line) => line.startsWith('|'));
  expect(rows.every((line) => line.split('|').length === 7), stdout).toBe(true);
  expect(stdout).toContain("| **increase** | added | import `env.a¦b'<img src=x>\\n¦ c` |  |  |");
});

describe('several artifacts', () => {
  test('are paired by path in their targets, and JSON lists unchanged ones too', async () => {
    for (const side of ['v1', 'v2']) put(`${side}/lib/same.wasm`, V1);
    put('v1/app.wasm', V1);
    put('v2/app.wasm', V2);
    put('v2/more/a.wasm', V1);
    const report = await json('v1', 'v2/');
    expect(report.artifacts.map(({ path, old, changes }) => [path, old === null, changes.length > 0])).toEqual([['app.wasm', false, true], ['lib/same.wasm', false, false], ['more/a.wasm', true, true]]);
    expect(report.increase).toBe(true);
  });

  test('come out the same whatever way the folders are named', async () => {
    put('v1/app.wasm', V1);
    put('v2/app.wasm', V2);
    const [a, b] = [await json('v1', 'v2'), await json(join(folder, 'v1'), './v2')];
    expect(b.artifacts.map(({ path, changes }) => ({ path, changes }))).toEqual(a.artifacts.map(({ path, changes }) => ({ path, changes })));
  });
});

describe('what cannot be compared', () => {
  test('is said, and is exit code 3 also without --fail-on', async () => {
    put('broken.wasm', V2.slice(0, V2.length - 3));
    const run = await wasmgate('diff', 'old.wasm', 'broken.wasm', '--fail-on', 'increase');
    expect(run).toMatchObject({ code: 3 });
    expect(run.stdout).toContain('Not compared: ');
    expect((await json('old.wasm', 'broken.wasm')).artifacts).toMatchObject([{ changes: [] }]);
    expect(await wasmgate('diff', 'old.wasm', 'nothing.wasm')).toMatchObject({ code: 3 });
  });

  test('a side without any artifact is exit code 3, a missing side exit code 2', async () => {
    put('empty/readme.txt', 'nothing');
    expect(await wasmgate('diff', 'old.wasm', 'empty')).toMatchObject({ code: 3 });
    expect(await wasmgate('diff', 'old.wasm')).toMatchObject({ code: 2 });
    expect(await wasmgate('diff', 'old.wasm', 'new.wasm', 'old.wasm')).toMatchObject({ code: 2 });
  });
});

test('Kubernetes manifests are compared object by object, whatever their files are called', async () => {
  const configMap = (name: string, bytes: Uint8Array): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\nbinaryData: { filter.wasm: ${Buffer.from(bytes).toString('base64')} }\n`;
  put('before.yaml', [configMap('one', V1), configMap('two', V1)].join('---\n'));
  put('after.yaml', [configMap('two', V2), configMap('one', V1)].join('---\n'));
  const report = await json('before.yaml', 'after.yaml');
  expect(report.artifacts.map(({ path, old, new: now, changes }) => [path, old !== null && now !== null, changes.some(({ increase }) => increase)])).toEqual([
    ['ConfigMap one /binaryData/filter.wasm', true, false], ['ConfigMap two /binaryData/filter.wasm', true, true],
  ]);
});

test('images of manifests that cannot be had are not compared', async () => {
  const plugIn = (tag: string): string => `apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: { name: filter }\nspec: { url: "oci://ghcr.io/acme/filter:${tag}" }\n`;
  put('before.yaml', plugIn('v1'));
  put('after.yaml', plugIn('v2'));
  const run = await wasmgate('diff', 'before.yaml', 'after.yaml', '--no-fetch', '--fail-on', 'change');
  expect(run.code).toBe(3);
  expect(run.stdout).toContain('Not compared: ');
});

test('standard input may be one side, not both', async () => {
  const { code, stderr } = await wasmgate('diff', '-', '-');
  expect([code, stderr]).toEqual([2, expect.stringContaining('only once')]);
});

test('an image layout is compared like the file in it', async () => {
  for (const [path, content] of Object.entries(layoutFiles([{ layers: [V2], layerType: 'application/wasm', entrypoint: [] }]))) put(`layout/${path}`, content);
  const report = await json('old.wasm', 'layout');
  expect(report.artifacts).toHaveLength(1);
  expect(report.artifacts[0]!.changes.filter(({ area }) => area === 'capability')).toMatchObject([{ name: 'fs-write', change: 'added', increase: true }]);
});

describe('programs of real toolchains', () => {
  test('a program that begins to use files gains the capabilities for them', async () => {
    const report = await json(join(TOOLCHAINS, 'rust-hello-wasip1.wasm'), join(TOOLCHAINS, 'rust-files-wasip1.wasm'));
    const gained = report.artifacts[0]!.changes.filter(({ area, change }) => area === 'capability' && change === 'added').map(({ name }) => name);
    expect(gained).toEqual(['fs-meta', 'fs-open', 'fs-preopen', 'fs-write']);
  });

  test('and so does a component', async () => {
    const report = await json(join(TOOLCHAINS, 'rust-hello-wasip2.wasm'), join(TOOLCHAINS, 'rust-tcp-client-wasip2.wasm'));
    const gained = report.artifacts[0]!.changes.filter(({ area, increase }) => area === 'capability' && increase).map(({ name }) => name);
    expect(gained).toContain('net-connect');
  });
});

const PACKAGE = 'node_modules/@bytecodealliance/componentize-js/lib/spidermonkey-embedding-splicer.core.wasm';
const PUBLISHED = [join(ROOT, 'test/corpus/node_modules/@bytecodealliance/jco', PACKAGE), join(ROOT, 'test/corpus', PACKAGE)];

test.skipIf(!process.env['CI'] && !PUBLISHED.every((path) => existsSync(path)))('two published versions of one package differ in their libraries and gain no power', async () => {
  const [old, now] = PUBLISHED as [string, string];
  const { changes } = (await json(old, now)).artifacts[0]!;
  expect(changes.filter(({ increase }) => increase).map(({ area, name }) => `${area} ${name}`)).toEqual(['limit memory, initial bytes']);
  expect(changes).toContainEqual({ area: 'dependency', name: 'cargo js-component-bindgen', change: 'changed', from: '1.19.0', to: '2.11.0', increase: false });
  expect(changes.some(({ area }) => ['capability', 'import', 'export', 'feature'].includes(area))).toBe(false);
  expect(await wasmgate('diff', old, old, '--fail-on', 'change')).toMatchObject({ code: 0 });
});

test('every command of the guide runs', async () => {
  const lines = commands('diff.md');
  const codes: number[] = [];
  for (const words of lines) codes.push((await wasmgate(...words)).code);
  expect(codes).toEqual([0, 1, 0, 0]);
  expect(readFileSync(join(folder, 'comment.md'), 'utf8')).toContain('### wasmgate: 2 increases');
  expect(readFileSync(join(folder, 'diff.html'), 'utf8')).toContain('<h1>2 increases, 1 other change</h1>');
});
