import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '../../../wasm/limits.ts';
import type { FetchError } from '../../fetch-error.ts';
import { unreadable } from '../failure.ts';
import { CredentialFile } from './credential-file.ts';

/**
 * Where credentials of this user are kept, in the order in which they count: the one file that was chosen and no other, else
 * `REGISTRY_AUTH_FILE`, the docker config (`DOCKER_CONFIG`, `~/.docker`), and the files that podman, skopeo and buildah write.
 */
export function configPaths(config: string | null, environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (config !== null) return [config];
  const home = environment['HOME'] || environment['USERPROFILE'];
  const docker = environment['DOCKER_CONFIG'] || (home && join(home, '.docker'));
  const settings = environment['XDG_CONFIG_HOME'] || (home && join(home, '.config'));
  const runtime = environment['XDG_RUNTIME_DIR'];
  return [
    environment['REGISTRY_AUTH_FILE'],
    docker && join(docker, 'config.json'),
    runtime && join(runtime, 'containers', 'auth.json'),
    settings && join(settings, 'containers', 'auth.json'),
  ].filter((path): path is string => path !== undefined && path !== '');
}

/** Reads one file; null where there is none. Throws FetchError `bad-docker-config`, which says where and why but nothing of what stands in it. */
export async function readConfig(path: string): Promise<CredentialFile | null> {
  const text = await readBounded(path);
  if (text === null) return null;
  const file = CredentialFile.ofConfig(text);
  if (!file) throw badConfig(path, 'it is no JSON object with an object "auths"');
  return file;
}

/** @param why in plain words, without anything that was read */
export function badConfig(path: string, why: string): FetchError {
  return unreadable('bad-docker-config', `Cannot read registry credentials from ${path}: ${why}`);
}

async function readBounded(path: string): Promise<string | null> {
  try {
    const file = await open(path, 'r');
    try {
      const pieces: Uint8Array[] = [];
      let total = 0;
      for await (const piece of file.createReadStream({ autoClose: false, end: LIMITS.smallResponseBytes }) as AsyncIterable<Uint8Array>) {
        total += piece.length;
        pieces.push(piece);
      }
      if (total > LIMITS.smallResponseBytes) throw badConfig(path, `it is larger than ${LIMITS.smallResponseBytes} bytes`);
      return Buffer.concat(pieces, total).toString();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw code === null ? error : badConfig(path, `the system says ${code}`);
  }
}
