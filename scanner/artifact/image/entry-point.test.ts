import { describe, expect, test } from 'vitest';
import { entryPointOf, type ImageProcess } from './entry-point.ts';

const NOTHING: ImageProcess = { command: null, args: null, entrypoint: null, cmd: null, workingDir: null, env: null };
/** A file system where each path is a file and `=>` a link. */
function files(...paths: readonly string[]): (path: string) => string | null {
  const known = new Map(paths.map((path) => path.split('=>') as [string, string | undefined]).map(([path, target]) => [path, target ?? path]));
  return (path) => known.get(path.split('/').filter((part) => part !== '' && part !== '.').join('/')) ?? null;
}

describe('the first argument', () => {
  test.each([
    [{ command: ['/a'], entrypoint: ['/b'], cmd: ['/c'] }, '/a', ['a']],
    [{ entrypoint: ['/b'], cmd: ['/c'] }, '/b', ['b']],
    [{ cmd: ['/c'] }, '/c', ['c']],
    [{ entrypoint: [], cmd: ['/c'], args: ['/a'] }, '/a', ['a']],
    [{ command: ['/none'], cmd: ['/c'] }, '/none', []],
    [{ command: [''], cmd: ['/c'] }, '', []],
    [{}, null, []],
  ] as const)('%j', (process, written, found) => {
    expect(entryPointOf({ ...NOTHING, ...process }, files('a', 'b', 'c'))).toMatchObject({ written, files: found, runner: false, arguments: [] });
  });

  test('is split at the first # for the function, as runwasi does', () => {
    const found = entryPointOf({ ...NOTHING, entrypoint: ['/app.wasm#run#fast'] }, files('app.wasm'));
    expect(found).toMatchObject({ files: ['app.wasm'], function: 'run#fast' });
    expect(entryPointOf({ ...NOTHING, entrypoint: ['/app#1'] }, files('app#1', 'app')).files).toEqual(['app', 'app#1']);
  });

  test('is looked for in the working directory, along PATH and at the root', () => {
    const process = { ...NOTHING, entrypoint: ['app.wasm'], workingDir: '/srv', env: ['PATH=/opt/bin:/x', 'OTHER=1'] };
    expect(entryPointOf(process, files('srv/app.wasm', 'opt/bin/app.wasm', 'app.wasm')).files).toEqual(['srv/app.wasm', 'opt/bin/app.wasm', 'app.wasm']);
    expect(entryPointOf({ ...process, entrypoint: ['./app.wasm'] }, files('srv/app.wasm', 'opt/bin/app.wasm')).files).toEqual(['srv/app.wasm']);
    expect(entryPointOf({ ...NOTHING, entrypoint: ['sh'] }, files('bin/sh=>bin/busybox')).files).toEqual(['bin/busybox']);
  });
});

describe('a runner', () => {
  test.each([
    [['wasmtime', 'run', '--dir', '/data', '/app.wasm'], ['app.wasm']],
    [['/usr/bin/wasmedge', '--env', 'A=b', 'app.wasm'], ['app.wasm']],
    [['wasmtime', '--preload=env=/lib.wasm', '/app.wasm'], ['lib.wasm', 'app.wasm']],
    [['sh', '-c', 'exec wasmtime run "/app.wasm" && true'], ['app.wasm']],
    [['tini', '--', 'wasmtime', '/app.wasm'], ['app.wasm']],
    [['wasmtime', 'absent.wasm'], []],
  ])('%j', (entrypoint, found) => {
    expect(entryPointOf({ ...NOTHING, entrypoint }, files('app.wasm', 'lib.wasm', 'usr/bin/wasmtime'))).toMatchObject({ runner: true, arguments: found });
  });

  test('is no other program', () => {
    expect(entryPointOf({ ...NOTHING, entrypoint: ['/bin/server', '/app.wasm'] }, files('app.wasm'))).toMatchObject({ runner: false, arguments: [] });
    expect(entryPointOf({ ...NOTHING, entrypoint: ['sh', '-c', 'cat /app.wasm'] }, files('app.wasm'))).toMatchObject({ runner: false, arguments: [] });
  });
});
