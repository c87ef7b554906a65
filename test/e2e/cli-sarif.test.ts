import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { SarifRun } from '../../scanner/report/sarif/types.ts';
import { blocks, commands } from '../support/guide.ts';
import { buildCli, runCli, type CliOptions, type CliRun } from '../support/run-cli.ts';
import { runOf, schemaFaults } from '../support/sarif.ts';
import { multitoolIsThere, objections } from '../support/sarif-multitool.ts';
import { watToWasm } from '../support/wat.ts';

const SPAWN = watToWasm('(module (import "env" "system" (func (param i32) (result i32))) (memory 1))');
const FILES = watToWasm('(module (import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32))))');
/** Variables of CI systems that would say where the checkout is, and who reads the file. */
const NO_CI = { GITHUB_WORKSPACE: '', CI_PROJECT_DIR: '', BUILD_SOURCESDIRECTORY: '', GITLAB_CI: '', TF_BUILD: '' };
const multitool = multitoolIsThere();

let top: string;
/** A checkout with a folder to work in, and a folder beside the checkout. */
let checkout: string;
let built: { readonly folder: string; readonly main: string };
beforeAll(() => {
  built = buildCli();
  top = realpathSync(mkdtempSync(join(tmpdir(), 'wasmgate-sarif-')));
  checkout = join(top, 'checkout');
  for (const path of ['checkout/.git', 'checkout/work/dist', 'outside/one', 'outside/two']) mkdirSync(join(top, path), { recursive: true });
  for (const path of ['checkout/root.wasm', 'checkout/work/app.wasm', 'outside/one/app.wasm', 'outside/two/app.wasm', 'checkout/..odd.wasm', 'checkout/work/a b%20ü\u202e.wasm']) writeFileSync(join(top, path), SPAWN);
  writeFileSync(join(checkout, 'work/dist/files.wasm'), FILES);
  writeFileSync(join(checkout, 'work/text.wat'), '(module)');
  symlinkSync(checkout, join(top, 'link'));
  writeFileSync(join(checkout, 'work/waive.yaml'), 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: team }\nspec:\n  level: baseline\n  waivers:\n  - { rule: capability-process-spawn, reference: "app.wasm", reason: Runs in a sandbox, owner: team-a, expires: 2099-01-31 }\n');
});
afterAll(() => [top, built.folder].forEach((path) => rmSync(path, { recursive: true })));

function scan(args: readonly string[], { env = {}, ...options }: CliOptions = {}): Promise<CliRun> {
  return runCli(['scan', ...args, '--format', 'sarif'], { cwd: join(checkout, 'work'), main: built.main, ...options, env: { ...NO_CI, ...env } });
}

function uris({ artifacts }: SarifRun): string[] {
  return artifacts.map(({ location }) => location.uri);
}

describe('addresses', () => {
  test('count from the root of the checkout, wherever the command runs', async () => {
    const { stdout } = await scan(['app.wasm', '../root.wasm', join(checkout, 'work/dist'), '../..odd.wasm', 'a b%20ü\u202e.wasm']);
    expect(uris(runOf(stdout))).toEqual(['work/app.wasm', 'root.wasm', 'work/dist/files.wasm', '..odd.wasm', 'work/a%20b%2520%C3%BC%E2%80%AE.wasm']);
    expect(stdout).not.toContain(top);
  });

  test('stay relative in every text, also for what cannot be read and for what is new since the snapshot', async () => {
    writeFileSync(join(top, 'outside/one/app.wasm.caps'), 'stdio\n');
    writeFileSync(join(top, 'outside/two/app.wasm.caps'), 'damaged!\n');
    const { stdout } = await scan([join(checkout, 'gone.wasm'), join(top, 'outside')]);
    const run = runOf(stdout);
    expect(run.results.map(({ ruleId }) => ruleId)).toContain('capability-increase');
    expect(run.invocations[0]!.toolExecutionNotifications.map(({ message }) => message.text)).toEqual(['Not analysed: Cannot read gone.wasm: no such file or directory.', expect.stringContaining('app.wasm.caps:1 is no capability name')]);
    expect(stdout).not.toContain(top);
    ['one', 'two'].forEach((name) => rmSync(join(top, 'outside', name, 'app.wasm.caps')));
  });

  test('outside of it are made up, distinct, and never absolute', async () => {
    const { stdout } = await scan(['../../outside', join(top, 'outside/one/app.wasm'), '-'], { input: SPAWN });
    const found = uris(runOf(stdout));
    expect(found).toEqual([expect.stringMatching(/^external\/[0-9a-f]{8}\/app\.wasm$/), expect.stringMatching(/^external\/[0-9a-f]{8}\/app\.wasm$/), 'work/stdin']);
    expect(new Set(found).size).toBe(3);
    expect(runOf(stdout).results.map(({ locations }) => locations[0].physicalLocation.artifactLocation.uri).filter((uri) => uri.startsWith('/') || uri.startsWith('../') || uri.includes('/../'))).toEqual([]);
  });

  test.each(['GITHUB_WORKSPACE', 'CI_PROJECT_DIR', 'BUILD_SOURCESDIRECTORY'])('count from %s where it is set, through symbolic links too', async (variable) => {
    expect(uris(runOf((await scan(['app.wasm'], { env: { [variable]: join(top, 'link') } })).stdout))).toEqual(['work/app.wasm']);
    expect(uris(runOf((await scan(['app.wasm'], { env: { [variable]: join(checkout, 'work') } })).stdout))).toEqual(['app.wasm']);
  });

  test('of standard input can be named', async () => {
    const { stdout } = await scan(['-', '--stdin-filename', 'dist/piped.wasm'], { input: SPAWN });
    expect(uris(runOf(stdout))).toEqual(['work/dist/piped.wasm']);
  });
});

test('the output of real scans is valid', async () => {
  for (const targets of [['.', '../../outside', 'gone.wasm', 'text.wat'], ['dist']]) {
    const { stdout } = await scan(targets);
    expect(schemaFaults(stdout)).toEqual([]);
    if (multitool) expect(await objections(stdout)).toEqual([]);
  }
});

test('exit codes are those of every format, and the file says what they say', async () => {
  const denied = await scan(['app.wasm']);
  expect(denied.code).toBe(1);
  expect(runOf(denied.stdout).results.map(({ ruleId, level }) => `${level} ${ruleId}`)).toContain('error capability-process-spawn');
  const unread = await scan(['text.wat', 'app.wasm']);
  expect(unread.code).toBe(3);
  expect(runOf(unread.stdout).invocations[0]!.executionSuccessful).toBe(false);
  expect((await scan(['app.wasm', '--exit-zero'])).code).toBe(0);
});

test('the bytes are the same from run to run, for any number of threads, and in a file', async () => {
  const { stdout } = await scan(['.']);
  expect((await scan(['.', '--jobs', '3'])).stdout).toBe(stdout);
  await runCli(['scan', '.', '--format', 'sarif=../out/report.sarif'], { cwd: join(checkout, 'work'), main: built.main, env: NO_CI });
  expect(readFileSync(join(checkout, 'out/report.sarif'), 'utf8')).toBe(stdout);
});

test('the same file named twice gives each result once', async () => {
  const once = runOf((await scan(['app.wasm'])).stdout);
  expect(runOf((await scan(['app.wasm', './app.wasm', join(checkout, 'work/app.wasm')])).stdout).results).toEqual(once.results);
});

test.each([[{ GITLAB_CI: 'true' }, ['-p', 'baseline'], 'gitlab'], [{ TF_BUILD: 'True' }, [], 'azure'], [{}, [], 'github'], [{ GITLAB_CI: 'true' }, ['--sarif-profile', 'full'], 'full']])('with %j and %j the profile is %s', async (env, args, profile) => {
  const waived = runOf((await scan(['app.wasm', '--policy', 'waive.yaml', ...args], { env })).stdout).results.filter(({ suppressions }) => suppressions);
  expect(waived).toHaveLength(profile === 'azure' || profile === 'full' ? 1 : 0);
  expect(await scan(['.', ...args], { env })).toEqual(await scan(['.', ...args, '--sarif-profile', profile]));
});

test('rules say what level baseline makes of them, and explain themselves', async () => {
  const { rules } = runOf((await scan(['app.wasm', '--sarif-category', 'plugins'])).stdout).tool.driver;
  const level = (id: string): unknown => rules.find((rule) => rule.id === id)!.defaultConfiguration!.level;
  expect(['capability-process-spawn', 'capability-fs-write', 'capability-stdio', 'invalid-module', 'secret-in-data', 'signature-missing', 'capability-increase'].map(level)).toEqual(['error', 'warning', 'note', 'error', 'error', 'note', 'note']);
  expect(rules.filter(({ help }) => !/## Why it matters\n\n[^\n]/.test(help.markdown!)).map(({ id }) => id)).toEqual([]);
});

test('findings about capabilities lie on their line of the snapshot', async () => {
  writeFileSync(join(checkout, 'work/dist/files.wasm.caps'), 'clock-read\nfs-write\n');
  try {
    const { results } = runOf((await scan(['dist'])).stdout);
    const [result] = results.filter(({ ruleId }) => ruleId === 'capability-fs-write');
    expect(result!.locations[0].physicalLocation).toEqual({ artifactLocation: { uri: 'work/dist/files.wasm.caps' }, region: { startLine: 2, startColumn: 1, endLine: 2, endColumn: 9 } });
    expect(result!.relatedLocations![0]!.physicalLocation.artifactLocation.uri).toBe('work/dist/files.wasm');
  } finally {
    rmSync(join(checkout, 'work/dist/files.wasm.caps'));
  }
});

describe('the guide', () => {
  test('shows commands that do what it says', async () => {
    for (const path of ['dist', 'plugins']) mkdirSync(join(top, 'guide', path), { recursive: true });
    writeFileSync(join(top, 'guide/dist/files.wasm'), FILES);
    writeFileSync(join(top, 'guide/plugins/app.wasm'), FILES);
    const shown = commands('sarif.md');
    expect(shown.length).toBeGreaterThan(4);
    for (const command of shown) {
      const args = command.map((word) => word.replace('$(Build.ArtifactStagingDirectory)', 'staging'));
      const file = args.find((word) => word.startsWith('sarif='))!.slice('sarif='.length);
      const run = await runCli(args, { cwd: join(top, 'guide'), main: built.main, env: NO_CI });
      expect({ args, code: run.code, stderr: run.stderr }).toEqual({ args, code: 0, stderr: '' });
      expect(schemaFaults(readFileSync(join(top, 'guide', file), 'utf8'))).toEqual([]);
    }
  });

  test('shows YAML that can be read', () => {
    for (const block of blocks('sarif.md', 'yaml')) expect(parseDocument(block).errors).toEqual([]);
  });
});
