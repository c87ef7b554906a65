import { DecodeError } from '../error.ts';
import { LIMITS } from '../limits.ts';
import type { Export, ExportList, ExternKind } from '../module.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { hashBytes, isAscii, sameBytes } from '../reader-bytes.ts';
import { EXTERN_KINDS } from './extern-types.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The export section. Names are checked here and decoded when asked for. Core specification 5.5.11. */
export function readExportSection(reader: ByteReader, draft: ModuleDraft): void {
  const count = reader.count(LIMITS.exports, 'exports');
  const list = new ExportColumns(reader.bytes, count);
  draft.exports = list;
  const spaces: Record<ExternKind, number> = {
    func: draft.functionCount, table: draft.tableCount, memory: draft.memoryCount, global: draft.globalCount, tag: draft.tagCount,
  };
  const counts = EXTERN_KINDS.map((kind) => spaces[kind]);
  for (let row = 0; row < count; row++) readExport(reader, list, counts);
  refuseRepeatedNames(list);
  noteMutableGlobals(list, draft);
}

function readExport(reader: ByteReader, list: ExportColumns, counts: readonly number[]): void {
  const offset = reader.position;
  const nameLength = reader.u32();
  const nameOffset = reader.position;
  if (nameLength > LIMITS.nameBytes) reader.fail('limit-exceeded', `Name too long: ${nameLength} bytes, limit ${LIMITS.nameBytes}`, offset);
  reader.skip(nameLength);
  if (!isAscii(reader.bytes, nameOffset, nameOffset + nameLength)) requireUtf8(reader.bytes.subarray(nameOffset, nameOffset + nameLength), nameOffset);
  const kindAt = reader.position;
  const kind = reader.byte();
  if (kind > 4) reader.fail('invalid-kind', `Malformed export kind: byte 0x${kind.toString(16)}`, kindAt);
  const index = reader.u32();
  if (index >= counts[kind]!) reader.fail('invalid-index', `Unknown ${EXTERN_KINDS[kind]} ${index}: there are ${counts[kind]}`, kindAt + 1);
  const row = list.length++;
  list.offset[row] = offset;
  list.nameOffset[row] = nameOffset;
  list.nameLength[row] = nameLength;
  list.kind[row] = kind;
  list.index[row] = index;
  list.end[row] = reader.position;
}

/** Exports in columns; rows are made when asked for. */
class ExportColumns implements ExportList {
  length = 0;
  readonly bytes: Uint8Array;
  readonly kind: Uint8Array;
  readonly index: Uint32Array;
  readonly nameOffset: Uint32Array;
  readonly nameLength: Uint32Array;
  readonly offset: Uint32Array;
  readonly end: Uint32Array;

  constructor(bytes: Uint8Array, count: number) {
    this.bytes = bytes;
    this.kind = new Uint8Array(count);
    this.index = new Uint32Array(count);
    this.nameOffset = new Uint32Array(count);
    this.nameLength = new Uint32Array(count);
    this.offset = new Uint32Array(count);
    this.end = new Uint32Array(count);
  }

  name(row: number): string {
    const start = this.nameOffset[row]!;
    return utf8.decode(this.bytes.subarray(start, start + this.nameLength[row]!));
  }

  at(row: number): Export {
    if (row < 0 || row >= this.length) throw new RangeError(`No export ${row}: there are ${this.length}`);
    const offset = this.offset[row]!;
    return { name: this.name(row), kind: EXTERN_KINDS[this.kind[row]!]!, index: this.index[row]!, offset, length: this.end[row]! - offset };
  }

  indices(kind: ExternKind): Uint32Array {
    const wanted = EXTERN_KINDS.indexOf(kind);
    const found = new Uint32Array(this.length);
    let count = 0;
    for (let row = 0; row < this.length; row++) if (this.kind[row] === wanted) found[count++] = this.index[row]!;
    return found.subarray(0, count);
  }

  *[Symbol.iterator](): Iterator<Export> {
    for (let row = 0; row < this.length; row++) yield this.at(row);
  }
}

/** An empty list, for a module without the section. */
export function noExports(bytes: Uint8Array): ExportList {
  return new ExportColumns(bytes, 0);
}

function requireUtf8(name: Uint8Array, offset: number): void {
  try {
    utf8.decode(name);
  } catch {
    throw new DecodeError('invalid-utf8', 'Malformed UTF-8 encoding', offset);
  }
}

/** Places tried in the hash table before the name is kept in a set, so that chosen collisions cannot make this slow. */
const PROBES = 8;

function refuseRepeatedNames(list: ExportColumns): void {
  const mask = 2 ** Math.ceil(Math.log2(list.length * 2 + 1)) - 1;
  const rows = new Uint32Array(mask + 1);
  const crowded = new Set<string>();
  for (let row = 0; row < list.length; row++) {
    const start = list.nameOffset[row]!;
    let slot = hashBytes(list.bytes, start, start + list.nameLength[row]!) & mask;
    let probe = 0;
    for (; rows[slot] !== 0 && probe < PROBES; slot = (slot + 1) & mask, probe++) {
      if (sameName(list, rows[slot]! - 1, row)) refuse(list, row);
    }
    if (probe < PROBES) rows[slot] = row + 1;
    else if (crowded.has(list.name(row))) refuse(list, row);
    else crowded.add(list.name(row));
  }
}

function sameName(list: ExportColumns, a: number, b: number): boolean {
  const length = list.nameLength[a]!;
  return length === list.nameLength[b] && sameBytes(list.bytes, list.nameOffset[a]!, list.nameOffset[b]!, length);
}

function refuse(list: ExportColumns, row: number): never {
  throw new DecodeError('duplicate-name', `Duplicate export name: export ${row} has the name of an earlier one`, list.nameOffset[row]!);
}

function noteMutableGlobals(list: ExportColumns, draft: ModuleDraft): void {
  if (draft.globalCount === 0) return;
  const imported = draft.imports.flatMap(({ type }) => (type.kind === 'global' ? [type] : []));
  for (let row = 0; row < list.length; row++) {
    if (EXTERN_KINDS[list.kind[row]!] !== 'global') continue;
    const index = list.index[row]!;
    const type = imported[index] ?? draft.globals[index - imported.length]?.type;
    if (type?.mutable) draft.features.add('mutable-globals', list.nameOffset[row]!);
  }
}
