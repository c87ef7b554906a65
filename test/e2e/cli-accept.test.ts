import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { layoutFiles } from '../support/archives.ts';
import { blocks, commands } from '../support/guide.ts';
import { ROOT } from '../support/imports.ts';
import { runHere, type RunHere } from '../support/run-here.ts';
import { watToWasm } from '../support/wat.ts';

const SPAWN = '(import "wasix_32v1" "proc_spawn" (func))';
const SET = '(import "wasi_snapshot_preview1" "clock_time_set" (func))';
const CLOCK_SET = '(import "wasi:clocks/wall-clock@0.2.0" "set" (func))';
const WHY = ['--reason', 'Replaced soon', '--owner', 'team-a', '--expires', '2027-01-31'] as const;
const LIST = 'wasmgate-accepted.yaml';

interface List { readonly findings: readonly { readonly rule: string; readonly artifact: string; readonly subject: string; readonly count?: number; readonly reason: string; readonly owner: string; readonly expires: string }[] }
const valid = new Ajv2020().compile(JSON.parse(readFileSync(join(ROOT, 'docs/schema/accepted.schema.json'), 'utf8')) as object);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-accept-'));
  put('app.wasm', module(SPAWN));
  return () => rmSync(folder, { recursive: true });
});

/** Denied at level baseline for what it imports. */
function module(...imports: readonly string[]): Uint8Array {
  return watToWasm(`(module ${imports.join(' ')})`);
}

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

function wasmgate(...args: string[]): Promise<RunHere> {
  return runHere(args, { cwd: folder });
}

function list(path = LIST): List {
  const found = parse(readFileSync(join(folder, path), 'utf8')) as List;
  expect(valid(found), JSON.stringify(valid.errors)).toBe(true);
  return found;
}

test('what was accepted no longer fails, and a new finding does', async () => {
  expect(await wasmgate('scan', 'app.wasm')).toMatchObject({ code: 1 });
  expect(await wasmgate('accept', 'app.wasm', ...WHY)).toMatchObject({ code: 0, stdout: '' });
  expect(list().findings).toMatchObject([{ rule: 'capability-process-spawn', artifact: 'app.wasm', reason: 'Replaced soon', owner: 'team-a', expires: '2027-01-31' }]);
  expect(await wasmgate('scan', 'app.wasm', '--accept', LIST)).toMatchObject({ code: 0, stderr: '' });
  put('app.wasm', module(SPAWN, '(import "wasix_32v1" "proc_signal" (func))'));
  const run = await wasmgate('scan', 'app.wasm', '--accept', LIST);
  expect(run).toMatchObject({ code: 1 });
  expect(run.stdout).toContain('capability-process-control');
});

test('a rebuild that moves everything stays accepted', async () => {
  await wasmgate('accept', 'app.wasm', ...WHY);
  put('app.wasm', watToWasm(`(module (@custom "filler" "${'x'.repeat(300)}") (import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) ${SPAWN} (func (export "more")))`));
  expect(await wasmgate('scan', 'app.wasm', '--accept', LIST)).toMatchObject({ code: 0 });
});

test('the list holds from any folder and for any way to name the file, and for no other file', async () => {
  put('build/app.wasm', module(SPAWN));
  put('other/app.wasm', module(SPAWN));
  await wasmgate('accept', 'build', ...WHY, '--output', 'ci/accepted.yaml');
  expect(list('ci/accepted.yaml').findings).toMatchObject([{ artifact: '../build/app.wasm' }]);
  for (const target of ['build/app.wasm', './build/../build/app.wasm', join(folder, 'build/app.wasm'), 'build']) expect(await wasmgate('scan', target, '--accept', 'ci/accepted.yaml'), target).toMatchObject({ code: 0 });
  expect(await runHere(['scan', 'app.wasm', '--accept', '../ci/accepted.yaml'], { cwd: join(folder, 'build') })).toMatchObject({ code: 0 });
  expect(await wasmgate('scan', 'other/app.wasm', '--accept', 'ci/accepted.yaml')).toMatchObject({ code: 1 });
});

test('equal bytes under another name are judged on their own, in every thread', async () => {
  put('twin.wasm', module(SPAWN));
  await wasmgate('accept', 'app.wasm', ...WHY);
  for (const jobs of ['1', '2']) {
    const { stdout } = await wasmgate('scan', 'app.wasm', 'twin.wasm', '--accept', LIST, '--jobs', jobs, '--format', 'json');
    expect((JSON.parse(stdout) as { results: { verdict: string }[] }).results.map(({ verdict }) => verdict), jobs).toEqual(['allow', 'deny']);
  }
});

test('an image stays accepted under its next digest', async () => {
  const layout = (content: Uint8Array): void => {
    rmSync(join(folder, 'layout'), { recursive: true, force: true });
    for (const [path, bytes] of Object.entries(layoutFiles([{ layers: [content], layerType: 'application/wasm', entrypoint: [] }]))) put(`layout/${path}`, bytes);
  };
  layout(module(SPAWN));
  await wasmgate('accept', 'layout', ...WHY);
  layout(module(SPAWN, '(func)'));
  expect((await wasmgate('scan', 'layout', '--accept', LIST)).stdout).toContain('waived   capability-process-spawn');
});

describe('reports show it as waived, with its source', () => {
  beforeEach(async () => void (await wasmgate('accept', 'app.wasm', ...WHY)));

  test('text', async () => {
    const { stdout } = await wasmgate('scan', 'app.wasm', '--accept', LIST);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`waived capability-process-spawn until 2027-01-31 by team-a: Replaced soon (accepted in ${LIST})`);
  });

  test('json, as the schema says', async () => {
    const { stdout } = await wasmgate('scan', 'app.wasm', '--accept', LIST, '--format', 'json');
    const { results } = JSON.parse(stdout) as { results: { findings: { rule: string; waived?: object }[] }[] };
    expect(results[0]!.findings.find(({ rule }) => rule === 'capability-process-spawn')!.waived).toEqual({ reason: 'Replaced soon', owner: 'team-a', expires: '2027-01-31', source: LIST });
  });

  test('sarif', async () => {
    const { stdout } = await wasmgate('scan', 'app.wasm', '--accept', LIST, '--format', 'sarif', '--sarif-profile', 'full');
    expect(stdout).toContain(`Replaced soon. Owner: team-a, until 2027-01-31. Accepted in ${LIST}.`);
  });

  test.each(['csv', 'junit', 'html'])('%s', async (format) => {
    const { stdout } = await wasmgate('scan', 'app.wasm', '--accept', LIST, '--format', format);
    expect(stdout).toContain('Replaced soon');
    expect(stdout).toContain(`accepted in ${LIST}`);
  });

  test.each(['github', 'gitlab', 'markdown'])('%s lists nothing of it as open', async (format) => {
    const [open, accepted] = [await wasmgate('scan', 'app.wasm', '--format', format), await wasmgate('scan', 'app.wasm', '--accept', LIST, '--format', format)];
    expect(open.stdout).toContain('capability-process-spawn');
    expect(accepted.stdout).not.toContain('capability-process-spawn');
  });
});

describe('what is over or gone', () => {
  test('counts again after its day, and says so', async () => {
    await wasmgate('accept', 'app.wasm', ...WHY);
    const run = await runHere(['scan', 'app.wasm', '--accept', LIST], { cwd: folder, now: new Date('2027-02-01T00:00:00Z') });
    expect(run).toMatchObject({ code: 1 });
    expect(run.stdout.replaceAll(/\s+/g, ' ')).toContain('its waiver by team-a ended on 2027-01-31');
  });

  test('is told when the finding is gone, and when the artifact is not among the targets', async () => {
    put('other.wasm', module(SPAWN));
    await wasmgate('accept', 'app.wasm', 'other.wasm', ...WHY);
    put('app.wasm', module());
    const run = await wasmgate('scan', 'app.wasm', '--accept', LIST);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(`Accepted finding capability-process-spawn (process-spawn) of app.wasm by team-a is no longer there: take it out of ${LIST}`);
    expect(run.stderr).toContain('1 accepted finding is about artifacts that are not among the targets');
  });

  test('is not called gone where the artifact was not analysed', async () => {
    await wasmgate('accept', 'app.wasm', ...WHY);
    rmSync(join(folder, 'app.wasm'));
    const run = await wasmgate('scan', 'app.wasm', '--accept', LIST);
    expect(run.code).toBe(3);
    expect(run.stderr).not.toContain('no longer there');
  });
});

describe('a list that exists', () => {
  test('keeps what is still there, takes out what is gone, adds what is new, and leaves other artifacts alone', async () => {
    put('other.wasm', module(SPAWN));
    await wasmgate('accept', 'app.wasm', 'other.wasm', ...WHY);
    put('app.wasm', module(SPAWN, '(import "wasix_32v1" "proc_signal" (func))'));
    await wasmgate('accept', 'app.wasm', '--reason', 'Second', '--owner', 'team-b', '--expires', '2027-06-30');
    expect(list().findings.map(({ artifact, rule, owner }) => [artifact, rule, owner])).toEqual([
      ['app.wasm', 'capability-process-control', 'team-b'], ['app.wasm', 'capability-process-spawn', 'team-a'], ['other.wasm', 'capability-process-spawn', 'team-a'],
    ]);
    put('app.wasm', module());
    const run = await wasmgate('accept', 'app.wasm', ...WHY);
    expect(run.stderr).toContain('1 accepted finding, 0 new, 2 taken out');
    expect(list().findings).toMatchObject([{ artifact: 'other.wasm' }]);
  });

  test('renews what is over only where that is meant', async () => {
    await wasmgate('accept', 'app.wasm', ...WHY);
    const later = (...args: string[]): Promise<RunHere> => runHere(['accept', 'app.wasm', '--reason', 'Later', '--owner', 'team-b', '--expires', '2028-01-31', ...args], { cwd: folder, now: new Date('2027-03-01T00:00:00Z') });
    await later('--rule', 'memory-unbounded');
    expect(list().findings).toMatchObject([{ owner: 'team-a', expires: '2027-01-31' }]);
    await later();
    expect(list().findings).toMatchObject([{ owner: 'team-b', expires: '2028-01-31' }]);
  });

  test('with a mistake is left as it is, for scan and accept alike', async () => {
    put(LIST, 'apiVersion: wasmgate.dev/v1alpha1\nkind: AcceptedFindings\nfindings:\n- rule: signature-invalid\n');
    for (const args of [['accept', 'app.wasm', ...WHY], ['scan', 'app.wasm', '--accept', LIST]]) {
      const run = await wasmgate(...args);
      expect(run).toMatchObject({ code: 2, stdout: '' });
      expect(run.stderr).toContain(`${LIST}:4:9: A finding of signature-invalid cannot be accepted`);
    }
  });
});

describe('what cannot be accepted', () => {
  test('malformed bytes stay denied', async () => {
    put('broken.wasm', module(SPAWN).slice(0, 30));
    const run = await wasmgate('accept', 'broken.wasm', ...WHY);
    expect(run).toMatchObject({ code: 1 });
    expect(run.stderr).toContain('a finding of invalid-module cannot be accepted');
    expect(await wasmgate('scan', 'broken.wasm', '--accept', LIST)).toMatchObject({ code: 1 });
  });

  test('what was not analysed is exit code 3', async () => {
    expect(await wasmgate('accept', 'nothing.wasm', ...WHY)).toMatchObject({ code: 3 });
    expect(list().findings).toEqual([]);
  });

  test.each([
    ['without a reason', ['--owner', 'a', '--expires', '2027-01-31'], 'for a reason, by an owner, until a day'],
    ['without an owner', ['--reason', 'a', '--owner', ' ', '--expires', '2027-01-31'], 'for a reason, by an owner, until a day'],
    ['without a day', ['--reason', 'a', '--owner', 'a'], 'for a reason, by an owner, until a day'],
    ['until a day that is over', ['--reason', 'a', '--owner', 'a', '--expires', '2026-11-21'], 'That day is over'],
    ['until 31 February', ['--reason', 'a', '--owner', 'a', '--expires', '2027-02-31'], 'Not a day of the calendar'],
    ['by a rule that does not exist', [...WHY, '--rule', 'memory-unbound'], 'did you mean memory-unbounded?'],
  ])('%s', async (_, args, message) => {
    const run = await wasmgate('accept', 'app.wasm', ...args);
    expect(run).toMatchObject({ code: 2 });
    expect(run.stderr).toContain(message);
    expect(() => readFileSync(join(folder, LIST))).toThrow('ENOENT');
  });
});

test('warnings are accepted where that is asked for', async () => {
  put('app.wasm', module('(import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32)))'));
  await wasmgate('accept', 'app.wasm', ...WHY);
  expect(list().findings).toEqual([]);
  await wasmgate('accept', 'app.wasm', ...WHY, '--severity', 'warning');
  expect(list().findings.map(({ rule }) => rule)).toEqual(['capability-fs-write']);
});

test('every command of the guide runs, and its list is what comes out', async () => {
  put('app.wasm', module(CLOCK_SET, SET, '(import "wasix_32v1" "clock_time_set" (func))'));
  const [accept, scan, ...more] = commands('accepted.md');
  expect(more).toEqual([]);
  // The reason is written with spaces between quotes, which the reader of guides does not join.
  const words = accept!.join(' ').replace(/"([^"]*)"/, (_, text: string) => text.replaceAll(' ', '\u0000')).split(' ').map((word) => word.replaceAll('\u0000', ' '));
  expect(await wasmgate(...words)).toMatchObject({ code: 0 });
  expect(list()).toEqual(parse(blocks('accepted.md', 'yaml')[0]!));
  expect(await wasmgate(...scan!)).toMatchObject({ code: 0 });
});
