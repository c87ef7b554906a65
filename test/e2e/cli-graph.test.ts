import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { ROOT } from '../support/imports.ts';
import { runHere, type RunHere } from '../support/run-here.ts';
import { watToWasm } from '../support/wat.ts';

const PROGRAM = watToWasm(`(module
  (import "env" "log" (func $log)) (import "env" "system" (func $system)) (import "env" "spare" (func $spare)) (import "env" "memory" (memory 1))
  (func $write call $log)
  (func (export "run") call $write)
  (func (export "admin") call $system call $write)
  (func $dead call $spare))`);

interface Graph {
  readonly module: string;
  readonly entryPoints: readonly number[];
  readonly reachable: readonly number[];
  readonly imports: readonly { readonly module: string; readonly name: string; readonly reachable: boolean | null; readonly path: readonly number[] | null; readonly entryPoints: readonly number[] | null }[];
}
const valid = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(readFileSync(join(ROOT, 'docs/schema/graph.schema.json'), 'utf8')) as object);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-graph-'));
  writeFileSync(join(folder, 'app.wasm'), PROGRAM);
  return () => rmSync(folder, { recursive: true });
});

function graph(...args: string[]): Promise<RunHere> {
  return runHere(['graph', ...args], { cwd: folder });
}

async function json<Report = Graph>(...args: string[]): Promise<Report> {
  const report = JSON.parse((await graph(...args, '--format', 'json')).stdout) as Report;
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  return report;
}

test('JSON names functions by their index, for every import whether it is reached, how, and from where', async () => {
  expect(await json('app.wasm')).toMatchObject({
    schemaVersion: 1, artifact: { name: 'app.wasm' }, functions: { imported: 3, defined: 4 }, closed: true,
    entryPoints: [4, 5], reachable: [0, 1, 3, 4, 5],
    imports: [
      { module: 'env', name: 'log', reachable: true, path: [4, 3, 0], entryPoints: [4, 5] },
      { module: 'env', name: 'system', reachable: true, path: [5, 1], entryPoints: [5] },
      { module: 'env', name: 'spare', reachable: false, path: null, entryPoints: [] },
      { module: 'env', name: 'memory', reachable: null, path: null, entryPoints: null },
    ],
  });
});

test('--from starts at one export, and says which there are when it is misspelt', async () => {
  const { entryPoints, reachable, imports } = await json('app.wasm', '--from', 'run');
  expect([entryPoints, reachable]).toEqual([[4], [0, 3, 4]]);
  expect(imports.map((one) => one.reachable)).toEqual([true, false, false, null]);
  const { code, stderr } = await graph('app.wasm', '--from', 'rum');
  expect(code).toBe(2);
  expect(stderr).toContain('No function is exported as "rum"; did you mean run?');
  expect(stderr).toContain('Exported functions: run, admin');
});

test('text shows the chains by name', async () => {
  const { code, stdout } = await graph('app.wasm');
  expect(code).toBe(0);
  expect(stdout).toContain('5 of 7 functions are reached from 2 entry points. No table or reference is shared with the host.');
  expect(stdout).toMatch(/Reached imports \(2\)\n {4}env\.log from every entry point\n {6}run > write > env\.log\n {4}env\.system from admin\n {6}admin > env\.system\n/);
  expect(stdout).toMatch(/Imports that nothing reaches \(1\)\n {4}env\.spare\n/);
});

test('drawings quote names, whatever they hold', async () => {
  writeFileSync(join(folder, 'odd.wasm'), watToWasm('(module (import "a" "b\\"];x[label=\\22y" (func $f)) (func (export "run\\22] --> evil\\n") call $f))'));
  const dot = (await graph('odd.wasm', '--format', 'dot')).stdout;
  expect(dot).toContain('m0f1 -> m0f0;');
  expect(dot).toContain('m0f0 [label="a.b\\"];x[label=\\"y", shape=component];');
  expect(dot.split('\n').filter((line) => line.includes('evil'))).toHaveLength(1);
  const mermaid = (await graph('odd.wasm', '--format', 'mermaid')).stdout;
  expect(mermaid).toContain('m0f1 --> m0f0\n');
  expect(mermaid).toContain('m0f0[["a.b#34;#93;#59;x#91;label#61;#34;y"]]');
  expect(mermaid.match(/-->/g)).toHaveLength(1);
});

test('what is too large to draw whole shows the chains to the imports', async () => {
  const calls = Array.from({ length: 500 }, (_, at) => `(func $f${at} call $f${(at + 1) % 500} call $f${(at + 7) % 500})`).join('');
  writeFileSync(join(folder, 'large.wasm'), watToWasm(`(module (import "env" "log" (func $log)) (func (export "run") call $f0 call $log) ${calls})`));
  const { stdout } = await graph('large.wasm', '--format', 'mermaid');
  expect(stdout).toContain('large.wasm (shortest chains to imports)'.replaceAll('(', '#40;').replaceAll(')', '#41;'));
  expect(stdout.match(/-->/g)).toHaveLength(1);
});

test('a component has one graph for each core module', async () => {
  writeFileSync(join(folder, 'two.wasm'), watToWasm('(component (core module (func (export "a"))) (core module (import "m" "f" (func $f)) (func (export "b") call $f)))'));
  const { graphs } = await json<{ graphs: Graph[] }>('two.wasm');
  expect(graphs.map(({ module, reachable }) => [module, reachable])).toEqual([['module[0]', [0]], ['module[1]', [0, 1]]]);
  expect((await json<{ graphs: Graph[] }>('two.wasm', '--from', 'b')).graphs.map(({ module }) => module)).toEqual(['module[1]']);
});

test('what was not read to its end has no graph', async () => {
  writeFileSync(join(folder, 'broken.wasm'), PROGRAM.subarray(0, PROGRAM.length - 3));
  const { code, stdout, stderr } = await graph('broken.wasm', '--format', 'json');
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, graphs: [] });
  expect(stderr).toContain('broken.wasm: no call graph: ');
});
