import { LIMITS } from './limits.ts';
import type { Section } from './module.ts';
import type { ByteReader } from './reader.ts';

/** One section before its content is read. */
export interface SectionFrame<Kind> {
  readonly id: number;
  /** Where the id stands. */
  readonly idAt: number;
  readonly kind: Kind;
  readonly section: Section;
  readonly payload: ByteReader;
}

/**
 * Reads id and size of the next section and moves past its content. `read` sections stand before it; `enter` is told
 * the section's name as soon as it is known, for the place of later errors. Core specification 5.5.2, component model
 * Binary.md "Component Definitions". Throws DecodeError.
 */
export function readSectionFrame<Kind extends { readonly name: string }>(reader: ByteReader, kinds: readonly Kind[], { read, enter }: { readonly read: number; readonly enter: (name: string) => void }): SectionFrame<Kind> {
  const idAt = reader.position;
  const id = reader.byte();
  const kind = kinds[id];
  if (!kind) return reader.fail('section-id', `Malformed section id ${id}`, idAt);
  const sizeAt = reader.position;
  const size = reader.u32();
  enter(kind.name);
  if (size > reader.left) reader.fail('section-size', `Length out of bounds: the ${kind.name} section declares ${size} bytes, ${reader.left} are left`, sizeAt);
  if (read >= LIMITS.sections) reader.fail('limit-exceeded', `Too many sections: more than ${LIMITS.sections}`, idAt);
  return { id, idAt, kind, section: { id, name: kind.name, offset: reader.position, length: size }, payload: reader.sub(size) };
}

/** Refuses bytes of a section that its content did not need. */
export function demandDone(payload: ByteReader, name: string): void {
  if (!payload.done) payload.fail('section-size', `Section size mismatch: ${payload.left} bytes left over in the ${name} section`);
}
