import type { Feature } from '../features.ts';
import { LIMITS } from '../limits.ts';
import type { ByteReader } from '../reader.ts';
import type { Holders, ResourceType, ValueType } from './model.ts';
import { isLabel } from './names.ts';
import { readItem, type Scope, UniqueNames } from './scope.ts';

/** What is noted of the types inside another: how deep they go, and which hold handles. */
export interface Depth { depth: number; holders?: (ValueType | ResourceType)[] }

const NO_HOLDERS: Holders = [];

type ReadBody = (reader: ByteReader, scope: Scope, into: Depth) => void;

const ERROR_CONTEXT = 0x64;
const FLAGS = 0x6e;
const FIRST_PRIMITIVE = 0x73;
const LAST_PRIMITIVE = 0x7f;
const MOST_FLAGS = 32;

/** By opcode. Component model "Binary.md", defvaltype. */
const BODIES: Readonly<Record<number, ReadBody>> = {
  0x72: (reader, scope, into) => readLabelled(reader, { what: 'record field', least: 1 }, () => readValueType(reader, scope, into)),
  0x71: (reader, scope, into) => readLabelled(reader, { what: 'variant case', least: 1 }, () => readCase(reader, scope, into)),
  0x70: readValueType,
  0x6f: readTuple,
  0x6e: (reader) => readLabelled(reader, { what: 'flag', least: 1, most: MOST_FLAGS }, () => {}),
  0x6d: (reader) => readLabelled(reader, { what: 'enum case', least: 1 }, () => {}),
  0x6b: readValueType,
  0x6a: (reader, scope, into) => {
    readOptional(reader, scope, into);
    readOptional(reader, scope, into);
  },
  0x69: readHandle,
  0x68: readHandle,
  0x67: (reader, scope, into) => {
    readValueType(reader, scope, into);
    reader.u32();
  },
  0x66: readOptional,
  0x65: readOptional,
  0x63: (reader, scope, into) => {
    readValueType(reader, scope, into);
    readValueType(reader, scope, into);
  },
};

const FEATURES: Readonly<Record<number, Feature>> = {
  0x67: 'component-fixed-length-lists', 0x66: 'component-async', 0x65: 'component-async', 0x63: 'component-map', [ERROR_CONTEXT]: 'component-error-context',
};

/** A defined value type, without its opcode's kind being anything else. null: the byte starts no value type, and nothing was read. */
export function readDefinedValueType(reader: ByteReader, scope: Scope): ValueType | null {
  const start = reader.position;
  const code = reader.peek();
  const body = BODIES[code];
  if (!body && !isPrimitive(code)) return null;
  reader.position++;
  const feature = FEATURES[code];
  if (feature) scope.notes.features.add(feature, start);
  if (code === FLAGS) scope.notes.firstFlags ??= start;
  const into: Depth = { depth: 0 };
  body?.(reader, scope, into);
  return { kind: 'value', code, depth: deeper(reader, into, start), holders: into.holders ?? NO_HOLDERS };
}

/** A value type: a primitive one, or the index of a defined one. Raises `into` to its depth. Throws DecodeError. */
export function readValueType(reader: ByteReader, scope: Scope, into: Depth): void {
  const start = reader.position;
  const code = reader.peek();
  if (isPrimitive(code)) {
    reader.position++;
    if (code === ERROR_CONTEXT) scope.notes.features.add('component-error-context', start);
    return;
  }
  const index = reader.s33();
  if (index < 0) reader.fail('invalid-type', `Malformed value type: byte 0x${code.toString(16)}`, start);
  reader.position = start;
  const { item } = readItem(reader, scope, 'type');
  if (item.kind !== 'value' && item.kind !== 'unknown') reader.fail('invalid-type', `Type ${index} is not a value type`, start);
  into.depth = Math.max(into.depth, item.depth);
  if (item.kind === 'value' && item.holders.length > 0) (into.holders ??= []).push(item);
}

/** `00`, or `01` and a value type. */
export function readOptional(reader: ByteReader, scope: Scope, into: Depth): void {
  if (readFlag(reader, 'optional type')) readValueType(reader, scope, into);
}

/** A byte that is 0 or 1. Throws DecodeError. */
export function readFlag(reader: ByteReader, what: string): boolean {
  const start = reader.position;
  const byte = reader.byte();
  if (byte > 1) reader.fail('invalid-flags', `Malformed flag of ${what}: byte 0x${byte.toString(16)}`, start);
  return byte === 1;
}

/** A list of labels, each followed by what `readRest` reads. Labels are kebab-case and unique. Throws DecodeError. */
export function readLabelled(reader: ByteReader, about: { what: string; least: number; most?: number }, readRest: () => void): void {
  const start = reader.position;
  const count = reader.count(LIMITS.componentItems, `items of kind ${about.what}`);
  if (count < about.least) reader.fail('invalid-type', `At least one ${about.what} is needed`, start);
  if (about.most !== undefined && count > about.most) reader.fail('invalid-type', `More than ${about.most} of kind ${about.what}: ${count}`, start);
  const names = new UniqueNames(about.what);
  for (let left = count; left > 0; left--) {
    const labelAt = reader.position;
    const label = reader.name();
    if (!isLabel(label)) reader.fail('invalid-name', `Label of a ${about.what} is not in kebab case`, labelAt);
    names.add(reader, label, labelAt);
    readRest();
  }
}

/** One more level around what was read. Throws DecodeError beyond the limit, so that walks over types stay shallow. */
export function deeper(reader: ByteReader, { depth }: Depth, offset: number): number {
  if (depth >= LIMITS.typeDepth) reader.fail('limit-exceeded', `Types nested too deep: limit ${LIMITS.typeDepth}`, offset);
  return depth + 1;
}

function isPrimitive(code: number): boolean {
  return (code >= FIRST_PRIMITIVE && code <= LAST_PRIMITIVE) || code === ERROR_CONTEXT;
}

function readCase(reader: ByteReader, scope: Scope, into: Depth): void {
  readOptional(reader, scope, into);
  const start = reader.position;
  const end = reader.byte();
  if (end !== 0) reader.fail('invalid-flags', `Malformed end of a variant case: byte 0x${end.toString(16)}`, start);
}

function readTuple(reader: ByteReader, scope: Scope, into: Depth): void {
  const start = reader.position;
  const count = reader.count(LIMITS.componentItems, 'tuple items');
  if (count === 0) reader.fail('invalid-type', 'At least one tuple item is needed', start);
  for (let left = count; left > 0; left--) readValueType(reader, scope, into);
}

function readHandle(reader: ByteReader, scope: Scope, into: Depth): void {
  const start = reader.position;
  const { index, item } = readItem(reader, scope, 'type');
  if (item.kind !== 'resource' && item.kind !== 'unknown') reader.fail('invalid-type', `Type ${index} is not a resource type`, start);
  if (item.kind === 'resource') into.holders = [item];
}
