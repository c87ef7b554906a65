import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where caches of this user live: `XDG_CACHE_HOME` on every system, where it is absolute as its specification asks, else the
 * system's own place: `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`. Nothing is created.
 * @param environment variables of the process
 * @param platform as in `process.platform`
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>, platform: string = process.platform): string {
  const chosen = environment['XDG_CACHE_HOME'];
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, 'wasmgate');
  const home = environment['HOME'] || environment['USERPROFILE'] || homedir();
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'wasmgate', 'Cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'wasmgate');
  return join(home, '.cache', 'wasmgate');
}
