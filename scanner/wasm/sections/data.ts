import { LIMITS } from '../limits.ts';
import type { ConstantValue, DataSegment, DataSegmentList } from '../module.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { readConstantExpression } from './constant-expression.ts';
import { readIndex } from './value-types.ts';

const PASSIVE = 1;
const EXPLICIT_MEMORY = 2;
const I32_CONST = 0x41;
const END = 0x0b;

/** The data section. Core specification 5.5.15. */
export function readDataSection(reader: ByteReader, draft: ModuleDraft): void {
  const countAt = reader.position;
  const count = reader.count(LIMITS.dataSegments, 'data segments');
  if (draft.dataCount !== null && draft.dataCount !== count) {
    reader.fail('count-mismatch', `Data count and data section have inconsistent lengths: ${draft.dataCount} and ${count}`, countAt);
  }
  const list = new DataColumns(count);
  draft.data = list;
  const memories = draft.memoryCount;
  for (let index = 0; index < count; index++) readSegment(reader, draft, { list, memories });
}

/** An empty list, for a module without the section. */
export function noData(): DataSegmentList {
  return new DataColumns(0);
}

function readSegment(reader: ByteReader, draft: ModuleDraft, into: { list: DataColumns; memories: number }): void {
  const offset = reader.position;
  const flags = reader.u32();
  if (flags > 2) reader.fail('invalid-flags', `Malformed data segment flags: ${flags}`, offset);
  const passive = flags === PASSIVE;
  if (passive) draft.features.add('bulk-memory', offset);
  let memory = 0;
  if (flags === EXPLICIT_MEMORY) memory = readIndex(reader, into.memories, 'memory');
  else if (!passive && into.memories === 0) reader.fail('invalid-index', 'Unknown memory 0: there are 0', offset);
  const start = passive ? null : readStart(reader, draft);
  const length = reader.u32();
  const bytesAt = reader.position;
  reader.skip(length);
  into.list.add({ memory, start, offset: bytesAt, length });
}

/** Nearly every segment starts at an i32 constant: a number, so that no object is made for it. */
function readStart(reader: ByteReader, draft: ModuleDraft): ConstantValue | number {
  const offset = reader.position;
  if (reader.peek() === I32_CONST) {
    reader.position++;
    const value = reader.s32();
    if (reader.peek() === END) {
      reader.position++;
      return value;
    }
    reader.position = offset;
  }
  return readConstantExpression(reader, draft);
}

interface Row { memory: number; start: ConstantValue | number | null; offset: number; length: number }

const PASSIVE_ROW = 0;
const CONSTANT_ROW = 1;
const OTHER_ROW = 2;

/** Data segments in columns; rows are made when asked for. */
class DataColumns implements DataSegmentList {
  length = 0;
  readonly #kind: Uint8Array;
  readonly #memory: Uint32Array;
  readonly #start: Int32Array;
  readonly #offset: Uint32Array;
  readonly #size: Uint32Array;
  /** Start values that are no i32 constant, by row. */
  readonly #others = new Map<number, ConstantValue>();

  constructor(count: number) {
    this.#kind = new Uint8Array(count);
    this.#memory = new Uint32Array(count);
    this.#start = new Int32Array(count);
    this.#offset = new Uint32Array(count);
    this.#size = new Uint32Array(count);
  }

  add(row: Row): void {
    const at = this.length++;
    this.#memory[at] = row.memory;
    this.#offset[at] = row.offset;
    this.#size[at] = row.length;
    this.#kind[at] = row.start === null ? PASSIVE_ROW : typeof row.start === 'number' ? CONSTANT_ROW : OTHER_ROW;
    if (typeof row.start === 'number') this.#start[at] = row.start;
    else if (row.start) this.#others.set(at, row.start);
  }

  readonly at = (row: number): DataSegment => {
    if (row < 0 || row >= this.length) throw new RangeError(`No data segment ${row}: there are ${this.length}`);
    const kind = this.#kind[row];
    return {
      mode: kind === PASSIVE_ROW ? 'passive' : 'active',
      memory: this.#memory[row]!,
      start: kind === CONSTANT_ROW ? { kind: 'i32', value: BigInt(this.#start[row]!) } : (this.#others.get(row) ?? null),
      offset: this.#offset[row]!,
      length: this.#size[row]!,
    };
  };
}
