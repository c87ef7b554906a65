import type { ByteReader } from '../reader.ts';
import { expectEnd, readList } from './read.ts';

/** A stopped program's state, not a program: tool-conventions "Coredump". */
export interface CoredumpContent {
  readonly kind: 'coredump';
  readonly part: 'core' | 'coremodules' | 'coreinstances' | 'corestack';
  /** Process, module or thread names. */
  readonly names: readonly string[];
  /** Modules, instances or stack frames; 0 for `core`. */
  readonly count: number;
}

/** Reads the payload of `core`. Throws DecodeError. */
export function readCore(reader: ByteReader): CoredumpContent {
  readZero(reader);
  const name = reader.name();
  expectEnd(reader);
  return { kind: 'coredump', part: 'core', names: [name], count: 0 };
}

/** Reads the payload of `coremodules`. Throws DecodeError. */
export function readCoreModules(reader: ByteReader): CoredumpContent {
  const names = readList(reader, 'modules', () => {
    readZero(reader);
    return reader.name();
  });
  expectEnd(reader);
  return { kind: 'coredump', part: 'coremodules', names, count: names.length };
}

/** Reads the payload of `coreinstances`. Throws DecodeError. */
export function readCoreInstances(reader: ByteReader): CoredumpContent {
  const instances = readList(reader, 'instances', () => {
    readZero(reader);
    reader.u32();
    readList(reader, 'memories', () => reader.u32());
    readList(reader, 'globals', () => reader.u32());
  });
  expectEnd(reader);
  return { kind: 'coredump', part: 'coreinstances', names: [], count: instances.length };
}

/** Reads the payload of `corestack`. Throws DecodeError. */
export function readCoreStack(reader: ByteReader): CoredumpContent {
  readZero(reader);
  const thread = reader.name();
  const frames = readList(reader, 'frames', () => {
    readZero(reader);
    for (let left = 3; left > 0; left--) reader.u32();
    readList(reader, 'locals', readValue);
    readList(reader, 'operands', readValue);
  });
  expectEnd(reader);
  return { kind: 'coredump', part: 'corestack', names: [thread], count: frames.length };
}

function readZero(reader: ByteReader): void {
  const start = reader.position;
  if (reader.byte() !== 0) reader.fail('damaged-custom-section', 'Expected a zero byte', start);
}

function readValue(reader: ByteReader): void {
  const start = reader.position;
  const type = reader.byte();
  if (type === 0x7f) reader.s32();
  else if (type === 0x7e) reader.s64();
  else if (type === 0x7d) reader.skip(4);
  else if (type === 0x7c) reader.skip(8);
  // 01: the value was optimised away.
  else if (type !== 0x01) reader.fail('damaged-custom-section', 'Unknown kind of value', start);
}
