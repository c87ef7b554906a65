import type { Chance } from './chance.ts';
import { concat } from '../support/bytes.ts';
import { assemble, assembleBodies, customPart, cut, cutBodies, isWasm, type Part } from './frame.ts';

type Mutation = (bytes: Uint8Array, chance: Chance, other: Uint8Array) => Uint8Array;

/** Bytes that mean something to a decoder: counts, sizes, opcodes, type codes, preamble parts. */
const INTERESTING = [0x00, 0x01, 0x02, 0x05, 0x0b, 0x0d, 0x10, 0x40, 0x41, 0x4e, 0x50, 0x5e, 0x5f, 0x60, 0x63, 0x64, 0x69, 0x6f, 0x70, 0x7b, 0x7e, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
const HUGE_COUNTS = [[0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x08], [0xff, 0xff, 0x03], [0x80, 0x80, 0x80, 0x80, 0x00], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]];
/** Names that make a reader look closer. */
const CUSTOM_NAMES = ['name', 'producers', 'target_features', 'dylink.0', 'linking', 'reloc.CODE', 'sourceMappingURL', 'external_debug_info', 'build_id', '.dep-v0', 'go:buildinfo', 'component-type', 'component-name', 'metadata.code.branch_hint', 'signature', 'core', 'corestack', 'producers-sdk', 'authors', 'licenses', 'io.kubewarden.metadata', 'unknown'];

/** Changes of bytes, whatever they are. All take at least one byte. */
const RAW: readonly Mutation[] = [
  (bytes, chance) => { const at = chance() % bytes.length; return replaceAt(bytes, at, [bytes[at]! ^ (1 << (chance() % 8))]); },
  (bytes, chance) => replaceAt(bytes, chance() % bytes.length, [INTERESTING[chance() % INTERESTING.length]!]),
  (bytes, chance) => replaceAt(bytes, chance() % bytes.length, HUGE_COUNTS[chance() % HUGE_COUNTS.length]!),
  (bytes, chance) => splice(bytes, chance() % bytes.length, 0, HUGE_COUNTS[chance() % HUGE_COUNTS.length]!),
  (bytes, chance) => splice(bytes, chance() % bytes.length, 1 + (chance() % 16), []),
  (bytes, chance) => bytes.slice(0, 1 + (chance() % bytes.length)),
  (bytes, chance) => { const at = chance() % bytes.length; return splice(bytes, at, 0, bytes.subarray(at, at + 1 + (chance() % 64))); },
  (bytes, chance, other) => { const at = chance() % other.length; return splice(bytes, chance() % bytes.length, 0, other.subarray(at, at + 1 + (chance() % 256))); },
  (bytes, chance, other) => concat([bytes.subarray(0, chance() % bytes.length), other.subarray(chance() % other.length)]),
];

/** Changes that keep the frame whole, so that what is inside gets read. */
const FRAMED: readonly Mutation[] = [
  changeSection, changeSection, changeSection, changeBody, changeBody,
  sections((parts, chance) => { const [one] = parts.splice(chance() % parts.length, 1); parts.splice(chance() % (parts.length + 1), 0, one!); }),
  sections((parts, chance) => parts.splice(chance() % parts.length, 0, parts[chance() % parts.length]!)),
  sections((parts, chance) => parts.splice(chance() % parts.length, 1)),
  sections((parts, chance, other) => { const lent = cut(other).sections; if (lent.length > 0) parts.splice(chance() % (parts.length + 1), 0, lent[chance() % lent.length]!); }),
  sections((parts, chance, other) => parts.splice(chance() % (parts.length + 1), 0, customPart(CUSTOM_NAMES[chance() % CUSTOM_NAMES.length]!, other.subarray(chance() % other.length).subarray(0, chance() % 512)))),
  (bytes, chance) => assemble(cut(bytes), 1 + (chance() % 5)),
];

/** Changes that mostly leave a valid file, so that everything behind the decoder gets something to do. */
const GENTLE: readonly Mutation[] = [
  FRAMED.at(-1)!, FRAMED.at(-2)!,
  sections((parts, chance) => changeByte(parts, (id) => id === 11, chance)),
  sections((parts, chance) => changeByte(parts, (id) => id === 0, chance)),
  sections((parts, chance) => changeByte(parts, (id) => id === 2 || id === 7 || id === 10, chance)),
];

/** One to four changes of `bytes`; `other` lends material. The input is not touched. */
export function mutate(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array {
  if (chance() % 4 === 0 && isWasm(bytes)) return GENTLE[chance() % GENTLE.length]!(bytes, chance, other);
  let result = bytes;
  for (let left = 1 + (chance() % 4); left > 0 && result.length > 8; left--) {
    const mutations = chance() % 3 > 0 && isWasm(result) ? FRAMED : RAW;
    result = mutations[chance() % mutations.length]!(result, chance, other);
  }
  return result;
}

function changeSection(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array {
  const frame = cut(bytes);
  const at = chance() % Math.max(1, frame.sections.length);
  const { id, payload } = frame.sections[at] ?? { id: 0, payload: new Uint8Array() };
  if (payload.length === 0) return bytes;
  const nested = isWasm(payload) && chance() % 4 > 0;
  const changed = nested ? FRAMED[chance() % FRAMED.length]!(payload, chance, other) : RAW[chance() % RAW.length]!(payload, chance, other);
  return assemble({ ...frame, sections: frame.sections.with(at, { id, payload: changed }) });
}

function changeBody(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array {
  const frame = cut(bytes);
  const at = frame.sections.findIndex(({ id }) => id === 10);
  const bodies = at < 0 ? null : cutBodies(frame.sections[at]!.payload);
  if (bodies === null || bodies.length === 0) return changeSection(bytes, chance, other);
  const which = chance() % bodies.length;
  const body = bodies[which]!;
  if (body.length === 0) return bytes;
  const payload = assembleBodies(bodies.with(which, RAW[chance() % RAW.length]!(body, chance, other)));
  return assemble({ ...frame, sections: frame.sections.with(at, { id: 10, payload }) });
}

/** Changes one byte of one section of a kind. */
function changeByte(parts: Part[], wanted: (id: number) => boolean, chance: Chance): void {
  const places = parts.flatMap(({ id, payload }, at) => (wanted(id) && payload.length > 0 ? [at] : []));
  if (places.length === 0) return;
  const at = places[chance() % places.length]!;
  const { id, payload } = parts[at]!;
  parts[at] = { id, payload: replaceAt(payload, chance() % payload.length, [chance() & 0x7f]) };
}

function sections(change: (parts: Part[], chance: Chance, other: Uint8Array) => void): Mutation {
  return (bytes, chance, other) => {
    const frame = cut(bytes);
    const parts = [...frame.sections];
    if (parts.length > 0) change(parts, chance, other);
    return assemble({ ...frame, sections: parts });
  };
}

function replaceAt(bytes: Uint8Array, at: number, values: ArrayLike<number>): Uint8Array {
  const copy = bytes.slice();
  copy.set(Array.from(values).slice(0, copy.length - at), at);
  return copy;
}

function splice(bytes: Uint8Array, at: number, remove: number, insert: ArrayLike<number>): Uint8Array {
  return concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
}
