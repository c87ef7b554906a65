import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from './cache-folder.ts';

test.each([
  ['linux', { XDG_CACHE_HOME: '/x/cache', HOME: '/home/a' }, '/x/cache/wasmgate'],
  ['linux', { XDG_CACHE_HOME: 'relative', HOME: '/home/a' }, '/home/a/.cache/wasmgate'],
  ['linux', { XDG_CACHE_HOME: '', HOME: '/home/a' }, '/home/a/.cache/wasmgate'],
  ['darwin', { HOME: '/Users/a' }, '/Users/a/Library/Caches/wasmgate'],
  ['win32', { LOCALAPPDATA: '/l', HOME: '/h' }, '/l/wasmgate/Cache'],
  ['win32', { USERPROFILE: '/u' }, '/u/AppData/Local/wasmgate/Cache'],
  ['linux', {}, join(homedir(), '.cache', 'wasmgate')],
])('on %s with %o', (platform, environment, folder) => {
  expect(cacheFolder(environment, platform)).toBe(folder);
});
