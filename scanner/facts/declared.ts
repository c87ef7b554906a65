import type { Facts } from './facts.ts';
import type { MemoryType, TableType } from '../wasm/module.ts';

type Declaring = Pick<Facts, 'kind' | 'modules'>;

/** Linear memories that start with the artifact: those its core modules define, and of a module those it has the host make. Inside a component the imported ones are of siblings, and counted there. */
export function declaredMemories({ kind, modules }: Declaring): readonly MemoryType[] {
  const imported = kind === 'module' ? modules.flatMap(({ module }) => module.imports.map(({ type }) => type).filter((type) => type.kind === 'memory')) : [];
  return [...imported, ...modules.flatMap(({ module }) => module.memories.map(({ type }) => type))];
}

/** Tables, counted in the same way. */
export function declaredTables({ kind, modules }: Declaring): readonly TableType[] {
  const imported = kind === 'module' ? modules.flatMap(({ module }) => module.imports.map(({ type }) => type).filter((type) => type.kind === 'table')) : [];
  return [...imported, ...modules.flatMap(({ module }) => module.tables.map(({ type }) => type))];
}

/** Bytes of all declared memories together when the program starts. */
export function initialMemory(facts: Declaring): number {
  return declaredMemories(facts).reduce((sum, { minimum, pageSize }) => sum + minimum * pageSize, 0);
}
