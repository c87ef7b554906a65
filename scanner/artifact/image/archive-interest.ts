import { recognise } from '../../wasm/first-bytes.ts';

/**
 * Why a file is kept. `wasm`: its first bytes; `native`: code compiled for a Wasm runtime; `text`: WebAssembly text; `package`: a
 * Wasmer package; `name`: it is called like a module, whatever it holds; `entry-point`: the process starts it; `argument`: a runner is
 * given it; `wanted`: the caller asked for it by path.
 */
export type KeptFor = 'wasm' | 'native' | 'text' | 'package' | 'name' | 'entry-point' | 'argument' | 'wanted';

/** First bytes that are looked at. */
export const START_BYTES = 4096;

/** What a name says a runtime would load. */
export const MODULE_NAME = /\.(wasm|wat|cwasm|aot|webc)$/i;
const ARCHIVE_NAME = /\.(tar|tgz|tar\.gz|tzst|tar\.zst|zip|par|par\.gz)$/i;

/** Bytes that any of these can begin with, blanks and byte order marks before a text included: most files of an image begin with others. */
const FIRST = new Set([0x00, 0x7f, ...Buffer.from('wA(; \t\n\v\f\r'), 0xc2, 0xe1, 0xe2, 0xe3, 0xef]);
const NATIVE = new Set(['wasmtime-precompiled', 'wamr-aot', 'wasmer']);
const OTHERS: Readonly<Record<string, KeptFor>> = { wat: 'text', webc: 'package', wasm: 'wasm', 'base64-wasm': 'wasm' };

/** Why a file is to be kept, by its first bytes and its name; null: it is not. */
export function interestIn(path: string, start: Buffer, wanted: (path: string) => boolean): KeptFor | null {
  return contentInterest(start) ?? (MODULE_NAME.test(path) ? 'name' : wanted(path) ? 'wanted' : null);
}

/** What native code bytes are, in words; null: none. */
export function nativeTitle(bytes: Uint8Array): string | null {
  const found = recognise(bytes);
  return found.kind === 'native' ? found.title : null;
}

/** Whether a file is to be kept or searched. */
export function isOfInterest(path: string, start: Buffer, wanted: (path: string) => boolean): boolean {
  return start.length > 0 && (interestIn(path, start, wanted) !== null || isNestedArchive(path));
}

/** Whether a file is an archive that is searched: by its name, so that compressed data of other kinds is left alone. */
export function isNestedArchive(path: string): boolean {
  return ARCHIVE_NAME.test(path);
}

/** Whether the name of an archive is one under which modules travel: Wasm in it, policy bundles, providers, plug-ins. */
export function mayCarryModules(path: string): boolean {
  return /wasm|webc|bundle|plug-?in|\.par(\.gz)?$/i.test(path);
}

/** Why a file is to be kept whatever it is called; null: its first bytes are those of nothing a Wasm runtime loads. */
export function contentInterest(start: Buffer): KeptFor | null {
  if (start.length === 0 || !FIRST.has(start.readUInt8(0))) return null;
  if (start.length >= 4 && start.readUInt32BE(0) === 0x0061736d) return 'wasm';
  const { kind, format } = recognise(start);
  return kind === 'native' ? (NATIVE.has(format) ? 'native' : null) : (OTHERS[format] ?? null);
}
