import { concat } from './bytes.ts';

/**
 * Encodes modules from small objects, in the order and with the words of the decoder. Every malformed fixture is
 * "the smallest module, with one thing changed": pass raw bytes where the change goes.
 */
export type Bytes = readonly number[];

/** A section by id with its payload; the size is written unless given. */
export interface RawSection {
  readonly id: number;
  readonly payload: Bytes;
  /** Encoded size, where it is to be wrong or padded. */
  readonly size?: Bytes;
}

/** What a module is made of; every part is optional and left out where absent. */
export interface ModuleParts {
  readonly preamble?: Bytes;
  /** Encoded recursion groups: `functionType(...)` and others. */
  readonly types?: readonly Bytes[];
  /** Encoded imports: `importOf(...)`. */
  readonly imports?: readonly Bytes[];
  /** Type index of each defined function. */
  readonly functions?: readonly number[];
  readonly tables?: readonly Bytes[];
  readonly memories?: readonly Bytes[];
  readonly tags?: readonly Bytes[];
  readonly globals?: readonly Bytes[];
  readonly exports?: readonly Bytes[];
  readonly start?: number;
  readonly elements?: readonly Bytes[];
  readonly dataCount?: number;
  /** Encoded bodies: `body(...)`. */
  readonly code?: readonly Bytes[];
  readonly data?: readonly Bytes[];
  readonly customs?: readonly { readonly name: string; readonly payload: Bytes }[];
  /** Written after everything else, as they are. */
  readonly more?: readonly RawSection[];
}

export const PREAMBLE: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export const VALUE_TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f } as const;
export const KIND = { func: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** A whole module, known sections in the required order, custom ones after them. */
export function moduleBytes(parts: ModuleParts = {}): Uint8Array {
  const sections: RawSection[] = [
    ...vector(1, parts.types),
    ...vector(2, parts.imports),
    ...vector(3, parts.functions?.map((index) => unsigned(index))),
    ...vector(4, parts.tables),
    ...vector(5, parts.memories),
    ...vector(13, parts.tags),
    ...vector(6, parts.globals),
    ...vector(7, parts.exports),
    ...(parts.start === undefined ? [] : [{ id: 8, payload: unsigned(parts.start) }]),
    ...vector(9, parts.elements),
    ...(parts.dataCount === undefined ? [] : [{ id: 12, payload: unsigned(parts.dataCount) }]),
    ...vector(10, parts.code),
    ...vector(11, parts.data),
    ...(parts.customs ?? []).map(({ name, payload }) => ({ id: 0, payload: [...text(name), ...payload] })),
    ...(parts.more ?? []),
  ];
  return join(parts.preamble ?? PREAMBLE, ...sections.flatMap(({ id, payload, size }) => [[id], size ?? unsigned(payload.length), payload]));
}

/** A module with one function of type `[] -> []`, one memory and the given instructions. */
export function moduleWithCode(instructions: Bytes, more: ModuleParts = {}): Uint8Array {
  return moduleBytes({ types: [functionType()], functions: [0], memories: [limits(0)], code: [body(instructions)], ...more });
}

/** Unsigned LEB128 of a non-negative number, padded to `width` bytes where given. */
export function unsigned(value: number | bigint, width = 1): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt(value); rest > 0n || bytes.length < width; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes[bytes.length - 1]! &= 0x7f;
  return bytes;
}

/** Signed LEB128, padded to `width` bytes where given. */
export function signed(value: number | bigint, width = 1): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    if (bytes.length >= width && rest >= -64n && rest < 64n) break;
  }
  bytes[bytes.length - 1]! &= 0x7f;
  return bytes;
}

/** A length-prefixed UTF-8 name. */
export function text(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...unsigned(bytes.length), ...bytes];
}

/** A count and the items. */
export function list(items: readonly Bytes[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

export function functionType(params: Bytes = [], results: Bytes = []): Bytes {
  return [0x60, ...unsigned(params.length), ...params, ...unsigned(results.length), ...results];
}

/** Limits of a memory or, after an element type, of a table. */
export function limits(minimum: number, maximum?: number): Bytes {
  return maximum === undefined ? [0, ...unsigned(minimum)] : [1, ...unsigned(minimum), ...unsigned(maximum)];
}

export function tableType(minimum: number, element: number = VALUE_TYPE.funcref): Bytes {
  return [element, ...limits(minimum)];
}

/** A single import; `description` is the kind byte and what follows it. */
export function importOf(module: string, name: string, description: Bytes = [KIND.func, 0]): Bytes {
  return [...text(module), ...text(name), ...description];
}

export function exportOf(name: string, kind: number, index: number): Bytes {
  return [...text(name), kind, ...unsigned(index)];
}

/** A function body with its size: runs of locals as [count, type], instructions, `end`. */
export function body(instructions: Bytes, locals: readonly (readonly [count: number, type: number])[] = []): Bytes {
  const content = [...list(locals.map(([count, type]) => [...unsigned(count), type])), ...instructions, 0x0b];
  return [...unsigned(content.length), ...content];
}

/** `i32.const value; end` */
export function constant(value: number): Bytes {
  return [0x41, ...signed(value), 0x0b];
}

/** An active data segment of memory 0. */
export function dataSegment(start: number, bytes: Bytes): Bytes {
  return [0, ...constant(start), ...unsigned(bytes.length), ...bytes];
}

/** An active element segment of table 0. */
export function elementSegment(start: number, functions: Bytes): Bytes {
  return [0, ...constant(start), ...list(functions.map((index) => unsigned(index)))];
}

/** Bytes end to end. */
export function join(...parts: readonly ArrayLike<number>[]): Uint8Array {
  return concat(parts);
}

function vector(id: number, items: readonly Bytes[] | undefined): RawSection[] {
  return items === undefined ? [] : [{ id, payload: list(items) }];
}
