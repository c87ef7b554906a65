import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Opened } from '../artifact.ts';
import { findTargets } from './open.ts';
import { openAll, type TargetOptions } from './target.ts';

const WASM = Buffer.from('0061736d01000000', 'hex');
const COMPONENT = Buffer.from('0061736d0d000100', 'hex');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-open-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, content: Uint8Array | string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

async function* input(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 3);
  yield bytes.subarray(3);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function options(more: Partial<TargetOptions> = {}): TargetOptions {
  return { cwd: folder, exclude: [], stdin: () => input(WASM), stdinName: 'stdin', registry: null, platform: null, ...more };
}

/** Everything that targets hold, in order. */
async function* openTargets(targets: readonly string[], given: TargetOptions): AsyncGenerator<Opened> {
  for (const { found } of await findTargets(targets, given)) for (const one of found) yield* openAll(one);
}

async function names(target: string, more: Partial<TargetOptions> = {}): Promise<string[]> {
  const [result] = await findTargets([target], options(more));
  return result!.found.map(({ name }) => name);
}

test('a folder is searched by first bytes, hidden and ignored files too, sorted by path', async () => {
  put('b/module', WASM);
  put('a/.hidden/component.bin', COMPONENT);
  put('a-b/x', WASM);
  put('.gitignore', '*');
  put('text.txt', 'hello');
  put('short', 'x');
  put('.git/objects/x.wasm', WASM);
  put('sub/.git/y.wasm', WASM);
  expect(await names('.')).toEqual(['a-b/x', 'a/.hidden/component.bin', 'b/module']);
});

test('names keep the target in front as it was written', async () => {
  put('dir/sub/x.wasm', WASM);
  expect(await names('dir')).toEqual(['dir/sub/x.wasm']);
  expect(await names('./dir/')).toEqual(['dir/sub/x.wasm']);
  expect(await names(join(folder, 'dir'))).toEqual([join(folder, 'dir/sub/x.wasm')]);
});

test('a file that claims Wasm by its name, or code that only Wasm runtimes load, is never passed over', async () => {
  put('claims.wasm', 'not wasm at all');
  put('empty.wasm', '');
  put('elf.cwasm', Buffer.from('7f454c4602010100', 'hex'));
  put('aot-by-magic', Buffer.from('00616f7401000000', 'hex'));
  put('wasmtime-by-magic', Buffer.from('7f454c46020101c8', 'hex'));
  put('ordinary-elf', Buffer.from('7f454c4602010100', 'hex'));
  put('future-version', Buffer.from('0061736d99000000', 'hex'));
  expect(await names('.')).toEqual(['aot-by-magic', 'claims.wasm', 'elf.cwasm', 'empty.wasm', 'future-version', 'wasmtime-by-magic']);
});

test('a file named explicitly is an artifact whatever it holds', async () => {
  put('module.wat', '(module)');
  expect(await names('module.wat')).toEqual(['module.wat']);
});

test('links out of the folder are listed and not followed; links inside count under their own name', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'wasmgate-outside-'));
  try {
    writeFileSync(join(outside, 'evil'), WASM);
    writeFileSync(join(outside, 'notes.txt'), 'text');
    put('real.wasm', WASM);
    symlinkSync(join(outside, 'evil'), join(folder, 'a-link'));
    symlinkSync(join(outside, 'notes.txt'), join(folder, 'b-notes'));
    symlinkSync(outside, join(folder, 'c-folder'));
    symlinkSync('real.wasm', join(folder, 'd-inside'));
    symlinkSync('.', join(folder, 'e-loop'));
    symlinkSync('nowhere', join(folder, 'f-dangling.wasm'));
    const opened = [];
    for await (const one of openTargets(['.'], options())) opened.push('failure' in one ? `${one.name}: ${one.failure.code}` : one.name);
    expect(opened).toEqual(['a-link: link-outside', 'c-folder: link-outside', 'd-inside', 'f-dangling.wasm: dangling-link', 'real.wasm']);
  } finally {
    rmSync(outside, { recursive: true });
  }
});

test('a pipe in a folder does not make the search wait', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe'), join(folder, 'pipe.wasm')]);
  put('x.wasm', WASM);
  expect(await names('.')).toEqual(['pipe.wasm', 'x.wasm']);
});

test.each([
  [['skip/**'], ['keep/a.wasm', 'keep/skip/b.wasm']],
  [['skip'], ['keep/a.wasm']],
  [['*.wasm'], []],
  [['keep/skip/'], ['keep/a.wasm', 'skip/c.wasm']],
])('exclude %j leaves %j', async (exclude, left) => {
  put('keep/a.wasm', WASM);
  put('keep/skip/b.wasm', WASM);
  put('skip/c.wasm', WASM);
  expect(await names('.', { exclude })).toEqual(left);
});

test('a glob finds files by the same rules; a file with glob characters in its name stays a file', async () => {
  put('x/one.bin', WASM);
  put('x/two.txt', 'text');
  put('y/.dot.bin', WASM);
  put('a[1].wasm', WASM);
  expect(await names('**/*')).toEqual(['a[1].wasm', 'x/one.bin', 'y/.dot.bin']);
  expect(await names('a[1].wasm')).toEqual(['a[1].wasm']);
  expect(await names('z*.wasm')).toEqual([]);
});

test('what does not exist is found unopened, and says why', async () => {
  const [opened] = await all(openTargets(['gone.wasm'], options()));
  expect(opened).toEqual({ name: 'gone.wasm', failure: { kind: 'unreadable', code: 'ENOENT', message: 'Cannot read gone.wasm: no such file or directory' } });
});

test('standard input is read to its end and named', async () => {
  const [opened] = await all(openTargets(['-'], options({ stdinName: 'app.wasm' })));
  expect(opened).toMatchObject({ name: 'app.wasm', digest: 'sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476' });
  expect(Buffer.from((opened as { bytes: Uint8Array }).bytes).toString('hex')).toBe('0061736d01000000');
});

test('targets keep their order, and one named twice is listed twice', async () => {
  put('a.wasm', WASM);
  put('b.wasm', COMPONENT);
  const opened = await all(openTargets(['b.wasm', 'a.wasm', 'b.wasm'], options()));
  expect(opened.map(({ name }) => name)).toEqual(['b.wasm', 'a.wasm', 'b.wasm']);
});
