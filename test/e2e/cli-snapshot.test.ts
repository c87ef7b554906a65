import { Ajv2020 } from 'ajv/dist/2020.js';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { blocks, commands } from '../support/guide.ts';
import { ROOT } from '../support/imports.ts';
import { buildCli, runCli, type CliRun } from '../support/run-cli.ts';
import { watToWasm } from '../support/wat.ts';

const CLOCK = '(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))';
const UNLINK = '(import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32)))';
const V1 = watToWasm(`(module ${CLOCK})`);
const V2 = watToWasm(`(module ${CLOCK} ${UNLINK})`);

let folder: string;
let built: { readonly folder: string; readonly main: string };
beforeAll(() => {
  built = buildCli();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-snapshot-'));
  put('app.wasm', V1);
  return () => rmSync(folder, { recursive: true });
});
afterAll(() => rmSync(built.folder, { recursive: true }));

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function get(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

function wasmgate(args: string, input?: Uint8Array): Promise<CliRun> {
  return runCli(args.split(' '), { cwd: folder, main: built.main, ...(input ? { input } : {}) });
}

test('the snapshot is a sorted list beside the binary, one capability a line', async () => {
  put('app.wasm', V2);
  expect(await wasmgate('snapshot app.wasm')).toMatchObject({ code: 0, stdout: 'app.wasm.caps: 2 capabilities\n', stderr: '' });
  expect(get('app.wasm.caps')).toBe('clock-read\nfs-write\n');
});

test('nothing new: written and compared again, all is as it was', async () => {
  await wasmgate('snapshot app.wasm');
  const before = get('app.wasm.caps');
  expect(await wasmgate('snapshot --check app.wasm')).toMatchObject({ code: 0, stdout: 'app.wasm: as in the snapshot\n', stderr: '' });
  await wasmgate('snapshot app.wasm');
  expect(get('app.wasm.caps')).toBe(before);
});

test('a capability gained fails the comparison, and writing accepts it', async () => {
  await wasmgate('snapshot app.wasm');
  put('app.wasm', V2);
  expect(await wasmgate('snapshot --check app.wasm')).toMatchObject({ code: 1, stdout: 'app.wasm: new: fs-write; accept with "wasmgate snapshot app.wasm"\n' });
  expect(get('app.wasm.caps')).toBe('clock-read\n');
  await wasmgate('snapshot app.wasm');
  expect((await wasmgate('snapshot --check app.wasm')).code).toBe(0);
});

test('a capability lost is said and passes', async () => {
  put('app.wasm', V2);
  await wasmgate('snapshot app.wasm');
  put('app.wasm', V1);
  expect(await wasmgate('snapshot --check app.wasm')).toMatchObject({ code: 0, stdout: 'app.wasm: gone: fs-write; accept with "wasmgate snapshot app.wasm"\n' });
});

test('folders: each artifact has its own, and the worst outcome counts', async () => {
  put('tree/a.wasm', V1);
  put('tree/sub/b.wasm', V2);
  put('tree/readme.txt', 'no wasm');
  expect((await wasmgate('snapshot tree')).stdout).toBe('tree/a.wasm.caps: 1 capability\ntree/sub/b.wasm.caps: 2 capabilities\n');
  expect(existsSync(join(folder, 'tree/readme.txt.caps'))).toBe(false);
  put('tree/a.wasm', V2);
  expect(await wasmgate('snapshot --check tree')).toMatchObject({ code: 1, stdout: 'tree/a.wasm: new: fs-write; accept with "wasmgate snapshot tree/a.wasm"\ntree/sub/b.wasm: as in the snapshot\n' });
});

test('a component has the capabilities of its own imports and exports', async () => {
  copyFileSync(join(ROOT, 'test/fixtures/toolchains/rust-http.wasm'), join(folder, 'http.wasm'));
  expect((await wasmgate('snapshot http.wasm')).code).toBe(0);
  expect(get('http.wasm.caps')).toContain('http-server\n');
  expect(get('http.wasm.caps').split('\n').filter(Boolean)).toEqual((JSON.parse((await wasmgate('inspect http.wasm --format json')).stdout) as { capabilities: string[] }).capabilities);
  expect((await wasmgate('scan http.wasm')).stdout).toContain('Since http.wasm.caps: nothing new');
});

test('without a snapshot the comparison fails and says how to write one', async () => {
  expect(await wasmgate('snapshot --check app.wasm')).toMatchObject({ code: 1, stdout: expect.stringContaining('wasmgate snapshot app.wasm') });
  expect(existsSync(join(folder, 'app.wasm.caps'))).toBe(false);
});

test.each([
  ['fs-write\nclock-read\n', 'app.wasm.caps:2 is not in sorted order'],
  ['clock-read\nclock-read\n', 'app.wasm.caps:2 is not in sorted order'],
  ['clock-read\n\u001b[2J\n', 'app.wasm.caps:2 is no capability name'],
  ['clock-read\n\nfs-write\n', 'app.wasm.caps:2 is no capability name'],
  ['<<<<<<< ours\nclock-read\n', 'app.wasm.caps:1 is no capability name'],
  [`${'a\n'.repeat(40_000)}`, 'app.wasm.caps has 80000 bytes'],
])('a damaged snapshot %j is exit code 2 for snapshot and not analysed for scan', async (content, message) => {
  put('app.wasm.caps', content);
  put('good.wasm', V1);
  put('good.wasm.caps', 'clock-read\n');
  const compared = await wasmgate('snapshot --check app.wasm good.wasm');
  expect(compared.code).toBe(2);
  expect(compared.stdout).toContain(message);
  expect(compared.stdout).toContain('good.wasm: as in the snapshot');
  const scanned = await wasmgate('scan app.wasm --format jsonl');
  expect(scanned.code).toBe(3);
  expect(JSON.parse(scanned.stdout)).toMatchObject({ verdict: 'error', blocked: true, reasons: [expect.stringContaining(message)] });
});

test('line ends of Windows make no difference', async () => {
  put('app.wasm.caps', 'clock-read\r\n');
  expect((await wasmgate('snapshot --check app.wasm')).code).toBe(0);
});

test('what was not analysed gets no snapshot', async () => {
  put('broken.wasm', Buffer.from('0061736d0100000001ff', 'hex'));
  put('native.wasm', Buffer.from('7f454c46020101000000000000000000', 'hex'));
  expect((await wasmgate('snapshot broken.wasm native.wasm gone.wasm app.wasm')).code).toBe(3);
  expect(['broken.wasm.caps', 'native.wasm.caps', 'gone.wasm.caps', 'app.wasm.caps'].map((name) => existsSync(join(folder, name)))).toEqual([false, false, false, true]);
});

test('standard input has no place for one, but its name may have one', async () => {
  expect(await wasmgate('snapshot -', V1)).toMatchObject({ code: 2, stdout: '' });
  put('app.wasm.caps', 'clock-read\n');
  expect((await wasmgate('scan - --stdin-filename app.wasm', V2)).stdout).toContain('Since app.wasm.caps: new: fs-write');
});

test.skipIf(process.platform === 'win32')('no file is written through a symbolic link, and no pipe is waited for', async () => {
  put('precious', 'kept');
  symlinkSync(join(folder, 'precious'), join(folder, 'app.wasm.caps'));
  expect((await wasmgate('snapshot app.wasm')).code).toBe(2);
  expect(get('precious')).toBe('kept');
  rmSync(join(folder, 'app.wasm.caps'));
  execFileSync('mkfifo', [join(folder, 'app.wasm.caps')]);
  expect(await wasmgate('snapshot --check app.wasm')).toMatchObject({ code: 2, stdout: expect.stringContaining('not a regular file') });
});

test('scan finds it, says what is new, and reports the rule: a note at baseline, a warning at restricted', async () => {
  put('app.wasm', V2);
  put('app.wasm.caps', 'clock-read\nstdio\n');
  const run = await wasmgate('scan app.wasm');
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('Since app.wasm.caps: new: fs-write; gone: stdio');
  for (const [policy, severity] of [['baseline', 'note'], ['restricted', 'warning']]) {
    const { findings } = JSON.parse((await wasmgate(`scan app.wasm --policy ${policy} --format jsonl`)).stdout) as { findings: { rule: string; severity: string; subject: string; message: string }[] };
    expect(findings.filter(({ rule }) => rule === 'capability-increase')).toMatchObject([{ severity, subject: 'fs-write', message: 'New since the snapshot app.wasm.caps: fs-write, asked for by wasi_snapshot_preview1.path_unlink_file' }]);
  }
});

test('a policy can make it an error', async () => {
  put('app.wasm', V2);
  put('app.wasm.caps', 'clock-read\n');
  put('strict.yaml', 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: strict }\nspec:\n  level: baseline\n  rules: { capability-increase: error }\n');
  expect((await wasmgate('scan app.wasm --policy strict.yaml')).code).toBe(1);
  await wasmgate('snapshot app.wasm');
  expect((await wasmgate('scan app.wasm --policy strict.yaml')).code).toBe(0);
});

test('json carries the change and follows its schema', async () => {
  put('app.wasm', V2);
  put('app.wasm.caps', 'clock-read\nstdio\n');
  const report = JSON.parse((await wasmgate('scan app.wasm --format json')).stdout) as { results: { snapshot: unknown }[] };
  expect(report.results[0]!.snapshot).toEqual({ file: 'app.wasm.caps', capabilities: ['clock-read', 'stdio'], added: ['fs-write'], removed: ['stdio'] });
  const schema = JSON.parse(readFileSync(join(ROOT, 'docs/schema/scan.schema.json'), 'utf8')) as object;
  const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);
  expect(validate(report) ? null : validate.errors).toBeNull();
});

test('equal bytes with different snapshots are told apart, in any number of threads', async () => {
  for (const [name, caps] of [['a', ''], ['b', 'clock-read\n'], ['c', 'clock-read\nfs-write\n']] as const) {
    put(`tree/${name}.wasm`, V2);
    put(`tree/${name}.wasm.caps`, caps);
  }
  for (const jobs of [1, 3]) {
    const lines = (await wasmgate(`scan tree --format jsonl --jobs ${jobs}`)).stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { snapshot: { file: string; added: string[] } });
    expect(lines.map(({ snapshot }) => [snapshot.file, snapshot.added])).toEqual([['tree/a.wasm.caps', ['clock-read', 'fs-write']], ['tree/b.wasm.caps', ['fs-write']], ['tree/c.wasm.caps', []]]);
  }
});

test('the guide shows commands that work, and a policy that does what it says', async () => {
  put('app.wasm', V2);
  put('dist/app.wasm', V1);
  await wasmgate('snapshot dist');
  const shown = commands('snapshot.md');
  expect(shown.length).toBeGreaterThan(2);
  for (const args of shown) expect({ args, ...(await wasmgate(args.join(' '))) }).toMatchObject({ args, code: 0, stderr: '' });
  expect(blocks('snapshot.md', '')).toEqual([get('app.wasm.caps')]);
  put('app.wasm.caps', 'stdio\n');
  expect((await wasmgate('scan app.wasm')).stdout).toContain('Since app.wasm.caps: new: clock-read, fs-write; gone: stdio');
  put('strict.yaml', blocks('snapshot.md', 'yaml')[0]!);
  expect((await wasmgate('scan app.wasm --policy strict.yaml')).code).toBe(1);
});
