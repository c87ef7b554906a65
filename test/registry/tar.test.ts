import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { tar } from './tar.ts';

test('archives are read by the tar of the system as they were meant', () => {
  const long = `${'d/'.repeat(80)}file`;
  const archive = tar([
    { path: 'lib', type: 'directory', mode: 0o755 }, { path: 'lib/a.wasm', bytes: 'abc', mode: 0o600 }, { path: 'link', type: 'symlink', target: '../out' },
    { path: 'hard', type: 'hardlink', target: 'lib/a.wasm' }, { path: long, bytes: 'x' }, { path: `${long}g`, gnu: true, bytes: 'y'.repeat(600) }, { path: 'short', pax: { path: 'renamed' } },
  ]);
  const listed = execFileSync('tar', ['-tvf', '-'], { input: archive, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  expect(listed.trim().split('\n').map((line) => line.replace(/^(\S+) \S+ +(\d+) \S+ \S+ /, '$1 $2 '))).toEqual([
    'drwxr-xr-x 0 lib', '-rw------- 3 lib/a.wasm', 'lrw-r--r-- 0 link -> ../out', 'hrw-r--r-- 0 hard link to lib/a.wasm', `-rw-r--r-- 1 ${long}`, `-rw-r--r-- 600 ${long}g`, '-rw-r--r-- 0 renamed',
  ]);
});
