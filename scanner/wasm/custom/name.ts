import { LIMITS } from '../limits.ts';
import type { ByteReader } from '../reader.ts';
import { readSubsections } from './read.ts';

/** The name section: core specification, appendix "Custom Sections"; further maps from the extended-name-section proposal. */
export interface NameContent {
  readonly kind: 'name';
  readonly module: string | null;
  readonly functions: NameMap;
  /** Number of entries of every subsection, by its name in the specification. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Index to name in columns, because one shipping module names 75,000 functions; names are decoded when asked for. */
export class NameMap {
  readonly #bytes: Uint8Array;
  readonly #places = new Map<number, { readonly start: number; readonly length: number }>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Name of an index, or null. Bytes that are no UTF-8 appear as U+FFFD. */
  get(index: number): string | null {
    const place = this.#places.get(index);
    return place ? loose.decode(this.#bytes.subarray(place.start, place.start + place.length)) : null;
  }

  /** In the order of the file. */
  *[Symbol.iterator](): Generator<readonly [number, string]> {
    for (const index of this.#places.keys()) yield [index, this.get(index)!];
  }

  /** Reads `count` associations; of a repeated index the first name counts. */
  read(reader: ByteReader, count: number): void {
    for (let left = count; left > 0; left--) {
      const index = reader.u32();
      const length = reader.u32();
      const start = reader.position;
      reader.skip(length);
      if (!this.#places.has(index)) this.#places.set(index, { start, length });
    }
  }
}

const loose = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
const SUBSECTIONS = ['module', 'functions', 'locals', 'labels', 'types', 'tables', 'memories', 'globals', 'elements', 'data', 'fields', 'tags'] as const;

/** Reads the payload of `name`. Throws DecodeError. */
export function readNames(reader: ByteReader): NameContent {
  let module: string | null = null;
  const functions = new NameMap(reader.bytes);
  const counts: Record<string, number> = {};
  for (const { id, body } of readSubsections(reader)) {
    if (id === 0) module = body.name();
    else {
      const count = body.count(id === 1 ? LIMITS.customItems : LIMITS.countedItems, 'names');
      const known = SUBSECTIONS[id] ?? `subsection ${id}`;
      counts[known] = (counts[known] ?? 0) + count;
      if (id === 1) functions.read(body, count);
    }
  }
  return { kind: 'name', module, functions, counts };
}

/** The component-name section: component model binary format, "Name Section". Labels, forgeable: nothing may rest on them. */
export interface ComponentNameContent {
  readonly kind: 'component-name';
  readonly component: string | null;
  readonly names: number;
}

/** Reads the payload of `component-name`. Throws DecodeError. */
export function readComponentNames(reader: ByteReader): ComponentNameContent {
  let component: string | null = null;
  let names = 0;
  for (const { id, body } of readSubsections(reader)) {
    if (id === 0) component = body.name();
    else if (id === 1) {
      // A sort is one byte, or two for the core sorts.
      if (body.byte() === 0) body.byte();
      names += body.count(LIMITS.countedItems, 'names');
    }
  }
  return { kind: 'component-name', component, names };
}
