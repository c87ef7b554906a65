import type { ModuleFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'memory-unbounded',
  title: 'Memory or a table may grow without limit',
  description: 'Finds memories without a declared maximum, and tables without one that the program or its host can grow.',
  family: 'resource',
  securitySeverity: 2.4,
  confidence: 'high',
  cwe: [770],
  since: '0.1.0',
  remedy: 'Declare a maximum (wasm-ld --max-memory, emcc -sMAXIMUM_MEMORY), or set a memory limit in the runtime',
  references: ['https://webassembly.github.io/spec/core/syntax/types.html#limits'],
  *check({ modules }) {
    for (const fact of modules) {
      yield* unboundedMemories(fact);
      yield* unboundedTables(fact);
    }
  },
});

/** Imported ones are left out: their maximum is the business of whoever gives them. */
function* unboundedMemories({ path, module: { memories, imports } }: ModuleFact): Generator<RuleFinding> {
  const before = imports.filter(({ type }) => type.kind === 'memory').length;
  for (const [index, { type, offset, length }] of memories.entries()) {
    if (type.maximum !== null) continue;
    yield { message: `Memory ${before + index} has no maximum: it may grow to ${type.index64 ? 'whatever the runtime gives' : '4 GiB'}`, subject: subjectOf(path, 'memory'), location: { path: `${within(path)}memory[${before + index}]`, offset, length } };
  }
}

function* unboundedTables({ path, module: { tables, imports, exports, code } }: ModuleFact): Generator<RuleFinding> {
  const open = tables.filter(({ type }) => type.maximum === null);
  if (open.length === 0) return;
  const before = imports.filter(({ type }) => type.kind === 'table').length;
  const grows = code !== null && code.opcodes[TABLE_GROW]! > 0;
  const exported = new Set<number>();
  if (!grows) for (const { kind, index } of exports) if (kind === 'table') exported.add(index);
  for (const [index, { type, offset, length }] of tables.entries()) {
    if (type.maximum !== null || !(grows || exported.has(before + index))) continue;
    yield { message: `Table ${before + index} has no maximum and ${grows ? 'the program grows tables' : 'is exported, so the host can grow it'}`, subject: subjectOf(path, 'table'), location: { path: `${within(path)}table[${before + index}]`, offset, length } };
  }
}

/** Place in the opcode counts: FC 0F. */
const TABLE_GROW = 1024 + 15;

function within(path: string): string {
  return path === '' ? '' : `${path}/`;
}

/** Without the module's number, which changes when another is added. */
function subjectOf(path: string, what: string): string {
  return path === '' ? what : `inner ${what}`;
}
