import { LIMITS } from '../limits.ts';
import type { ByteReader } from '../reader.ts';
import { expectEnd, readList, readSubsections } from './read.ts';

/** A module to be linked at load time: tool-conventions "DynamicLinking". */
export interface DylinkContent {
  readonly kind: 'dylink';
  /** Bytes; alignments as powers of two. */
  readonly memorySize: number;
  readonly memoryAlignment: number;
  readonly tableSize: number;
  readonly tableAlignment: number;
  /** Libraries to be loaded with it. */
  readonly needed: readonly string[];
  readonly runtimePaths: readonly string[];
  readonly exports: readonly { readonly name: string; readonly flags: number }[];
  readonly imports: readonly { readonly module: string; readonly name: string; readonly flags: number }[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the payload of `dylink.0`. Throws DecodeError. */
export function readDylink(reader: ByteReader): DylinkContent {
  const content: Writable<DylinkContent> = { ...EMPTY_DYLINK };
  for (const { id, body } of readSubsections(reader)) readDylinkSubsection(content, id, body);
  return content;
}

/** Reads the payload of the older `dylink`: the same fields without subsections. Throws DecodeError. */
export function readOldDylink(reader: ByteReader): DylinkContent {
  const sizes = readSizes(reader);
  const needed = reader.done ? [] : readList(reader, 'libraries', () => reader.name());
  expectEnd(reader);
  return { ...EMPTY_DYLINK, ...sizes, needed };
}

const EMPTY_DYLINK: DylinkContent = { kind: 'dylink', memorySize: 0, memoryAlignment: 0, tableSize: 0, tableAlignment: 0, needed: [], runtimePaths: [], exports: [], imports: [] };

function readDylinkSubsection(content: Writable<DylinkContent>, id: number, body: ByteReader): void {
  if (id === 1) Object.assign(content, readSizes(body));
  else if (id === 2) content.needed = readList(body, 'libraries', () => body.name());
  else if (id === 3) content.exports = readList(body, 'exports', () => ({ name: body.name(), flags: body.u32() }));
  else if (id === 4) content.imports = readList(body, 'imports', () => ({ module: body.name(), name: body.name(), flags: body.u32() }));
  else if (id === 5) content.runtimePaths = readList(body, 'paths', () => body.name());
}

function readSizes(reader: ByteReader): Pick<DylinkContent, 'memorySize' | 'memoryAlignment' | 'tableSize' | 'tableAlignment'> {
  return { memorySize: reader.u32(), memoryAlignment: reader.u32(), tableSize: reader.u32(), tableAlignment: reader.u32() };
}

/** An object file, not yet linked: tool-conventions "Linking". */
export interface LinkingContent {
  readonly kind: 'linking';
  readonly version: number;
  readonly segments: number;
  readonly initialisers: number;
  readonly comdats: number;
  readonly symbols: number;
}

/** Reads the payload of `linking`; symbols are counted, not kept. Throws DecodeError. */
export function readLinking(reader: ByteReader): LinkingContent {
  const version = reader.u32();
  const counts = new Map<number, number>();
  for (const { id, body } of readSubsections(reader)) counts.set(id, body.count(LIMITS.countedItems, 'entries'));
  return { kind: 'linking', version, segments: counts.get(5) ?? 0, initialisers: counts.get(6) ?? 0, comdats: counts.get(7) ?? 0, symbols: counts.get(8) ?? 0 };
}

/** Places a linker must still fill in. */
export interface RelocationContent { readonly kind: 'relocations'; readonly section: number; readonly count: number }

/** Reads the head of a `reloc.*` payload. Throws DecodeError. */
export function readRelocations(reader: ByteReader): RelocationContent {
  return { kind: 'relocations', section: reader.u32(), count: reader.count(LIMITS.countedItems, 'relocations') };
}
