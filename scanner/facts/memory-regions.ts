import type { ConstantValue, DataSegment, Module } from '../wasm/module.ts';

/**
 * A stretch of linear memory as the module fills it, or one segment whose place is not known. Segments that touch,
 * overlap or nearly touch are one region, so that a text spread over several is found whole.
 */
export interface DataRegion {
  /** Shared with the artifact where the region is a single segment. */
  readonly bytes: Uint8Array;
  /** First address in the memory, or null for passive segments and computed places. */
  readonly address: number | null;
  /** Its segments, by ascending start within the region. */
  readonly pieces: readonly Piece[];
}

interface Piece {
  /** Index of the data segment. */
  readonly segment: number;
  /** Bytes from the start of the region. */
  readonly start: number;
  /** Bytes from the start of the artifact. */
  readonly offset: number;
  readonly length: number;
}

interface Placed extends Piece { readonly address: number; readonly memory: number }

/**
 * Bytes of untouched memory between two segments of one region. They are zero, as memory starts. Go leaves out every run
 * of zeros and so makes 70,000 segments of a small program, which would cost more to visit one by one than to join.
 */
const GAP = 32;

const cache = new WeakMap<Module, readonly DataRegion[]>();

/** All data of a module in the order of memory, passive segments last. Built once per module; copies only where segments nearly touch. */
export function dataRegions(module: Module): readonly DataRegion[] {
  const known = cache.get(module);
  if (known) return known;
  const regions = buildRegions(module);
  cache.set(module, regions);
  return regions;
}

/** Segment index and artifact offset of a position within a region. Where segments overlap: of the one that starts last. */
export function locateInRegion(region: DataRegion, position: number): { readonly segment: number; readonly offset: number } {
  let low = 0;
  let high = region.pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (region.pieces[middle]!.start <= position) low = middle;
    else high = middle - 1;
  }
  const piece = region.pieces[low]!;
  return { segment: piece.segment, offset: piece.offset + Math.min(position - piece.start, piece.length) };
}

function buildRegions(module: Module): readonly DataRegion[] {
  const placed: Placed[] = [];
  const loose: DataRegion[] = [];
  for (let index = 0; index < module.data.length; index++) {
    const segment = module.data.at(index);
    if (segment.length === 0) continue;
    const address = addressOf(segment);
    const { offset, length, memory } = segment;
    if (address === null) loose.push(single(module, { segment: index, start: 0, offset, length }, null));
    else placed.push({ segment: index, start: 0, offset, length, address, memory });
  }
  sortUnlessSorted(placed, (a, b) => a.memory - b.memory || a.address - b.address || a.segment - b.segment);
  return [...group(module, placed), ...loose];
}

function* group(module: Module, placed: readonly Placed[]): Generator<DataRegion> {
  for (let from = 0; from < placed.length; ) {
    const first = placed[from]!;
    let end = first.address + first.length;
    let overlap = false;
    let to = from + 1;
    for (; to < placed.length && placed[to]!.memory === first.memory && placed[to]!.address <= end + GAP; to++) {
      overlap ||= placed[to]!.address < end;
      end = Math.max(end, placed[to]!.address + placed[to]!.length);
    }
    const members = placed.slice(from, to);
    yield members.length === 1 ? single(module, first, first.address) : merged(module, members, end);
    // What a later segment overwrites is gone at run time and still in the file for everybody to read.
    if (overlap) yield* members.map((member) => single(module, member, member.address));
    from = to;
  }
}

function single(module: Module, piece: Piece, address: number | null): DataRegion {
  const { segment, offset, length } = piece;
  return { bytes: module.bytes.subarray(offset, offset + length), address, pieces: [{ segment, start: 0, offset, length }] };
}

/** Little longer than its segments together, because they nearly touch. */
function merged(module: Module, members: readonly Placed[], end: number): DataRegion {
  const address = members[0]!.address;
  const bytes = new Uint8Array(end - address);
  // Instantiation copies segments in index order, so a later one overwrites.
  for (const member of sortUnlessSorted([...members], (a, b) => a.segment - b.segment)) {
    copy(module.bytes, member, { bytes, at: member.address - address });
  }
  return { bytes, address, pieces: members.map(({ segment, offset, length, address: at }) => ({ segment, offset, length, start: at - address })) };
}

/** Most segments are a few bytes, for which a view costs more than the bytes. */
function copy(from: Uint8Array, { offset, length }: Piece, { bytes, at }: { readonly bytes: Uint8Array; readonly at: number }): void {
  if (length > 64) bytes.set(from.subarray(offset, offset + length), at);
  else for (let index = 0; index < length; index++) bytes[at + index] = from[offset + index]!;
}

/** Linkers write segments in order, and sorting 100,000 of them anew takes longer than to see that. */
function sortUnlessSorted<T>(items: T[], compare: (a: T, b: T) => number): T[] {
  return items.every((item, index) => index === 0 || compare(items[index - 1]!, item) <= 0) ? items : items.sort(compare);
}

function addressOf(segment: DataSegment): number | null {
  return segment.mode === 'active' && segment.start ? constantAddress(segment.start) : null;
}

function constantAddress(start: ConstantValue): number | null {
  if (start.kind !== 'i32' && start.kind !== 'i64') return null;
  const value = Number(start.value);
  // Written as signed numbers, addresses are unsigned.
  return value >= 0 ? value : Number(BigInt.asUintN(start.kind === 'i32' ? 32 : 64, start.value));
}
