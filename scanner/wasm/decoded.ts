import type { Problem } from '../problem.ts';
import type { Component } from './component.ts';
import type { ByteRange, Module } from './module.ts';

/** Executable code that is not Wasm, or Wasm that carries such code. Design section 7, kind 1. */
export interface NativePayload {
  readonly kind: 'native';
  /** `wasmtime-precompiled`, `elf`, `pe`, `mach-o`, `wamr-aot`, `wasmer`, `wasmedge-aot`. */
  readonly format: string;
  readonly title: string;
  readonly location: ByteRange;
  readonly problems: readonly Problem[];
}

/** Not Wasm and not native: named where recognised (`wat`, `gzip`, `zip`, `tar`, `webc`, `zstd`, `html`, ...), else format `unknown`. */
export interface UnknownBytes {
  readonly kind: 'unknown';
  readonly format: string;
  readonly title: string;
  readonly problems: readonly Problem[];
}

/** What `decode` returns; it never throws for bad input. */
export type Decoded = Module | Component | NativePayload | UnknownBytes;
