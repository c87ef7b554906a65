import type { Component } from '../wasm/component.ts';
import type { Problem } from '../problem.ts';
import { LIMITS } from '../wasm/limits.ts';
import type { EmbeddedExecutable } from './facts.ts';
import { joinSearch } from './joined-search.ts';
import { notRead } from './not-read.ts';
import type { PlacedModule, TextSource } from './text-sources.ts';
import { customSources, dataSources } from './text-sources.ts';

interface Form {
  readonly format: EmbeddedExecutable['format'];
  readonly title: string;
  readonly magic: readonly number[];
  /** Where the file starts and how many bytes of it are certain, given the place of the magic; null when the header does not hold together. */
  readonly confirm: (view: DataView, at: number) => { readonly start: number; readonly length: number } | null;
}

const FORMS: readonly Form[] = [
  { format: 'elf', title: 'ELF executable or library', magic: [0x7f, 0x45, 0x4c, 0x46], confirm: confirmElf },
  { format: 'pe', title: 'Windows executable or library', magic: [0x50, 0x45, 0, 0], confirm: confirmPe },
  ...[[0xcf, 0xfa, 0xed, 0xfe], [0xce, 0xfa, 0xed, 0xfe]].map((magic): Form => ({ format: 'mach-o', title: 'Mach-O executable or library', magic, confirm: confirmMachO })),
  { format: 'wasm', title: 'WebAssembly module', magic: [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], confirm: confirmModule },
  { format: 'wasm', title: 'WebAssembly component', magic: [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], confirm: confirmComponent },
];
const SEARCH = joinSearch(() => FORMS.map(({ magic }) => Uint8Array.from(magic)));

/** What was found, and what was not kept. */
export interface EmbeddedFacts {
  /** By ascending offset. */
  readonly embedded: readonly EmbeddedExecutable[];
  /** One for each format that has more than are kept: what was not kept could be outside of what a waiver allows. */
  readonly problems: readonly Problem[];
}

interface Found {
  readonly executables: Map<string, EmbeddedExecutable>;
  readonly counts: Map<EmbeddedExecutable['format'], number>;
  readonly problems: Map<EmbeddedExecutable['format'], Problem>;
}

/**
 * Executables inside data segments, and native ones inside custom sections (component types stand there in the form of
 * Wasm, as they should). A magic alone is no find: compilers and file-type libraries carry all of them as constants.
 */
export function findEmbedded(modules: readonly PlacedModule[], component: Component | null): EmbeddedFacts {
  const found: Found = { executables: new Map(), counts: new Map(), problems: new Map() };
  for (const source of dataSources(modules)) searchSource(source, found);
  // Sections with a meaning of their own for native code are named by the rule for precompiled artifacts.
  for (const source of customSources(modules, component)) if (source.section !== 'wasmedge') searchSource(source, found);
  return { embedded: outermost([...found.executables.values()].sort((a, b) => a.location.offset - b.location.offset)), problems: [...found.problems.values()] };
}

/** What stands inside another find is a part of that file. */
function outermost(sorted: readonly EmbeddedExecutable[]): readonly EmbeddedExecutable[] {
  let end = 0;
  return sorted.filter(({ location: { offset, length } }) => {
    if (offset < end) return false;
    end = offset + length;
    return true;
  });
}

function searchSource(source: TextSource, found: Found): void {
  const { bytes } = source;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  SEARCH.search(bytes, (index, at) => {
    const { format, title, confirm } = FORMS[index]!;
    if (found.problems.has(format) || (format === 'wasm' && source.from === 'custom')) return;
    const range = confirm(view, at);
    if (range === null) return;
    const location = source.locate(range.start, range.length);
    const key = `${format}@${location.offset}`;
    if (found.executables.has(key)) return;
    const count = (found.counts.get(format) ?? 0) + 1;
    found.counts.set(format, count);
    if (count <= LIMITS.embedded) found.executables.set(key, { format, title, location });
    else found.problems.set(format, notRead(`Too many files of format ${format} inside the data: more than ${LIMITS.embedded}`, { source, at }));
  });
}

/** ELF header: class, byte order and version in the identification; a type and machine that exist; the header's own size. */
function confirmElf(view: DataView, at: number): { start: number; length: number } | null {
  const wide = byteAt(view, at + 4) === 2;
  const size = wide ? 64 : 52;
  const little = byteAt(view, at + 5) === 1;
  if (at + size > view.byteLength || byteAt(view, at + 4) > 2 || byteAt(view, at + 4) < 1) return null;
  if ((!little && byteAt(view, at + 5) !== 2) || byteAt(view, at + 6) !== 1) return null;
  const type = view.getUint16(at + 16, little);
  const machine = view.getUint16(at + 18, little);
  const headerSize = view.getUint16(at + (wide ? 52 : 40), little);
  return type >= 1 && type <= 4 && machine >= 2 && machine < 0x200 && headerSize === size ? { start: at, length: size } : null;
}

/** Machines of PE files that systems still run. */
const PE_MACHINES: ReadonlySet<number> = new Set([0x14c, 0x8664, 0x1c0, 0x1c4, 0xaa64, 0x200, 0x5032, 0x5064]);
/** Linkers put the PE header right after a small DOS program. */
const DOS_PART = 1024;

/** The magic is that of the inner header; the file starts at an `MZ` before it that points here. */
function confirmPe(view: DataView, at: number): { start: number; length: number } | null {
  if (at + 24 > view.byteLength || !PE_MACHINES.has(view.getUint16(at + 4, true))) return null;
  for (let distance = 64; distance <= Math.min(at, DOS_PART); distance += 4) {
    const start = at - distance;
    if (view.getUint16(start, true) === 0x5a4d && view.getUint32(start + 60, true) === distance) return { start, length: distance + 24 };
  }
  return null;
}

/** Processor kinds of Mach-O: x86 and ARM, 32 and 64 bits, PowerPC. */
const MACH_O_PROCESSORS: ReadonlySet<number> = new Set([7, 12, 18, 0x0100_0007, 0x0100_000c, 0x0200_000c, 0x0100_0012]);

function confirmMachO(view: DataView, at: number): { start: number; length: number } | null {
  if (at + 28 > view.byteLength || !MACH_O_PROCESSORS.has(view.getUint32(at + 4, true))) return null;
  const type = view.getUint32(at + 12, true);
  const commands = view.getUint32(at + 16, true);
  const size = view.getUint32(at + 20, true);
  return type >= 1 && type <= 12 && commands >= 1 && size >= 8 * commands && size < 1 << 24 ? { start: at, length: 28 } : null;
}

function confirmModule(view: DataView, at: number): { start: number; length: number } | null {
  return confirmSections(view, at, 13);
}

function confirmComponent(view: DataView, at: number): { start: number; length: number } | null {
  return confirmSections(view, at, 12);
}

/** Sections followed at most, so that a thousand nested starts cost no more than a thousand short walks. */
const WALKED = 256;

/** At least two sections in a row, each with a known id and not longer than what is left. */
function confirmSections(view: DataView, at: number, lastId: number): { start: number; length: number } | null {
  let next = at + 8;
  let sections = 0;
  while (sections < WALKED && next < view.byteLength && byteAt(view, next) <= lastId) {
    const size = readSize(view, next + 1);
    if (size === null || size.after + size.value > view.byteLength || size.value === 0) break;
    next = size.after + size.value;
    sections++;
  }
  return sections >= 2 ? { start: at, length: next - at } : null;
}

/** Unsigned LEB128 of at most five bytes, or null. */
function readSize(view: DataView, at: number): { value: number; after: number } | null {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = byteAt(view, at + index);
    if (byte < 0) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, after: at + index + 1 };
  }
  return null;
}

/** -1 beyond the end. */
function byteAt(view: DataView, at: number): number {
  return at < view.byteLength ? view.getUint8(at) : -1;
}
