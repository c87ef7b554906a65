import type { ConstantValue, CustomSection, DataSegment, Module } from '../../scanner/wasm/module.ts';

/** One data segment of a fixture; `at` is its address, absent for a passive segment. */
export interface FixtureSegment { readonly at?: number; readonly bytes: Uint8Array | string; readonly memory?: number; readonly start?: ConstantValue }
export interface FixtureCustom { readonly name: string; readonly payload: Uint8Array | string }

/** A module of which only bytes, data and custom sections matter, laid out as they would stand in a file, after 8 bytes of preamble. */
export function dataModule(segments: readonly FixtureSegment[], customs: readonly FixtureCustom[] = []): Module {
  const parts: Uint8Array[] = [new Uint8Array(8)];
  let offset = 8;
  const place = (content: Uint8Array | string) => {
    const bytes = toBytes(content);
    parts.push(bytes);
    offset += bytes.length;
    return { offset: offset - bytes.length, length: bytes.length, bytes };
  };
  const data = segments.map(({ at, bytes, memory = 0, start }): DataSegment => {
    const { offset: from, length } = place(bytes);
    const value: ConstantValue | null = start ?? (at === undefined ? null : { kind: 'i32', value: BigInt.asIntN(32, BigInt(at)) });
    return { offset: from, length, memory, mode: value ? 'active' : 'passive', start: value };
  });
  const sections = customs.map(({ name, payload }): CustomSection => {
    const { offset: from, length, bytes } = place(payload);
    return { name, payload: bytes, offset: from, length };
  });
  const bytes = new Uint8Array(Buffer.concat(parts));
  return {
    kind: 'module', bytes, range: { offset: 0, length: bytes.length }, analysed: 'full', sections: [], types: [], imports: [], functionTypes: new Uint32Array(), importedFunctions: 0,
    tables: [], memories: [], tags: [], globals: [], exports: { length: 0, at: () => { throw new RangeError('No exports'); }, indices: () => new Uint32Array(), [Symbol.iterator]: () => [].values() },
    start: null, elements: [], constantReferences: new Uint32Array(), dataCount: null, code: null, data: { length: data.length, at: (index) => data[index]! }, customs: sections, features: [], anomalies: [], problems: [],
  };
}

/** Text as UTF-8, anything else as it is. */
export function toBytes(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

/** Text as UTF-16LE. */
export function wide(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf16le'));
}
