import { type Bytes, join, text, unsigned } from './module.ts';

/** Encodes components section by section, with the words of the decoder; what is to be malformed is passed as raw bytes. */
export const COMPONENT_PREAMBLE: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

export const SECTION = {
  custom: 0, module: 1, coreInstance: 2, coreType: 3, component: 4, instance: 5, alias: 6, type: 7, canon: 8, start: 9, import: 10, export: 11, value: 12,
} as const;

/** Type opcodes that tests need by name. */
export const TYPE = { func: [0x40, 0x00, 0x01, 0x00], asyncFunc: [0x43, 0x00, 0x01, 0x00], string: [0x73], emptyInstance: [0x42, 0x00], emptyComponent: [0x41, 0x00] } as const satisfies Record<string, Bytes>;

/** A whole component of encoded sections. */
export function componentBytes(...sections: readonly Bytes[]): Uint8Array {
  return Uint8Array.from([...COMPONENT_PREAMBLE, ...sections.flat()]);
}

/** A section with a list of entries. */
export function list(id: number, ...entries: readonly Bytes[]): number[] {
  return section(id, [...unsigned(entries.length), ...entries.flat()]);
}

/** A section with a payload as it is. */
export function section(id: number, payload: Iterable<number>): number[] {
  const bytes = [...payload];
  return [id, ...unsigned(bytes.length), ...bytes];
}

/** Empty components inside each other. Written from the inside out, since copying each level would take quadratic time. */
export function nestedComponents(levels: number): Uint8Array {
  const heads: Bytes[] = [];
  let length = COMPONENT_PREAMBLE.length;
  for (let level = 0; level < levels; level++) {
    const head = [...COMPONENT_PREAMBLE, SECTION.component, ...unsigned(length)];
    heads.push(head);
    length += head.length;
  }
  return join(...heads.reverse(), COMPONENT_PREAMBLE);
}

/** A plain name of an import or export. */
export function externName(name: string): number[] {
  return [0x00, ...text(name)];
}

/** A name with attributes: code and value. */
export function attributed(name: string, ...attributes: readonly (readonly [number, string])[]): number[] {
  return [0x02, ...text(name), ...unsigned(attributes.length), ...attributes.flatMap(([code, value]) => [code, ...text(value)])];
}

/** An import of a function of type 0. */
export function importedFunction(name: string): number[] {
  return [...externName(name), 0x01, 0x00];
}
