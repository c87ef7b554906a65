import type { CanonicalFunction } from '../component.ts';
import type { Feature } from '../features.ts';
import type { ByteReader } from '../reader.ts';
import { BUILTINS, type Builtin, type Operand } from './builtins.ts';
import type { Definition } from './definitions.ts';
import { noteHistoric, readItem, type Scope } from './scope.ts';
import { readTypeOfKind } from './types.ts';
import { readFlag, readValueType } from './value-types.ts';

/** A canonical definition as read: what it is, and what it means for linking. */
export interface ReadCanonical { readonly canonical: CanonicalFunction; readonly definitions: readonly Definition[] }

interface Options {
  stringEncoding: CanonicalFunction['stringEncoding'];
  async: boolean;
  callback: boolean;
  /** Core functions called by the canonical ABI. */
  readonly calls: number[];
  /** Tables whose functions it calls. */
  readonly tables: number[];
  readonly seen: Set<number>;
}

const ENCODINGS = ['utf8', 'utf16', 'latin1+utf16'] as const;
const STREAM = 0x66;
const FUTURE = 0x65;
const LIFT = 0x00;
const LOWER = 0x01;
const I32 = 0x7f;
const I64 = 0x7e;
const MOST_OPTIONS = 10;

/** One entry of the canonical section. Component model "Binary.md", canonical definitions. Throws DecodeError. */
export function readCanonical(reader: ByteReader, scope: Scope): ReadCanonical {
  const offset = reader.position;
  const code = reader.byte();
  if (code === LIFT) return readLift(reader, scope, offset);
  if (code === LOWER) return readLower(reader, scope, offset);
  const builtin = BUILTINS[code];
  if (!builtin) return reader.fail('invalid-kind', `Malformed canonical function: byte 0x${code.toString(16)}`, offset);
  return readBuiltin(reader, scope, { builtin, offset });
}

function readLift(reader: ByteReader, scope: Scope, offset: number): ReadCanonical {
  readFunctionSort(reader);
  const func = readItem(reader, scope, 'core-func').index;
  const options = readOptions(reader, scope);
  const type = readTypeOfKind(reader, scope, 'func');
  if (options.async && !options.callback) scope.notes.features.add('component-async-stackful', offset);
  scope.add(reader, 'func', type);
  return finish(reader, { name: 'lift', offset, options }, { op: 'lift', func, type });
}

function readLower(reader: ByteReader, scope: Scope, offset: number): ReadCanonical {
  readFunctionSort(reader);
  const func = readItem(reader, scope, 'func').index;
  const options = readOptions(reader, scope);
  scope.add(reader, 'core-func', null);
  return finish(reader, { name: 'lower', offset, options }, { op: 'lower', func });
}

function readBuiltin(reader: ByteReader, scope: Scope, { builtin, offset }: { builtin: Builtin; offset: number }): ReadCanonical {
  const { notes } = scope;
  for (const feature of builtin.features) notes.features.add(feature, offset);
  const options = noOptions();
  options.async = builtin.historic !== undefined && builtin.historic.startsWith('async');
  for (const operand of builtin.operands) readOperand(reader, scope, { operand, options });
  if (builtin.historic !== undefined) noteHistoric(notes, `Canonical function ${builtin.name}: ${builtin.historic}`, { offset, length: reader.position - offset });
  scope.add(reader, 'core-func', null);
  return finish(reader, { name: builtin.name, offset, options }, { op: 'builtin', name: builtin.name });
}

function readOperand(reader: ByteReader, scope: Scope, { operand, options }: { operand: Operand; options: Options }): void {
  const start = reader.position;
  const { features } = scope.notes;
  switch (operand) {
    case 'resource':
      return void readTypeOfKind(reader, scope, 'resource');
    case 'stream':
    case 'future':
      return readEndType(reader, scope, operand);
    case 'async':
      options.async = readFlag(reader, 'async');
      return options.async ? features.add('component-async-builtins', start) : undefined;
    case 'cancellable':
      if (readFlag(reader, 'cancellable')) noteHistoric(scope.notes, 'Cancellable flag, removed from the format in 2026', { offset: start, length: 1 });
      return;
    case 'memory':
      return void readItem(reader, scope, 'core-memory');
    case 'table':
      return void options.tables.push(readItem(reader, scope, 'core-table').index);
    case 'core-type':
      return void readItem(reader, scope, 'core-type');
    case 'options':
      return readOptionsInto(reader, scope, options);
    case 'slot':
      return readSlot(reader, scope);
    case 'results':
      return readResults(reader, scope);
  }
}

/** `context.get` and `context.set`: the type and number of a slot of task-local storage. */
function readSlot(reader: ByteReader, scope: Scope): void {
  const start = reader.position;
  const type = reader.byte();
  if (type === I64) scope.notes.features.add('component-memory64', start);
  else if (type !== I32) reader.fail('invalid-type', `Malformed type of a context slot: byte 0x${type.toString(16)}`, start);
  reader.u32();
}

function readResults(reader: ByteReader, scope: Scope): void {
  const start = reader.position;
  const form = reader.byte();
  if (form === 0x00) readValueType(reader, scope, { depth: 0 });
  else if (form !== 0x01 || reader.byte() !== 0x00) reader.fail('invalid-type', 'Malformed results of task.return', start);
}

function readEndType(reader: ByteReader, scope: Scope, end: 'stream' | 'future'): void {
  const start = reader.position;
  const { index, item } = readItem(reader, scope, 'type');
  if (item.kind === 'unknown' || (item.kind === 'value' && item.code === (end === 'stream' ? STREAM : FUTURE))) return;
  reader.fail('invalid-type', `Type ${index} is not a ${end} type`, start);
}

function readFunctionSort(reader: ByteReader): void {
  const start = reader.position;
  const sort = reader.byte();
  if (sort !== 0x00) reader.fail('invalid-kind', `Malformed sort of a canonical function: byte 0x${sort.toString(16)}`, start);
}

function noOptions(): Options {
  return { stringEncoding: null, async: false, callback: false, calls: [], tables: [], seen: new Set() };
}

function readOptions(reader: ByteReader, scope: Scope): Options {
  const options = noOptions();
  readOptionsInto(reader, scope, options);
  return options;
}

function readOptionsInto(reader: ByteReader, scope: Scope, options: Options): void {
  for (let left = reader.count(MOST_OPTIONS, 'canonical options'); left > 0; left--) readOption(reader, scope, options);
}

function readOption(reader: ByteReader, scope: Scope, options: Options): void {
  const start = reader.position;
  const code = reader.byte();
  // The three string encodings exclude each other.
  const slot = Math.max(code, 2);
  if (options.seen.has(slot)) reader.fail('invalid-flags', 'Canonical option given twice', start);
  options.seen.add(slot);
  const encoding = ENCODINGS[code];
  if (encoding) options.stringEncoding = encoding;
  else if (code === 0x03) readItem(reader, scope, 'core-memory');
  else if (code === 0x04 || code === 0x05) options.calls.push(readItem(reader, scope, 'core-func').index);
  else if (code === 0x06) options.async = noteUse(scope, 'component-async', start);
  else if (code === 0x07) {
    options.callback = noteUse(scope, 'component-async', start);
    options.calls.push(readItem(reader, scope, 'core-func').index);
  } else if (code === 0x08) {
    noteUse(scope, 'component-gc', start);
    readItem(reader, scope, 'core-type');
  } else if (code === 0x09) noteUse(scope, 'component-gc', start);
  else reader.fail('invalid-kind', `Malformed canonical option: byte 0x${code.toString(16)}`, start);
}

function noteUse(scope: Scope, feature: Feature, offset: number): true {
  scope.notes.features.add(feature, offset);
  return true;
}

function finish(reader: ByteReader, about: { name: string; offset: number; options: Options }, definition: Definition): ReadCanonical {
  const { name, offset, options } = about;
  return {
    canonical: { name, async: options.async, stringEncoding: options.stringEncoding, offset, length: reader.position - offset },
    definitions: [
      definition,
      ...(options.calls.length > 0 ? [{ op: 'calls', functions: options.calls } as const] : []),
      ...options.tables.map((table) => ({ op: 'table-calls', table }) as const),
    ],
  };
}
