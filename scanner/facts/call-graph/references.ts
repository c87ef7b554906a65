import type { Module, TypeText } from '../../wasm/module.ts';
import { PREFIX_SLOTS } from '../../wasm/opcodes.ts';
import type { Exported } from './exported.ts';

/** Where references to functions come from and go to, beside direct calls. */
export interface References {
  /** Functions whose reference exists somewhere: in a segment that can be used, in code, in a table or global. Ascending, unique. */
  readonly taken: Uint32Array;
  /** References can pass between the module and whoever holds it, through parameters, results, globals or exceptions. */
  readonly exchanged: boolean;
}

/** Finds them. Declarative segments put nothing anywhere, they only permit `ref.func`. */
export function findReferences(module: Module, exported: Exported): References {
  const taken = takenFunctions(module);
  return { taken, exchanged: exchangesReferences(module, exported, taken) };
}

function takenFunctions({ elements, code, constantReferences, globals, tables, functionTypes }: Module): Uint32Array {
  const taken = new Uint8Array(functionTypes.length);
  for (const { mode, functions } of elements) if (mode !== 'declarative') mark(taken, functions);
  mark(taken, code?.functionReferences ?? []);
  mark(taken, constantReferences);
  for (const { init } of globals) if (init.kind === 'func') mark(taken, [init.index]);
  for (const { init } of tables) if (init?.kind === 'func') mark(taken, [init.index]);
  return indicesOf(taken);
}

/** Sets the marks of functions; numbers that are no function are passed over. */
export function mark(marks: Uint8Array, functions: ArrayLike<number>): void {
  for (let at = 0; at < functions.length; at++) {
    const index = functions[at]!;
    if (index >= 0 && index < marks.length) marks[index] = 1;
  }
}

/** Indices of what is marked, ascending. */
export function indicesOf(marks: Uint8Array): Uint32Array {
  let count = 0;
  for (const one of marks) count += one;
  const indices = new Uint32Array(count);
  for (let index = 0, at = 0; index < marks.length; index++) if (marks[index] === 1) indices[at++] = index;
  return indices;
}

/** Reference types that never hold a function, whoever has them. Exceptions hold what their tags say, which is looked at there. */
const INERT = /^\(ref (?:null )?\(?(?:shared )?(?:noextern|nofunc|noexn|none|nocont|i31|exn)\)+$/;
const OPAQUE = /^\(ref (?:null )?\(?(?:shared )?extern\)+$/;
const EXTERN_CONVERT_ANY = PREFIX_SLOTS[0xfb] + 0x1b;

function exchangesReferences(module: Module, exported: Exported, taken: Uint32Array): boolean {
  const wraps = (module.code?.opcodes[EXTERN_CONVERT_ANY] ?? 0) > 0;
  const carries = (text: TypeText): boolean => text.startsWith('(') && !INERT.test(text) && (wraps || !OPAQUE.test(text));
  const carrying = module.types.map(({ type }) => type.kind === 'func' && (type.params.some(carries) || type.results.some(carries)));
  if (!carrying.includes(true) && !hasCarryingGlobal(module, carries)) return false;
  const seen = seenThings(module, exported, taken);
  return seen.types.some((type) => carrying[type]) || seen.globals.some(carries);
}

function hasCarryingGlobal({ globals, imports }: Module, carries: (text: TypeText) => boolean): boolean {
  return globals.some(({ type }) => carries(type.type)) || imports.some(({ type }) => type.kind === 'global' && carries(type.type));
}

interface Seen {
  /** Of functions and tags that others call, give or catch. */
  readonly types: readonly number[];
  /** Types of globals that others see. */
  readonly globals: readonly TypeText[];
}

/** What others see: imports and exports, and with a table that they see every function that can be in one. */
function seenThings({ imports, tags, globals, functionTypes }: Module, exported: Exported, taken: Uint32Array): Seen {
  const importedTags = imports.flatMap(({ type }) => (type.kind === 'tag' ? [type] : []));
  const importedGlobals = imports.flatMap(({ type }) => (type.kind === 'global' ? [type] : []));
  const seesTable = exported.table.length > 0 || imports.some(({ type }) => type.kind === 'table');
  return {
    types: [
      ...imports.flatMap(({ type }) => (type.kind === 'func' || type.kind === 'tag' ? [type.typeIndex] : [])),
      ...Array.from(exported.func, (index) => functionTypes[index]!),
      ...Array.from(exported.tag).flatMap((index) => (importedTags[index] ?? tags[index - importedTags.length]?.type)?.typeIndex ?? []),
      ...(seesTable ? Array.from(taken, (index) => functionTypes[index]!) : []),
    ],
    globals: [...importedGlobals.map(({ type }) => type), ...Array.from(exported.global).flatMap((index) => globals[index - importedGlobals.length]?.type.type ?? [])],
  };
}
