import { concat } from '../support/bytes.ts';

/** The parts of a module or component, cut apart without asking what is in them. */
export interface Frame {
  readonly preamble: Uint8Array;
  readonly sections: readonly Part[];
  /** What follows the last whole section. */
  readonly rest: Uint8Array;
}

/** A section, or one body of a code section. */
export interface Part { readonly id: number; readonly payload: Uint8Array }

/** Cuts bytes into sections as far as they go. Bytes below eight give no frame. */
export function cut(bytes: Uint8Array): Frame {
  const sections: Part[] = [];
  let at = Math.min(8, bytes.length);
  while (at < bytes.length) {
    const size = readUnsigned(bytes, at + 1);
    if (size === null || size.end + size.value > bytes.length) break;
    sections.push({ id: bytes[at]!, payload: bytes.subarray(size.end, size.end + size.value) });
    at = size.end + size.value;
  }
  return { preamble: bytes.subarray(0, 8), sections, rest: bytes.subarray(at) };
}

/** Puts sections together again; sizes are written anew, `sizeBytes` wide at least. */
export function assemble({ preamble, sections, rest }: Frame, sizeBytes = 1): Uint8Array {
  return concat([preamble, ...sections.flatMap(({ id, payload }) => [[id], unsignedBytes(payload.length, sizeBytes), payload]), rest]);
}

/** The bodies of a code section's payload; null where the payload is none. */
export function cutBodies(payload: Uint8Array): readonly Uint8Array[] | null {
  const count = readUnsigned(payload, 0);
  if (count === null || count.value > payload.length) return null;
  const bodies: Uint8Array[] = [];
  let at = count.end;
  for (let left = count.value; left > 0; left--) {
    const size = readUnsigned(payload, at);
    if (size === null || size.end + size.value > payload.length) return null;
    bodies.push(payload.subarray(size.end, size.end + size.value));
    at = size.end + size.value;
  }
  return bodies;
}

/** A code section's payload from its bodies. */
export function assembleBodies(bodies: readonly Uint8Array[]): Uint8Array {
  return concat([unsignedBytes(bodies.length), ...bodies.flatMap((body) => [unsignedBytes(body.length), body])]);
}

/** Whether bytes begin as a module or component does. */
export function isWasm(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

/** A custom section. */
export function customPart(name: string, payload: ArrayLike<number>): Part {
  const text = new TextEncoder().encode(name);
  return { id: 0, payload: concat([[text.length], text, payload]) };
}

function readUnsigned(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let at = start; at < Math.min(bytes.length, start + 5); at++) {
    value += (bytes[at]! & 0x7f) * 2 ** (7 * (at - start));
    if (bytes[at]! < 0x80) return { value, end: at + 1 };
  }
  return null;
}

function unsignedBytes(value: number, width = 1): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length < width; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes[bytes.length - 1]! &= 0x7f;
  return bytes;
}
