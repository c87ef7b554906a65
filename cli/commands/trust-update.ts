import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { harmless } from '../../scanner/report/harmless.ts';
import { publicGoodRoot, readTrustRoot, type TrustRoot } from '../../scanner/signature/trust-root.ts';
import { textOption, type Input } from '../command.ts';
import { openDestination } from '../destination.ts';
import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../../engine/usage-error.ts';
import type { Io } from '../io.ts';
import { say } from '../say.ts';

const MIRROR = 'https://tuf-repo-cdn.sigstore.dev';
const TARGET = 'trusted_root.json';
const TIMEOUT_MS = 30_000;

/**
 * `wasmgate trust update`: fetches the trusted root of a Sigstore instance by TUF and writes it, for `--trusted-root` and for policies. The only command that
 * asks a network for trust; verifying never does. Exit 4 where the repository cannot be reached or its signatures do not hold: then nothing is written.
 */
export async function runTrustUpdate(input: Input, io: Io): Promise<number> {
  const file = input.args[0] ?? TARGET;
  const mirror = mirrorOf(input);
  const text = await fetched(mirror, textOption(input, 'root'), io);
  const root = text === null ? null : understood(text, mirror, io);
  if (text === null || root === null) return EXIT.outside;
  const destination = openDestination(file === '-' ? null : file, io);
  destination.write(text.endsWith('\n') ? text : `${text}\n`);
  destination.close();
  if (file !== '-') say(io, input, `Wrote ${file}: keys of ${root.date}`, `The built-in root is of ${publicGoodRoot().date}; use this one with --trusted-root ${file}`);
  return EXIT.ok;
}

function mirrorOf(input: Input): string {
  const text = textOption(input, 'mirror-url') ?? MIRROR;
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw new UsageError(`Not a URL: --mirror-url ${text}`, 'Give the address of a TUF repository, https://...');
  if (text !== MIRROR && textOption(input, 'root') === undefined) throw new UsageError('Another repository needs its own root metadata', 'Give the root.json that was handed to you: --root FILE');
  return text;
}

/** The target's text; null, with the reason on stderr, where it could not be had. The client writes its metadata, so it gets a folder that is gone afterwards. */
async function fetched(mirrorURL: string, rootFile: string | undefined, io: Io): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-tuf-'));
  try {
    const { initTUF } = await import('@sigstore/tuf');
    const client = await initTUF({ mirrorURL, cachePath: join(folder, 'cache'), forceInit: true, timeout: TIMEOUT_MS, retry: 1, ...(rootFile !== undefined && { rootPath: resolve(io.cwd, rootFile) }) });
    return await client.getTarget(TARGET);
  } catch (error) {
    io.stderr.write(`wasmgate: Cannot fetch the trusted root from ${harmless(mirrorURL)}: ${harmless(error instanceof Error ? error.message : String(error))}\n`);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The root in a text that was fetched; null, with the reason on stderr, where it is none. */
function understood(text: string, mirror: string, io: Io): TrustRoot | null {
  try {
    return readTrustRoot(text, mirror);
  } catch (error) {
    io.stderr.write(`wasmgate: What was fetched cannot be used: ${harmless(error instanceof Error ? error.message : String(error))}\n`);
    return null;
  }
}
