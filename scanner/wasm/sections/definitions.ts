import { LIMITS } from '../limits.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { readConstantExpression } from './constant-expression.ts';
import { readFunctionTypeIndex, readGlobalType, readMemoryType, readTableType, readTagType } from './extern-types.ts';
import { readIndex } from './value-types.ts';

/** Start of a table with an initialiser, where a reference type stands otherwise. */
const TABLE_WITH_INIT = 0x40;

/** The function section: the type of every defined function. Core specification 5.5.6. */
export function readFunctionSection(reader: ByteReader, draft: ModuleDraft): void {
  const count = reader.count(LIMITS.functions, 'functions');
  const types = new Uint32Array(count);
  const functionTypes = Uint8Array.from(draft.types, ({ type }) => Number(type.kind === 'func'));
  for (let index = reader.indices(types, 0, functionTypes); index < count; index = reader.indices(types, index + 1, functionTypes)) {
    types[index] = readFunctionTypeIndex(reader, draft);
  }
  draft.definedFunctionTypes = types;
}

/** The table section. Core specification 5.5.7. */
export function readTableSection(reader: ByteReader, draft: ModuleDraft): void {
  const count = reader.count(LIMITS.tables, 'tables');
  for (let index = 0; index < count; index++) {
    const offset = reader.position;
    const withInit = reader.peek() === TABLE_WITH_INIT;
    if (withInit) {
      reader.position++;
      const zeroAt = reader.position;
      if (reader.byte() !== 0) reader.fail('invalid-flags', 'Malformed table: 0x40 must be followed by zero', zeroAt);
      draft.features.add('function-references', offset);
    }
    const type = readTableType(reader, draft);
    const init = withInit ? readConstantExpression(reader, draft) : null;
    draft.tables.push({ type, init, offset, length: reader.position - offset });
  }
}

/** The memory section. Core specification 5.5.8. */
export function readMemorySection(reader: ByteReader, draft: ModuleDraft): void {
  const count = reader.count(LIMITS.memories, 'memories');
  for (let index = 0; index < count; index++) {
    const offset = reader.position;
    const type = readMemoryType(reader, draft);
    draft.memories.push({ type, offset, length: reader.position - offset });
  }
}

/** The tag section. Core specification 5.5.9. */
export function readTagSection(reader: ByteReader, draft: ModuleDraft): void {
  const count = reader.count(LIMITS.tags, 'tags');
  for (let index = 0; index < count; index++) {
    const offset = reader.position;
    const type = readTagType(reader, draft);
    draft.tags.push({ type, offset, length: reader.position - offset });
  }
}

/** The global section; a global's initialiser may use those before it. Core specification 5.5.10. */
export function readGlobalSection(reader: ByteReader, draft: ModuleDraft): void {
  const count = reader.count(LIMITS.globals, 'globals');
  for (let index = 0; index < count; index++) {
    const offset = reader.position;
    const type = readGlobalType(reader, draft);
    const init = readConstantExpression(reader, draft);
    draft.globals.push({ type, init, offset, length: reader.position - offset });
  }
}

/** The start section. Core specification 5.5.12. */
export function readStartSection(reader: ByteReader, draft: ModuleDraft): void {
  const offset = reader.position;
  const functionIndex = readIndex(reader, draft.functionCount, 'function');
  draft.start = { functionIndex, offset, length: reader.position - offset };
}

/** The data count section. Core specification 5.5.16. */
export function readDataCountSection(reader: ByteReader, draft: ModuleDraft): void {
  draft.features.add('bulk-memory', reader.position);
  draft.dataCount = reader.u32();
}
