import type { Feature } from '../features.ts';
import type { FeatureTally } from '../feature-tally.ts';
import type { TypeText } from '../module.ts';
import type { ByteReader } from '../reader.ts';

/** What reading a type needs to know: the type indices that may be named, and where uses of features are noted. */
export interface TypeScope {
  readonly typeLimit: number;
  readonly features: FeatureTally;
}

interface AbstractType { readonly text: string; readonly feature: Feature | null }

const NUMBER_TYPES: Readonly<Record<number, AbstractType>> = {
  0x7f: { text: 'i32', feature: null },
  0x7e: { text: 'i64', feature: null },
  0x7d: { text: 'f32', feature: null },
  0x7c: { text: 'f64', feature: null },
  0x7b: { text: 'v128', feature: 'simd' },
};

/** Abstract heap types. `func` as a value type is reference types; as a table element it is as old as Wasm. */
const HEAP_TYPES: Readonly<Record<number, AbstractType>> = {
  0x75: { text: 'nocont', feature: 'stack-switching' },
  0x74: { text: 'noexn', feature: 'exceptions' },
  0x73: { text: 'nofunc', feature: 'gc' },
  0x72: { text: 'noextern', feature: 'gc' },
  0x71: { text: 'none', feature: 'gc' },
  0x70: { text: 'func', feature: 'reference-types' },
  0x6f: { text: 'extern', feature: 'reference-types' },
  0x6e: { text: 'any', feature: 'gc' },
  0x6d: { text: 'eq', feature: 'gc' },
  0x6c: { text: 'i31', feature: 'gc' },
  0x6b: { text: 'struct', feature: 'gc' },
  0x6a: { text: 'array', feature: 'gc' },
  0x69: { text: 'exn', feature: 'exceptions' },
  0x68: { text: 'cont', feature: 'stack-switching' },
};

const SHORT_REFERENCES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(HEAP_TYPES).map(([code, { text }]) => [code, `(ref null ${text})`]),
);

const REF = 0x64;
const REF_NULL = 0x63;
const SHARED = 0x65;
const EXACT = 0x62;
const S33_BITS = 0x40;

/** A value type. Core specification 5.3.5. */
export function readValueType(reader: ByteReader, scope: TypeScope): TypeText {
  const number = NUMBER_TYPES[reader.peek()];
  if (!number) return readReferenceType(reader, scope);
  if (number.feature) scope.features.add(number.feature, reader.position);
  reader.position++;
  return number.text;
}

/** A reference type, always in its long form: `(ref null func)` for the short code of funcref too. Core specification 5.3.4. */
export function readReferenceType(reader: ByteReader, scope: TypeScope): TypeText {
  const start = reader.position;
  const code = reader.byte();
  const short = SHORT_REFERENCES[code];
  if (short !== undefined) {
    scope.features.add(HEAP_TYPES[code]!.feature!, start);
    return short;
  }
  if (code === SHARED) return `(ref null ${readShared(reader, scope)})`;
  if (code !== REF && code !== REF_NULL) reader.fail('invalid-type', `Malformed reference type: byte 0x${code.toString(16)}`, start);
  scope.features.add('function-references', start);
  return `(ref ${code === REF_NULL ? 'null ' : ''}${readHeapType(reader, scope)})`;
}

/** A table's element type: `funcref` here needs no feature. */
export function readElementType(reader: ByteReader, scope: TypeScope): TypeText {
  if (reader.peek() !== 0x70) return readReferenceType(reader, scope);
  reader.position++;
  return '(ref null func)';
}

/** A heap type: an abstract one, or the index of a defined type. Core specification 5.3.3. */
export function readHeapType(reader: ByteReader, scope: TypeScope): TypeText {
  const start = reader.position;
  const code = reader.peek();
  const abstract = HEAP_TYPES[code];
  if (abstract) {
    scope.features.add(abstract.feature!, start);
    reader.position++;
    return abstract.text;
  }
  if (code === SHARED) {
    reader.position++;
    return readShared(reader, scope);
  }
  if (code === EXACT) {
    reader.position++;
    scope.features.add('custom-descriptors', start);
    return `(exact ${readTypeIndex(reader, scope)})`;
  }
  const index = reader.s33();
  if (index < 0) reader.fail('invalid-type', `Malformed heap type: byte 0x${code.toString(16)}`, start);
  checkTypeIndex(reader, index, { start, limit: scope.typeLimit });
  return String(index);
}

/** The index of a defined type, held against the type index space. */
export function readTypeIndex(reader: ByteReader, scope: { readonly typeLimit: number }): number {
  const start = reader.position;
  const index = reader.u32();
  checkTypeIndex(reader, index, { start, limit: scope.typeLimit });
  return index;
}

/** Reads an index and holds it against the size of its index space. */
export function readIndex(reader: ByteReader, count: number, what: string): number {
  const start = reader.position;
  const index = reader.u32();
  if (index >= count) reader.fail('invalid-index', `Unknown ${what} ${index}: there are ${count}`, start);
  return index;
}

/** Whether a byte starts a type index, as opposed to one of the single-byte codes. */
export function startsTypeIndex(byte: number): boolean {
  return byte >= 0x80 || (byte & S33_BITS) === 0;
}

function readShared(reader: ByteReader, scope: TypeScope): string {
  const start = reader.position - 1;
  const abstract = HEAP_TYPES[reader.byte()];
  if (!abstract) reader.fail('invalid-type', 'Malformed shared heap type', start);
  scope.features.add('shared-everything-threads', start);
  return `(shared ${abstract.text})`;
}

function checkTypeIndex(reader: ByteReader, index: number, at: { start: number; limit: number }): void {
  if (index >= at.limit) reader.fail('invalid-index', `Unknown type ${index}: there are ${at.limit}`, at.start);
}
