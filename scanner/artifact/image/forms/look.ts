import { contentInterest, START_BYTES } from '../archive-interest.ts';

/** True for what a host may run as Wasm though nobody calls it a module: binary, text, compiled for a Wasm runtime, or a package of it. */
export function mayRunAsWasm(bytes: Uint8Array): boolean {
  return contentInterest(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, START_BYTES))) !== null;
}
