import { Ajv2020 } from 'ajv/dist/2020.js';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/imports.ts';
import { buildCli, runCli, type CliOptions, type CliRun } from '../support/run-cli.ts';
import { watToWasm } from '../support/wat.ts';

const PURE = watToWasm('(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))');
const SPAWN = watToWasm('(module (import "env" "system" (func (param i32) (result i32))) (func (export "_start") i32.const 0 call 0 drop))');
const LISTEN = watToWasm('(module (import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32))))');
const EVIL = watToWasm('(module (import "env" "\\1b[2Jx\\0aALLOW  fake.wasm\\e2\\80\\ae" (func)))');
const BROKEN = Buffer.from('0061736d0100000001ff', 'hex');
const ELF = Buffer.from('7f454c46020101000000000000000000', 'hex');

let folder: string;
/** The bundle: what users run, and faster to start than the sources. */
let built: { readonly folder: string; readonly main: string };
beforeAll(() => {
  built = buildCli();
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-cli-'));
  mkdirSync(join(folder, 'tree/sub'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  put('pure.wasm', PURE);
  put('spawn.wasm', SPAWN);
  put('files.wasm', LISTEN);
  put('evil.wasm', EVIL);
  put('broken.wasm', BROKEN);
  put('native.bin', ELF);
  put('text.wat', '(module)');
  put('tree/b.wasm', PURE);
  put('tree/a.bin', SPAWN);
  put('tree/sub/copy', PURE);
  put('tree/readme.txt', 'no wasm');
  put('audit.yaml', policy('audit', 'mode: audit'));
  put('lenient.yaml', policy('lenient', 'onError: allow'));
  put('elsewhere.yaml', policy('elsewhere', 'match: { references: ["registry.example/**"] }'));
  put('wrong.yaml', policy('wrong', 'levle: baseline'));
});
afterAll(() => [folder, built.folder].forEach((path) => rmSync(path, { recursive: true })));

function put(path: string, content: Uint8Array | string): void {
  writeFileSync(join(folder, path), content);
}

function policy(name: string, line: string): string {
  return `apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata:\n  name: ${name}\nspec:\n  ${line}\n`;
}

function scan(args: string, options: CliOptions = {}): Promise<CliRun> {
  return runCli(['scan', ...args.split(' ').filter(Boolean)], { cwd: folder, main: built.main, ...options });
}

interface Result {
  artifact: { name: string; digest: string | null };
  verdict: string;
  blocked: boolean;
  findings: { rule: string; severity: string; message: string }[];
  failure: { code: string } | null;
}

function lines(run: CliRun): Result[] {
  return run.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Result);
}

function verdicts(run: CliRun): string[] {
  return lines(run).map(({ artifact, verdict }) => `${artifact.name} ${verdict}`);
}

describe('verdicts and exit codes', () => {
  test.each([
    ['pure.wasm', 0, ['pure.wasm allow']],
    ['spawn.wasm', 1, ['spawn.wasm deny']],
    ['files.wasm', 0, ['files.wasm warn']],
    ['files.wasm --fail-on warning', 1, ['files.wasm warn']],
    ['spawn.wasm --fail-on never', 0, ['spawn.wasm deny']],
    ['spawn.wasm --exit-zero', 0, ['spawn.wasm deny']],
    ['spawn.wasm --policy privileged', 0, null],
    ['spawn.wasm --policy audit.yaml', 0, ['spawn.wasm allow']],
    ['broken.wasm', 1, ['broken.wasm deny']],
    ['native.bin', 1, ['native.bin deny']],
    ['text.wat', 3, ['text.wat error']],
    ['text.wat --exit-zero', 3, ['text.wat error']],
    ['text.wat --policy lenient.yaml', 0, ['text.wat error']],
    ['gone.wasm pure.wasm', 3, ['gone.wasm error', 'pure.wasm allow']],
    ['text.wat spawn.wasm', 3, ['text.wat error', 'spawn.wasm deny']],
  ])('scan %s exits with %i', async (args, code, expected) => {
    const run = await scan(`${args} --format jsonl`);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code, stderr: '' });
    if (expected) expect(verdicts(run)).toEqual(expected);
  });

  test('what the policy lets through stays listed as not analysed', async () => {
    const [result] = lines(await scan('text.wat --policy lenient.yaml --format jsonl'));
    expect(result).toMatchObject({ verdict: 'error', blocked: false });
  });

  test('the most restrictive of several policies counts', async () => {
    expect((await scan('spawn.wasm --policy privileged --policy baseline')).code).toBe(1);
    expect((await scan('spawn.wasm --policy baseline --policy privileged')).code).toBe(1);
  });
});

describe('mistakes are exit code 2 and judge nothing', () => {
  test.each([
    ['', 'No target given'],
    ['pure.wasm --polcy x', 'Did you mean --policy?'],
    ['pure.wasm --fail-on high', 'error, warning, note, never'],
    ['pure.wasm --format xml', 'Known formats: text, json, jsonl'],
    ['pure.wasm --format text --format json', 'Two formats for one stream'],
    ['pure.wasm --format json=out.json --format jsonl=out.json', 'Two formats for one stream'],
    ['pure.wasm --policy basline', 'did you mean baseline'],
    ['pure.wasm --policy gone.yaml', 'no such file'],
    ['pure.wasm --policy wrong.yaml', 'wrong.yaml:6:3'],
    ['pure.wasm --policy elsewhere.yaml', 'matches no target'],
    ['pure.wasm --jobs none', '--jobs'],
    ['pure.wasm --targets-from gone.txt', 'gone.txt'],
    ['- -', 'only once'],
    ['pure.wasm --output empty', 'Cannot write empty'],
  ])('scan %s', async (args, message) => {
    const run = await scan(args);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(message);
    expect(run.stdout).toBe('');
  });

  test.each([['scna', 'Did you mean scan?'], ['', 'Usage:'], ['policy exlain', 'explain']])('wasmgate %s', async (args, message) => {
    const run = await runCli(args.split(' ').filter(Boolean), { main: built.main });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(message);
  });
});

test('the sources give the same report as the bundle', async () => {
  const args = 'tree spawn.wasm text.wat --format json --jobs 2';
  expect(await scan(args, { main: join(ROOT, 'cli/main.ts') })).toEqual(await scan(args));
});

describe('targets', () => {
  test('a folder is listed sorted by path, equal bytes each time', async () => {
    const run = await scan('tree --format jsonl');
    expect(verdicts(run)).toEqual(['tree/a.bin deny', 'tree/b.wasm allow', 'tree/sub/copy allow']);
    const [, first, copy] = lines(run);
    expect({ ...copy, artifact: first!.artifact }).toEqual(first);
  });

  test('nothing found is exit code 3 with a hint', async () => {
    const run = await scan('empty');
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('No Wasm found in empty');
  });

  test('globs, excludes and lists of targets', async () => {
    expect(verdicts(await scan('tree/**/* --exclude sub --format jsonl'))).toEqual(['tree/a.bin deny', 'tree/b.wasm allow']);
    const listed = await scan('--targets-from - --format jsonl', { input: '# first\npure.wasm\r\n\nspawn.wasm\n' });
    expect(verdicts(listed)).toEqual(['pure.wasm allow', 'spawn.wasm deny']);
  });

  test('standard input has a name', async () => {
    expect(verdicts(await scan('- --format jsonl', { input: SPAWN }))).toEqual(['stdin deny']);
    expect(verdicts(await scan('- --stdin-filename app.wasm --format jsonl', { input: PURE }))).toEqual(['app.wasm allow']);
  });
});

describe('reports', () => {
  test('json follows the published schema', async () => {
    const run = await scan('pure.wasm spawn.wasm broken.wasm text.wat native.bin gone.wasm files.wasm --format json');
    const schema = JSON.parse(readFileSync(join(ROOT, 'docs/schema/scan.schema.json'), 'utf8')) as object;
    const validate = new Ajv2020({ strict: true, strictTypes: false, allErrors: true }).compile(schema);
    const report = JSON.parse(run.stdout) as { results: Result[] };
    expect(validate(report) ? null : validate.errors).toBeNull();
    expect(report.results).toHaveLength(7);
    expect(lines(await scan('pure.wasm --format jsonl'))[0]).toEqual(report.results[0]);
  });

  test('several formats at once, each complete in its own place', async () => {
    const run = await scan('spawn.wasm --format text --format json=deep/er/report.json --format jsonl=lines.jsonl');
    expect(run.stdout).toMatch(/^DENY {2}spawn\.wasm/);
    expect((JSON.parse(readFileSync(join(folder, 'deep/er/report.json'), 'utf8')) as { results: unknown[] }).results).toHaveLength(1);
    expect(readFileSync(join(folder, 'lines.jsonl'), 'utf8').split('\n')).toHaveLength(2);
    expect(readdirSync(join(folder, 'deep/er'))).toEqual(['report.json']);
  });

  test('--output takes the report; standard output stays empty', async () => {
    const run = await scan('pure.wasm --output report.txt');
    expect(run).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(folder, 'report.txt'), 'utf8')).toMatch(/^ALLOW {2}pure\.wasm/);
  });

  test('names from a binary cannot forge a line or move the cursor, in any format', async () => {
    for (const format of ['text', 'json', 'jsonl']) {
      const { stdout } = await scan(`evil.wasm --format ${format}`);
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(stdout).not.toMatch(/^ALLOW {2}fake/m);
    }
    const [result] = lines(await scan('evil.wasm --format jsonl'));
    expect(JSON.stringify(result)).toContain('fake.wasm');
  });

  test('colours follow --color, NO_COLOR and FORCE_COLOR', async () => {
    const coloured = async (args: string, env: Record<string, string> = {}): Promise<boolean> => (await scan(`pure.wasm ${args}`, { env })).stdout.includes('\u001b[');
    expect(await coloured('')).toBe(false);
    expect(await coloured('--color always')).toBe(true);
    expect(await coloured('', { FORCE_COLOR: '1' })).toBe(true);
    expect(await coloured('', { FORCE_COLOR: '' })).toBe(false);
    expect(await coloured('', { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await coloured('--color never', { FORCE_COLOR: '1' })).toBe(false);
  });

  test('threads change nothing in the report', async () => {
    const alone = await scan('tree pure.wasm spawn.wasm files.wasm gone.wasm --jobs 1 --format jsonl');
    const together = await scan('tree pure.wasm spawn.wasm files.wasm gone.wasm --jobs 3 --format jsonl');
    expect(together).toEqual(alone);
    const policies = await scan('tree --jobs 2 --policy lenient.yaml --policy restricted --format jsonl');
    expect(policies).toEqual(await scan('tree --jobs 1 --policy lenient.yaml --policy restricted --format jsonl'));
  });

  test('a reader that goes away is no error', async () => {
    const child = spawn(process.execPath, [built.main, 'scan', ...Array.from({ length: 400 }, () => 'spawn.wasm'), '--format', 'json'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  test('Ctrl-C ends with 130 and leaves no file', async () => {
    const child = spawn(process.execPath, [built.main, 'scan', '-', '--output', 'interrupted.json'], { cwd: folder, stdio: 'pipe' });
    child.stdin.write(PURE);
    setTimeout(() => child.kill('SIGINT'), 1_000);
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(existsSync(join(folder, 'interrupted.json'))).toBe(false);
  });
});
