import { firstBytes } from './read-file.ts';

/** Names that say "I am Wasm", whatever the bytes are: such a file is always reported, also when it holds something else. */
const CLAIMING_NAME = /\.(wasm|cwasm|aot|wasmu|wasmer|webc)$/i;
const PEEK_BYTES = 20;
/** Beginnings of Wasm and of code that only Wasm runtimes load; plain ELF or PE files are not our business in a search. */
const CLAIMING_BYTES: readonly RegExp[] = [
  /^0061736d/, // core module or component, of any version
  /^00616f74/, // WAMR ahead-of-time code
  /^7f454c46.{6}c8/, // Wasmtime precompiled code: ELF with its own OS ABI
  /^(00)?7761736d65722d756e6976657273616c/, // "wasmer-universal"
  /^0077656263/, // Wasmer package
];

/** Whether a file name claims Wasm. */
export function nameClaimsWasm(path: string): boolean {
  return CLAIMING_NAME.test(path);
}

/** Whether a regular file begins like Wasm or like code for Wasm runtimes. Throws what the file system says. */
export function bytesClaimWasm(path: string): boolean {
  const start = Buffer.from(firstBytes(path, PEEK_BYTES)).toString('hex');
  return CLAIMING_BYTES.some((pattern) => pattern.test(start));
}
