import type { Facts, ImportFact, ModuleFact } from '../facts/facts.ts';
import type { ExternKind, ExternType, FunctionType, GlobalType, MemoryType, Module, TableType } from '../wasm/module.ts';

type Described = Readonly<Record<string, unknown>> | null;

/** The imports of a core module, in the order of the file, with their types. */
export function coreImportList({ module, imports }: Pick<ModuleFact, 'module' | 'imports'>): readonly unknown[] {
  const typeOf = typeDescriber(module);
  return imports.map((fact) => ({ module: fact.module, name: fact.name, kind: fact.kind, ...classOf(fact), type: typeOf(module.imports[fact.index]!.type) }));
}

/** What the catalogue says of an import. */
export function classOf({ capability, abi, risk, note, reachable }: ImportFact): Readonly<Record<string, unknown>> {
  return { capability, abi, risk, note, reachable };
}

/** The exports of a core module, in the order of the file, with their types. */
export function coreExportList({ exports }: Pick<Facts, 'exports'>, module: Module): readonly unknown[] {
  const typeOf = exportDescriber(module);
  return Array.from(exports, ({ name, kind, capability, abi, index }) => ({ name, kind, capability, abi, type: typeOf(kind, index ?? -1) }));
}

/** What a core module consists of. */
export function describeModule(module: Module): Readonly<Record<string, unknown>> {
  const spaces = indexSpaces(module);
  const typeOf = typeDescriber(module);
  const { start, code } = module;
  return {
    functions: { imported: module.importedFunctions, defined: module.functionTypes.length - module.importedFunctions },
    memories: listed(spaces.memory.map(memoryType), imported(module, 'memory')),
    tables: listed(spaces.table.map(tableType), imported(module, 'table')),
    globals: listed(spaces.global.map(globalType), imported(module, 'global')),
    tags: listed(spaces.tag.map((typeIndex) => typeOf({ kind: 'tag', typeIndex })), imported(module, 'tag')),
    start: start && { function: start.functionIndex },
    elementSegments: module.analysed === 'full' ? module.elements.length : null,
    dataSegments: module.analysed === 'full' ? module.data.length : null,
    instructions: code?.instructions ?? null,
  };
}

function listed(types: readonly Described[], importedCount: number): readonly unknown[] {
  return types.map((type, index) => ({ ...type, imported: index < importedCount }));
}

function imported({ imports }: Module, kind: ExternKind): number {
  return imports.reduce((count, item) => (item.type.kind === kind ? count + 1 : count), 0);
}

interface Spaces {
  readonly memory: readonly MemoryType[];
  readonly table: readonly TableType[];
  readonly global: readonly GlobalType[];
  /** Type indices. */
  readonly tag: readonly number[];
}

/** Index spaces: imported things come first. */
function indexSpaces({ imports, memories, tables, globals, tags }: Module): Spaces {
  const memory: MemoryType[] = [];
  const table: TableType[] = [];
  const global: GlobalType[] = [];
  const tag: number[] = [];
  for (const { type } of imports) {
    if (type.kind === 'memory') memory.push(type);
    else if (type.kind === 'table') table.push(type);
    else if (type.kind === 'global') global.push(type);
    else if (type.kind === 'tag') tag.push(type.typeIndex);
  }
  for (const { type } of memories) memory.push(type);
  for (const { type } of tables) table.push(type);
  for (const { type } of globals) global.push(type);
  for (const { type } of tags) tag.push(type.typeIndex);
  return { memory, table, global, tag };
}

/** One object for each function type, however many functions have it. */
function functionDescriber({ types }: Module): (typeIndex: number) => Described {
  const known = new Map<number, Described>();
  return (typeIndex) => {
    const found = known.get(typeIndex);
    if (found !== undefined) return found;
    const type = types[typeIndex]?.type;
    const described = type?.kind === 'func' ? functionType(type) : null;
    known.set(typeIndex, described);
    return described;
  };
}

function typeDescriber(module: Module): (type: ExternType) => Described {
  const functionOf = functionDescriber(module);
  return (type) => {
    if (type.kind === 'func' || type.kind === 'tag') return functionOf(type.typeIndex);
    if (type.kind === 'memory') return memoryType(type);
    return type.kind === 'table' ? tableType(type) : globalType(type);
  };
}

function exportDescriber(module: Module): (kind: string, index: number) => Described {
  const functionOf = functionDescriber(module);
  const spaces = indexSpaces(module);
  return (kind, index) => {
    if (kind === 'func') return functionOf(module.functionTypes[index] ?? -1);
    if (kind === 'tag') return functionOf(spaces.tag[index] ?? -1);
    if (kind === 'memory') return spaces.memory[index] ? memoryType(spaces.memory[index]) : null;
    if (kind === 'table') return spaces.table[index] ? tableType(spaces.table[index]) : null;
    return spaces.global[index] ? globalType(spaces.global[index]) : null;
  };
}

function functionType({ params, results }: FunctionType): Described {
  return { params, results };
}

function memoryType({ minimum, maximum, shared, index64, pageSize }: MemoryType): Described {
  return { minimum, maximum, shared, index64, pageSize };
}

function tableType({ element, minimum, maximum, index64 }: TableType): Described {
  return { element, minimum, maximum, index64 };
}

function globalType({ type, mutable }: GlobalType): Described {
  return { type, mutable };
}
