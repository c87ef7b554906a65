import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { commands } from '../support/guide.ts';
import { ROOT } from '../support/imports.ts';
import { runHere, type RunHere } from '../support/run-here.ts';
import { watToWasm } from '../support/wat.ts';

const TOOLCHAINS = join(ROOT, 'test/fixtures/toolchains');
const CLOCK = '(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-learn-'));
  put('app.wasm', `(module ${CLOCK})`);
  return () => rmSync(folder, { recursive: true });
});

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), watToWasm(text));
}

function wasmgate(...args: string[]): Promise<RunHere> {
  return runHere(args, { cwd: folder });
}

async function learn(...args: string[]): Promise<string> {
  const run = await wasmgate('policy', 'learn', ...args);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return run.stdout;
}

async function judge(policy: string, ...targets: string[]): Promise<number> {
  writeFileSync(join(folder, 'policy.yaml'), policy);
  const run = await wasmgate('scan', ...targets, '--policy', 'policy.yaml');
  expect(run.stderr).toBe('');
  return run.code;
}

/** The policy without one of the lines that allow something, for each of them: items of lists, in YAML or in an expression. */
function withoutEach(policy: string): { readonly line: string; readonly policy: string }[] {
  const lines = policy.split('\n');
  return lines.flatMap((line, at) => {
    if (!/^ {6}- [^:]+(?:#|$)/.test(line) && !/^ {10}"/.test(line)) return [];
    const rest = lines.toSpliced(at, 1);
    // A list that loses its only item stays a list.
    const emptied = /^ *(?:only|allow):$/.test(rest[at - 1]!) && !/^ {6}- /.test(rest[at] ?? '');
    return [{ line: line.trim(), policy: (emptied ? rest.with(at - 1, `${rest[at - 1]} []`) : rest).join('\n') }];
  });
}

describe.each([
  ['a program that uses files', ['rust-files-wasip1.wasm']],
  ['a component', ['rust-http.wasm']],
  ['a program with imports nobody knows', ['unknown.wasm']],
  ['a feature that the level denies', ['threads.wasm']],
  ['several programs', ['rust-wapc.wasm', 'opa.wasm', 'rust-tcp-client-wasip2.wasm']],
])('the policy learned from %s', (_, names) => {
  const targets = (): string[] => names.map((name) => (name === 'unknown.wasm' || name === 'threads.wasm' ? name : join(TOOLCHAINS, name)));
  beforeEach(() => {
    put('unknown.wasm', '(module (import "acme" "one" (func)) (import "acme.io" "two" (func)) (import "acme" "state" (global i32)))');
    put('threads.wasm', '(component (core func (canon thread.available_parallelism)))');
  });

  test('admits it, and without any line that allows something one of them is denied', async () => {
    const policy = await learn(...targets());
    expect(await judge(policy, ...targets())).toBe(0);
    const shorter = withoutEach(policy);
    expect(shorter.length).toBeGreaterThan(0);
    for (const { line, policy: text } of shorter) expect(await judge(text, ...targets()), line).toBe(1);
  });

  test('denies a program that can do one thing more', async () => {
    put('more.wasm', '(module (import "wasi_snapshot_preview1" "proc_raise" (func (param i32) (result i32))))');
    expect(await judge(await learn(...targets()), 'more.wasm')).toBe(1);
  });
});

describe('a learned policy denies', () => {
  test('an import that nobody knows, though others are allowed by name', async () => {
    put('app.wasm', '(module (import "acme" "one" (func)))');
    put('more.wasm', '(module (import "acme" "one" (func)) (import "acme" "two" (func)))');
    expect(await judge(await learn('app.wasm'), 'more.wasm')).toBe(1);
  });

  test.each([
    ['a feature', '(module (memory 1 1) (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))))'],
    ['memory', '(module (memory 4 4))'],
    ['functions', `(module (memory 1 1) ${'(func)'.repeat(9)})`],
    ['bytes', `(module (memory 1 1) (@custom "x" "${'x'.repeat(2_000)}"))`],
  ])('more %s', async (_, more) => {
    put('app.wasm', '(module (memory 1 1) (func))');
    put('more.wasm', more);
    const policy = await learn('app.wasm');
    expect(await judge(policy, 'app.wasm')).toBe(0);
    expect(await judge(policy, 'more.wasm')).toBe(1);
  });

  test('other bytes of the same powers, with --pin', async () => {
    put('twin.wasm', `(module ${CLOCK} (func))`);
    const policy = await learn('app.wasm', '--pin');
    expect(await judge(policy, 'app.wasm')).toBe(0);
    expect(await judge(policy, 'twin.wasm')).toBe(1);
  });
});

describe('nothing is learned to be overlooked', () => {
  test.each([
    ['a signature that the level asks for', ['app.wasm', '--level', 'restricted'], 1, 'signature-missing'],
    ['native code', ['code.wasm'], 3, 'Not WebAssembly'],
  ])('%s', async (_, args, code) => {
    writeFileSync(join(folder, 'code.wasm'), Buffer.from('7f454c460201010000000000000000000200f70001000000', 'hex'));
    const run = await wasmgate('policy', 'learn', ...args, '--output', 'learned.yaml');
    expect(run.code).toBe(code);
    expect(run.stderr).not.toBe('');
    expect(() => readFileSync(join(folder, 'learned.yaml'))).toThrow('ENOENT');
  });

  test('an import whose name is a pattern', async () => {
    put('star.wasm', '(module (import "acme" "*" (func)))');
    const run = await wasmgate('policy', 'learn', 'star.wasm', '--level', 'privileged');
    expect(run.stderr).toContain('Import acme.* cannot be allowed alone');
    expect(run).toMatchObject({ code: 1, stdout: '' });
  });
});

test('it is a resource of the cluster under the name that was asked for', async () => {
  const document = parse(await learn('app.wasm', '--kind', 'ClusterWasmPolicy', '--name', 'acme-app')) as { kind: string; metadata: { name: string } };
  expect(document).toMatchObject({ kind: 'ClusterWasmPolicy', metadata: { name: 'acme-app' } });
});

test('a file is never overwritten unless that is said', async () => {
  writeFileSync(join(folder, 'mine.yaml'), 'mine');
  expect(await wasmgate('policy', 'learn', 'app.wasm', '--output', 'mine.yaml')).toMatchObject({ code: 2 });
  expect(readFileSync(join(folder, 'mine.yaml'), 'utf8')).toBe('mine');
  expect(await wasmgate('policy', 'learn', 'app.wasm', '--output', 'mine.yaml', '--force')).toMatchObject({ code: 0 });
});

test('every command of the guide runs, and its example is what comes out', async () => {
  for (const words of commands('policy-learn.md')) expect(await wasmgate(...words), words.join(' ')).toMatchObject({ code: 0 });
  const written = readFileSync(join(folder, 'app-policy.yaml'), 'utf8');
  expect(written).toContain('  capabilities:\n    only:\n      - clock-read # app.wasm: wasi_snapshot_preview1.clock_time_get\n');
  expect(parse(readFileSync(join(folder, 'cluster-policy.yaml'), 'utf8'))).toMatchObject({ kind: 'ClusterWasmPolicy' });
});
