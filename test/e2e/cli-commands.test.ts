import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCli, runCli, type CliOptions, type CliRun } from '../support/run-cli.ts';
import { watToWasm } from '../support/wat.ts';

const SPAWN_TEXT = '(module (import "env" "system" (func (param i32) (result i32))))';

let folder: string;
let built: { readonly folder: string; readonly main: string };
beforeAll(() => {
  built = buildCli();
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-commands-'));
  mkdirSync(join(folder, 'cases/sub'), { recursive: true });
  put('spawn.wasm', watToWasm(SPAWN_TEXT));
  put('pure.wasm', watToWasm('(module (func (export "f")))'));
  put('broken.wasm', Buffer.from('0061736d0100000001ff', 'hex'));
  put('wrong.yaml', 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: a }\nspec:\n  levle: baseline\n  capabilities: { allow: [no-such-power] }\n');
});
afterAll(() => [folder, built.folder].forEach((path) => rmSync(path, { recursive: true })));

function put(path: string, content: Uint8Array | string): void {
  writeFileSync(join(folder, path), content);
}

function run(args: string, options: CliOptions = {}): Promise<CliRun> {
  return runCli(args.split(' ').filter(Boolean), { cwd: folder, main: built.main, ...options });
}

describe('help and version', () => {
  test('the version is one line, without a word on stderr', async () => {
    const { version } = JSON.parse(readFileSync(join(built.folder, 'package.json'), 'utf8')) as { version: string };
    expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([['--help', 'Commands:'], ['help scan', '--fail-on'], ['scan -h', '--policy'], ['policy --help', 'explain'], ['policy test --help', 'cases']])('%s goes to standard output', async (args, word) => {
    const result = await run(args);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain(word);
  });
});

describe('inspect', () => {
  test('one artifact is one object, several are a list', async () => {
    const one = JSON.parse((await run('inspect spawn.wasm --format json')).stdout) as { imports: unknown[]; analysed: string };
    expect(one).toMatchObject({ schemaVersion: 1, kind: 'module', analysed: 'full', imports: [{ module: 'env', name: 'system', kind: 'func', capability: 'process-spawn' }], capabilities: ['process-spawn'] });
    const many = await run('inspect spawn.wasm pure.wasm --format json');
    expect((JSON.parse(many.stdout) as { results: { kind: string }[] }).results.map(({ kind }) => kind)).toEqual(['module', 'module']);
    expect(many.code).toBe(0);
  });

  test('--imports says how far it looked', async () => {
    const shallow = JSON.parse((await run('inspect spawn.wasm --imports --format jsonl')).stdout) as object;
    expect(shallow).toMatchObject({ analysed: 'imports', imports: [{ name: 'system' }] });
  });

  test('a problem or a missing file is exit code 3, and what there is is shown', async () => {
    const result = await run('inspect broken.wasm gone.wasm pure.wasm --format jsonl');
    expect(result.code).toBe(3);
    expect(result.stdout.split('\n').filter(Boolean)).toHaveLength(2);
    expect(result.stderr).toContain('gone.wasm');
  });

  test('the text names powers in plain words', async () => {
    const { stdout } = await run('inspect spawn.wasm');
    expect(stdout).toContain('start other processes');
    expect(stdout).toContain('env: system');
  });
});

describe('rules', () => {
  test('the list names every rule once, by family', async () => {
    const { rules } = JSON.parse((await run('rules --format json')).stdout) as { rules: { id: string }[] };
    const { stdout } = await run('rules');
    for (const { id } of rules) expect(stdout).toContain(`\n  ${id} `);
  });

  test('one rule is explained, an unknown one is suggested', async () => {
    expect((await run('rules capability-process-spawn')).stdout).toMatch(/^capability-process-spawn {2}/);
    const wrong = await run('rules capability-proces-spawn');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('capability-process-spawn?');
  });
});

describe('policy', () => {
  test('init writes a file that validates and judges, and never overwrites one by accident', async () => {
    expect(await run('policy init made.yaml --level restricted')).toMatchObject({ code: 0, stdout: '' });
    expect(await run('policy validate made.yaml')).toMatchObject({ code: 0, stdout: 'made.yaml: 1 policy, no mistakes\n' });
    expect((await run('scan pure.wasm --policy made.yaml')).code).toBe(1);
    put('made.yaml', 'mine');
    expect((await run('policy init made.yaml')).code).toBe(2);
    expect(readFileSync(join(folder, 'made.yaml'), 'utf8')).toBe('mine');
    expect((await run('policy init made.yaml --force')).code).toBe(0);
    expect((await run('policy init x.yaml --level strict')).code).toBe(2);
    expect(existsSync(join(folder, 'x.yaml'))).toBe(false);
  });

  test('validate names every mistake with its place', async () => {
    const result = await run('policy validate wrong.yaml');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/wrong\.yaml:5:3: .*level/);
    expect(result.stderr).toMatch(/wrong\.yaml:6:\d+: .*no-such-power/);
  });

  test('explain shows the table of a level, and the line of a file that decided', async () => {
    const { stdout } = await run('policy explain baseline');
    expect(stdout).toMatch(/^ {2}deny +process-spawn +start other processes$/m);
    put('own.yaml', 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: own }\nspec:\n  capabilities: { deny: [stdio] }\n');
    expect((await run('policy explain own.yaml')).stdout).toMatch(/^ {2}deny +stdio .*\[capabilities\.deny/m);
  });
});

describe('policy test', () => {
  const CASE = `description: Refused\nwat: |\n  ${SPAWN_TEXT}\nexpect:\n  verdict: deny\n  findings: [{ rule: capability-process-spawn, severity: error }]\n`;

  test('cases that come out as expected are exit code 0', async () => {
    put('cases/spawn.yaml', CASE);
    put('cases/sub/file.yaml', 'policy: privileged\nmodule: ../../pure.wasm\nexpect: { verdict: allow }\n');
    put('cases/sub/own-policy.yaml', 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: p }\nspec: { capabilities: { allow: [process-spawn] } }\n');
    put('cases/sub/with-file.yaml', `policy: [own-policy.yaml]\nwat: ${SPAWN_TEXT}\nexpect: { verdict: allow, findings: [] }\n`);
    const result = await run('policy test cases');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('ok    cases/spawn.yaml  Refused\n');
    expect(result.stdout).toMatch(/3 cases: 3 as expected, 0 not\n$/);
  });

  test('a case that does not shows what was expected and what came out', async () => {
    put('differs.yaml', CASE.replace('deny', 'allow').replace('capability-process-spawn', 'memory-unbounded'));
    const result = await run('policy test differs.yaml');
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/FAIL {2}differs\.yaml.*\n.*\n {6}- verdict allow\n {6}\+ verdict deny: .*\n {6}- finding memory-unbounded \(error\)\n {6}\+ finding capability-process-spawn \(error\): /);
  });

  test.each([
    ['no key expect', 'wat: (module)\n', ':1:1'],
    ['a misspelt key', 'wta: (module)\nexpect: { verdict: allow }\n', 'did you mean wat'],
    ['an unknown verdict', 'wat: (module)\nexpect: { verdict: pass }\n', 'allow, warn, deny, error'],
    ['text that is no module', 'wat: (modul)\nexpect: { verdict: allow }\n', 'Text not parsed'],
    ['no module at all', 'expect: { verdict: allow }\n', 'either wat'],
    ['a file that is not there', 'module: gone.wasm\nexpect: { verdict: allow }\n', 'gone.wasm'],
  ])('%s is exit code 2', async (_, text, message) => {
    put('mistaken.yaml', text);
    const result = await run('policy test mistaken.yaml');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('mistaken.yaml');
    expect(result.stderr).toContain(message);
  });

  test('a folder without a case is exit code 2', async () => {
    mkdirSync(join(folder, 'nothing'), { recursive: true });
    expect((await run('policy test nothing')).code).toBe(2);
  });
});
