import type { Location } from '../location.ts';
import type { Facts, ModuleFact } from './facts.ts';

/** The global that compilers on LLVM keep the top of the stack in memory in. */
export interface StackPointer {
  /** Where it starts: the address that the stack grows down from. */
  readonly start: number;
  readonly location: Location;
}

/** Languages whose compilers keep such a stack. Go and AssemblyScript have stacks of another kind. */
const LANGUAGES: ReadonlySet<string> = new Set(['C', 'C++', 'Rust', 'Zig', 'Swift']);
const TOOLS = /^(?:clang|Emscripten|LLD|Debian clang|rustc|zig)/i;

/** Whether the program was made by a compiler that keeps a stack in memory, as far as it says. */
export function keepsStack({ languages, tools }: Pick<Facts, 'languages' | 'tools'>): boolean {
  if (languages.includes('AssemblyScript')) return false;
  return languages.some((language) => LANGUAGES.has(language)) || tools.some(({ name }) => TOOLS.test(name));
}

/**
 * The stack pointer of a module: linkers make it the first global, mutable, with a start that is a multiple of 16. Null where
 * the first global is another, or the loader decides the start. Source: tool-conventions, "BasicCABI.md" and "Linking.md".
 */
export function stackPointer({ path, module: { globals, imports } }: Pick<ModuleFact, 'path' | 'module'>): StackPointer | null {
  const imported = imports.filter(({ type }) => type.kind === 'global').length;
  const first = globals[0];
  if (first === undefined || !first.type.mutable || (first.init.kind !== 'i32' && first.init.kind !== 'i64') || first.type.type !== first.init.kind) return null;
  const start = Number(BigInt.asUintN(first.init.kind === 'i32' ? 32 : 64, first.init.value));
  if (start < 1024 || start % 16 !== 0) return null;
  return { start, location: { path: `${path === '' ? '' : `${path}/`}global[${imported}]`, offset: first.offset, length: first.length } };
}
