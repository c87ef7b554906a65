import type { ComponentSort } from '../component.ts';
import type { ByteReader } from '../reader.ts';

const CORE_SORTS: Readonly<Record<number, ComponentSort>> = {
  0x00: 'core-func', 0x01: 'core-table', 0x02: 'core-memory', 0x03: 'core-global', 0x04: 'core-tag', 0x10: 'core-type', 0x11: 'core-module', 0x12: 'core-instance',
};
const SORTS: Readonly<Record<number, ComponentSort>> = { 0x01: 'func', 0x02: 'value', 0x03: 'type', 0x04: 'component', 0x05: 'instance' };

/** A sort: `00` and a core sort, or a sort of its own. Component model "Binary.md". Throws DecodeError. */
export function readSort(reader: ByteReader): ComponentSort {
  const start = reader.position;
  const code = reader.byte();
  if (code === 0x00) return readCoreSort(reader);
  return SORTS[code] ?? reader.fail('invalid-kind', `Malformed sort: byte 0x${code.toString(16)}`, start);
}

/** A core sort. Throws DecodeError. */
export function readCoreSort(reader: ByteReader): ComponentSort {
  const start = reader.position;
  const code = reader.byte();
  return CORE_SORTS[code] ?? reader.fail('invalid-kind', `Malformed core sort: byte 0x${code.toString(16)}`, start);
}

/** Sorts that a component's imports, exports and arguments can have. */
export const ITEM_SORTS: readonly ComponentSort[] = ['core-module', 'func', 'value', 'type', 'component', 'instance'];

/** Sorts that a core instance can export. */
export const CORE_ITEM_SORTS: readonly ComponentSort[] = ['core-func', 'core-table', 'core-memory', 'core-global', 'core-tag'];
