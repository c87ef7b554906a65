import { expect } from 'vitest';
import { decode } from '../../scanner/wasm/decode.ts';
import type { Module } from '../../scanner/wasm/module.ts';
import { componentWorld } from './component-world.ts';

/**
 * Decodes a well-formed binary and holds its imports and exports against an independent reader:
 * the JavaScript engine for a core module, the reference component tools for a component.
 */
export async function expectIndependentNames(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const decoded = decode(bytes);
  expect(decoded.problems).toEqual([]);
  if (decoded.kind === 'module') expect(names(decoded)).toEqual(await engineNames(bytes));
  else if (decoded.kind === 'component') expect(worldNames(decoded.imports, decoded.exports)).toEqual(await componentWorld(bytes));
  else expect.fail(`Neither module nor component but ${decoded.kind}`);
}

export interface Names { readonly imports: readonly string[]; readonly exports: readonly string[] }

/** Imports and exports of a module in binary order, spelled as the engine spells them. */
export function names(module: Module): Names {
  return {
    imports: module.imports.map((found) => `${found.module} ${found.name} ${kind(found.type.kind)}`),
    exports: [...module.exports].map((found) => `${found.name} ${kind(found.kind)}`),
  };
}

/** What the JavaScript engine itself lists. */
async function engineNames(bytes: Uint8Array<ArrayBuffer>): Promise<Names> {
  const module = await WebAssembly.compile(bytes);
  return {
    imports: WebAssembly.Module.imports(module).map((found) => `${found.module} ${found.name} ${found.kind}`),
    exports: WebAssembly.Module.exports(module).map((found) => `${found.name} ${found.kind}`),
  };
}

/** The engine spells functions out. */
function kind(own: string): string {
  return own === 'func' ? 'function' : own;
}

/** WIT lists interfaces and functions, each once; type imports are written as uses, so they are left out here. */
function worldNames(imports: readonly { name: string; kind: string }[], exports: readonly { name: string; kind: string }[]): Names {
  const listed = (all: readonly { name: string; kind: string }[]): string[] => [...new Set(all.filter((found) => found.kind !== 'type').map(({ name }) => name))].sort();
  return { imports: listed(imports), exports: listed(exports) };
}
