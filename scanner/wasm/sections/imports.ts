import { LIMITS } from '../limits.ts';
import type { ExternType } from '../module.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { sameBytes } from '../reader-bytes.ts';
import { readFunctionTypeIndex, readGlobalType, readMemoryType, readTableType, readTagType } from './extern-types.ts';

const EACH_TYPED = 0x7f;
const ONE_TYPE = 0x7e;
const EXACT_FUNCTION = 0x20;

interface Place { readonly module: string; readonly name: string; readonly offset: number }

/** The import section: single imports, and the groups of the compact import section proposal. Core specification 5.5.5. */
export function readImportSection(reader: ByteReader, draft: ModuleDraft): void {
  const entries = reader.count(LIMITS.imports, 'imports');
  const names = new NameCache();
  for (let index = 0; index < entries; index++) {
    const offset = reader.position;
    const module = names.read(reader);
    const name = reader.name();
    const marker = reader.peek();
    // A plain import may have an empty name too; only the byte after it tells a group.
    if (name === '' && (marker === EACH_TYPED || marker === ONE_TYPE)) readGroup(reader, draft, { module, name, offset });
    else addImport(reader, draft, { place: { module, name, offset }, type: readExternType(reader, draft) });
  }
}

/** `7F`: one module, each item with its type. `7E`: one module and one type, then names alone. */
function readGroup(reader: ByteReader, draft: ModuleDraft, { module, offset: groupAt }: Place): void {
  const shared = reader.byte() === ONE_TYPE ? readExternType(reader, draft) : null;
  draft.features.add('compact-imports', groupAt);
  const count = reader.count(LIMITS.imports, 'imports');
  for (let index = 0; index < count; index++) {
    const offset = reader.position;
    const name = reader.name();
    addImport(reader, draft, { place: { module, name, offset }, type: shared ?? readExternType(reader, draft) });
  }
}

function readExternType(reader: ByteReader, draft: ModuleDraft): ExternType {
  const start = reader.position;
  const kind = reader.byte();
  switch (kind) {
    case 0:
      return { kind: 'func', typeIndex: readFunctionTypeIndex(reader, draft), exact: false };
    case 1:
      return { kind: 'table', ...readTableType(reader, draft) };
    case 2:
      return { kind: 'memory', ...readMemoryType(reader, draft) };
    case 3: {
      const type = readGlobalType(reader, draft);
      if (type.mutable) draft.features.add('mutable-globals', start);
      return { kind: 'global', ...type };
    }
    case 4:
      return { kind: 'tag', ...readTagType(reader, draft) };
    case EXACT_FUNCTION:
      draft.features.add('custom-descriptors', start);
      return { kind: 'func', typeIndex: readFunctionTypeIndex(reader, draft), exact: true };
    default:
      return reader.fail('invalid-kind', `Malformed import kind: byte 0x${kind.toString(16)}`, start);
  }
}

function addImport(reader: ByteReader, draft: ModuleDraft, { place, type }: { place: Place; type: ExternType }): void {
  if (draft.imports.length >= LIMITS.imports) reader.fail('limit-exceeded', `Too many imports: more than ${LIMITS.imports}`, place.offset);
  if (place.module === 'wasm:js-string') draft.features.add('js-string-builtins', place.offset);
  draft.imports.push({ ...place, type, length: reader.position - place.offset });
  if (type.kind === 'func') draft.importedFunctionTypes.push(type.typeIndex);
  else if (type.kind === 'table') draft.importedTables++;
  else if (type.kind === 'memory') draft.importedMemories++;
  else if (type.kind === 'global') draft.importedGlobals++;
  else draft.importedTags++;
}

/** Neighbouring imports share their module name almost always: equal bytes are decoded once. */
class NameCache {
  #start = 0;
  #length = -1;
  #name = '';

  read(reader: ByteReader): string {
    const start = reader.position;
    const end = start + this.#length;
    if (this.#length > 0 && end <= reader.end && sameBytes(reader.bytes, this.#start, start, this.#length)) {
      reader.position = end;
      return this.#name;
    }
    this.#name = reader.name();
    this.#start = start;
    this.#length = reader.position - start;
    return this.#name;
  }
}
