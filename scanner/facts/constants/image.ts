import type { Location } from '../../location.ts';
import { dataRegions, locateInRegion, type DataRegion } from '../memory-regions.ts';
import type { PlacedModule } from '../text-sources.ts';

/** Longest text that is read, in bytes. */
const LONGEST = 4_096;
/** The same where nothing but a zero byte ends it, so that a number that is no address costs little. */
const LONGEST_ENDED = 512;
/** Characters that are kept of one. */
const KEPT = 200;

/** How the host reads texts of this module. `tagged`: UTF-16 where the highest bit of the length is set, else latin1. */
export type Encoding = 'utf8' | 'utf16' | 'tagged';

/** A text out of memory, and where its first byte stands in the artifact. */
export interface FoundText { readonly text: string; readonly location: Location }

/** Memory as active data segments fill it, before anything runs. Reads no more than what is asked for. */
export class MemoryImage {
  readonly #lead: string;
  readonly #regions: readonly DataRegion[];
  /** Segments whose place is an imported global, by its index: programs whose place the host decides. */
  readonly #relative = new Map<number, DataRegion[]>();
  readonly #encoding: Encoding;

  constructor({ path, module }: PlacedModule, encoding: Encoding) {
    this.#lead = path === '' ? '' : `${path}/`;
    this.#encoding = encoding;
    const regions = dataRegions(module);
    // Merged regions come first, and those inside of them after: the first that holds an address is what is there at the start.
    const first: DataRegion[] = [];
    let end = 0;
    for (const region of regions) {
      const segment = module.data.at(region.pieces[0]!.segment);
      if (region.address === null && segment.start?.kind === 'global') {
        this.#relative.set(segment.start.index, [...(this.#relative.get(segment.start.index) ?? []), { ...region, address: 0 }]);
      } else if (region.address !== null && segment.memory === 0 && region.address >= end) {
        first.push(region);
        end = region.address + region.bytes.length;
      }
    }
    this.#regions = first;
  }

  /** Of a known number of bytes; null: no text that people can read. `base`: the global the address counts from, or null. */
  counted(address: number, length: number, base: number | null): FoundText | null {
    const bytes = this.#lengthInBytes(length);
    if (bytes <= 0 || bytes > LONGEST) return null;
    const found = this.#find(address, bytes, base);
    return found && this.#text(found, { at: address - found.address!, bytes, wide: this.#encoding === 'utf16' || (this.#encoding === 'tagged' && length >>> 31 === 1) });
  }

  /** Up to a zero byte; null: none. */
  ended(address: number, base: number | null): FoundText | null {
    const found = this.#find(address, 1, base);
    if (found === null) return null;
    const at = address - found.address!;
    const end = found.bytes.subarray(at, at + LONGEST_ENDED).indexOf(0);
    // Where a segment ends, untouched memory follows.
    const bytes = end < 0 ? found.bytes.length - at : end;
    return bytes === 0 || bytes > LONGEST_ENDED ? null : this.#text(found, { at, bytes, wide: false });
  }

  /** Whether a text starts here: a zero byte, or nothing, stands before it. A number that is no address seldom hits such a place. */
  startsAt(address: number, base: number | null): boolean {
    const before = this.#find(address - 1, 1, base);
    return before === null || before.bytes.at(address - 1 - before.address!) === 0;
  }

  #lengthInBytes(length: number): number {
    if (this.#encoding === 'utf16') return length * 2;
    if (this.#encoding !== 'tagged') return length;
    const units = length % 2 ** 31;
    return length >>> 31 === 1 ? units * 2 : units;
  }

  #find(address: number, length: number, base: number | null): DataRegion | null {
    const regions = base === null ? this.#regions : (this.#relative.get(base) ?? []);
    let low = 0;
    let high = regions.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (regions[middle]!.address! <= address) low = middle;
      else high = middle - 1;
    }
    const region = regions[low];
    return region !== undefined && address >= region.address! && address + length <= region.address! + region.bytes.length ? region : null;
  }

  #text(region: DataRegion, { at, bytes, wide }: { readonly at: number; readonly bytes: number; readonly wide: boolean }): FoundText | null {
    const text = decoded(region.bytes.subarray(at, at + bytes), wide ? 'utf-16le' : 'utf-8');
    if (text === null) return null;
    const { segment, offset } = locateInRegion(region, at);
    return { text: text.slice(0, KEPT), location: { path: `${this.#lead}data[${segment}]`, offset, length: bytes } };
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const UTF16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true });

/** Printable, or null. */
function decoded(bytes: Uint8Array, encoding: 'utf-8' | 'utf-16le'): string | null {
  try {
    const text = (encoding === 'utf-8' ? UTF8 : UTF16).decode(bytes);
    return /^[^\p{C}]+$/u.test(text) ? text : null;
  } catch {
    return null;
  }
}
