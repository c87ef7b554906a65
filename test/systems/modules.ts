import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/imports.ts';
import { watToWasm } from '../support/wat.ts';

/** A program of one system. */
export interface Program {
  readonly bytes: Uint8Array;
  /** Who made it: the system's own SDK or a toolchain that the system is used with, or an encoder that writes the imports the system defines. */
  readonly made: 'SDK' | 'encoder';
  /** For people: `Rust, crate spin-sdk`. */
  readonly from: string;
  /** The ABIs that its imports belong to, sorted. */
  readonly abis: readonly string[];
}

/** The output of a recipe in test/toolchains. */
export function sdk(recipe: string, from: string, ...abis: readonly string[]): Program {
  return { bytes: Uint8Array.from(readFileSync(join(ROOT, 'test/fixtures/toolchains', `${recipe}.wasm`))), made: 'SDK', from, abis };
}

/** Module, name and `i32 i32 -> i32`. */
type Function = readonly [module: string, name: string, type: string];

/** What the encoder adds around the imports. */
interface Around {
  /** Names under which the entry is exported; it calls every import once. */
  readonly entries?: readonly string[];
  /** More fields of the module, as text. */
  readonly fields?: string;
}

/** A module with these imports, each of which its entry calls. */
export function encoded(abis: readonly string[], functions: readonly Function[], { entries = ['_start'], fields = '(memory (export "memory") 1)' }: Around = {}): Program {
  const imports = functions.map(([module, name, type]) => `(import "${module}" "${name}" (func ${signature(type)}))`);
  const calls = functions.map(([, , type], index) => `${typesOf(type)[0].map((one) => `${one}.const 0`).join(' ')} call ${index}${' drop'.repeat(typesOf(type)[1].length)}`);
  const text = `(module ${imports.join(' ')} ${fields} (func $entry ${calls.join(' ')}) ${entries.map((name) => `(export "${name}" (func $entry))`).join(' ')})`;
  return { bytes: watToWasm(text), made: 'encoder', from: functions.length === 0 ? 'a module without imports' : listed([...new Set(functions.map(([module, name]) => `\`${module}\` \`${name}\``))]), abis };
}

function signature(type: string): string {
  const [parameters, results] = typesOf(type);
  return `${parameters.length > 0 ? `(param ${parameters.join(' ')})` : ''} ${results.length > 0 ? `(result ${results.join(' ')})` : ''}`;
}

function typesOf(type: string): [string[], string[]] {
  const [parameters = '', results = ''] = type.split('->');
  return [parameters.trim().split(' ').filter(Boolean), results.trim().split(' ').filter(Boolean)];
}

/** Tables stay readable: the first names and a count. */
function listed(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}

/** The same module with machine code beside it, in the section that WasmEdge loads in place of the module. */
export function withNativeCode(program: Program): Program {
  const name = [...new TextEncoder().encode('wasmedge')];
  const code = Array.from({ length: 64 }, () => 0x90);
  const payload = [name.length, ...name, ...code];
  return { bytes: Uint8Array.from([...program.bytes, 0, payload.length, ...payload]), made: 'encoder', from: 'a universal binary: a module with machine code in its section `wasmedge`', abis: program.abis };
}

/** What `wasmtime compile` writes: an ELF file with OS ABI 200. */
export function precompiled(): Program {
  const bytes = new Uint8Array(256);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 200]);
  new DataView(bytes.buffer).setUint32(48, 1, true);
  return { bytes, made: 'encoder', from: 'a `.cwasm`: the ELF header that Wasmtime writes', abis: [] };
}
