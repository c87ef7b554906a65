import { demandDone, readSectionFrame } from './section-frame.ts';
import { readCodeSection } from './code-section.ts';
import { DecodeError, PROBLEM_EFFECTS } from './error.ts';
import type { Depth, Module } from './module.ts';
import { ModuleDraft } from './module-draft.ts';
import { ByteReader } from './reader.ts';
import { readCustomSection } from './sections/custom.ts';
import { noData, readDataSection } from './sections/data.ts';
import {
  readDataCountSection, readFunctionSection, readGlobalSection, readMemorySection, readStartSection, readTableSection, readTagSection,
} from './sections/definitions.ts';
import { readElementSection } from './sections/elements.ts';
import { noExports, readExportSection } from './sections/exports.ts';
import { readImportSection } from './sections/imports.ts';
import { readTypeSection } from './sections/types.ts';
import { warmUpModule, warmUpRuns } from './warm-up.ts';
import type { Problem } from '../problem.ts';

/** How to decode a core module. */
export interface ModuleOptions {
  /** `imports`: everything but the contents of element, code and data sections. Default: `full`. */
  readonly depth?: Depth;
}

interface SectionKind {
  readonly name: string;
  /** Place in the required order, which is not that of the ids. */
  readonly rank: number;
  readonly read: (reader: ByteReader, draft: ModuleDraft) => void;
  /** Whether depth `imports` leaves its content out. */
  readonly deep: boolean;
}

/** By section id. Core specification 5.5.2. */
const SECTIONS: readonly SectionKind[] = [
  { name: 'custom', rank: 0, read: readCustomSection, deep: false },
  { name: 'type', rank: 1, read: readTypeSection, deep: false },
  { name: 'import', rank: 2, read: readImportSection, deep: false },
  { name: 'function', rank: 3, read: readFunctionSection, deep: false },
  { name: 'table', rank: 4, read: readTableSection, deep: false },
  { name: 'memory', rank: 5, read: readMemorySection, deep: false },
  { name: 'global', rank: 7, read: readGlobalSection, deep: false },
  { name: 'export', rank: 8, read: readExportSection, deep: false },
  { name: 'start', rank: 9, read: readStartSection, deep: false },
  { name: 'element', rank: 10, read: readElementSection, deep: true },
  { name: 'code', rank: 12, read: readCodeSection, deep: true },
  { name: 'data', rank: 13, read: readDataSection, deep: true },
  { name: 'data count', rank: 11, read: readDataCountSection, deep: false },
  { name: 'tag', rank: 6, read: readTagSection, deep: false },
];

let warm = false;

const PREAMBLE_BYTES = 8;
const CODE = 10;

/**
 * Decodes the core module between two positions of an artifact. Never throws for bad input: decoding stops at the
 * first problem, and what was read before it stands. All offsets count from the start of the artifact.
 */
export function decodeModule(bytes: Uint8Array, start: number, end: number, options: ModuleOptions = {}): Module {
  const runs = warm || options.depth === 'imports' ? 0 : warmUpRuns(end - start);
  if (runs > 0) warm = true;
  for (let run = 0; run < runs; run++) decodeModule(warmUpModule(), 0, warmUpModule().length);
  const draft = new ModuleDraft(bytes);
  const decoding = new Decoding(bytes, { start, end, depth: options.depth ?? 'full' }, draft);
  const problems = decoding.run();
  settleExceptions(draft);
  return {
    kind: 'module',
    bytes,
    range: { offset: start, length: end - start },
    analysed: decoding.depth,
    sections: draft.sections,
    types: draft.types,
    imports: draft.imports,
    functionTypes: joinFunctionTypes(draft),
    importedFunctions: draft.importedFunctionTypes.length,
    tables: draft.tables,
    memories: draft.memories,
    tags: draft.tags,
    globals: draft.globals,
    exports: draft.exports ?? noExports(bytes),
    start: draft.start,
    elements: draft.elements,
    constantReferences: Uint32Array.from(draft.constantReferences).sort(),
    dataCount: draft.dataCount,
    code: draft.code,
    data: draft.data ?? noData(),
    customs: draft.customs,
    features: draft.features.list(),
    anomalies: draft.anomalies,
    problems,
  };
}

/** The frame of a module: preamble, then sections in order, each handed to its reader. */
class Decoding {
  readonly depth: Depth;
  readonly #reader: ByteReader;
  readonly #draft: ModuleDraft;
  #rank = 0;
  #section: string | null = null;

  constructor(bytes: Uint8Array, about: { start: number; end: number; depth: Depth }, draft: ModuleDraft) {
    this.depth = about.depth;
    this.#draft = draft;
    this.#reader = new ByteReader(bytes, about.start, about.end);
    this.#reader.overlong = (offset, length) => draft.addAnomaly({ kind: 'overlong-integer', message: `Integer written in ${length} bytes where fewer do`, offset, length });
  }

  run(): Problem[] {
    try {
      this.#readPreamble();
      while (!this.#reader.done) this.#readSection();
      this.#section = null;
      this.#checkCounts();
      return [];
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return [{ code: error.code, message: error.message, offset: error.offset, section: this.#section, effect: PROBLEM_EFFECTS[error.code] }];
    }
  }

  #readPreamble(): void {
    const reader = this.#reader;
    const start = reader.position;
    if (reader.left < 4) reader.fail('unexpected-end', 'Unexpected end: the preamble is cut short');
    for (const byte of [0x00, 0x61, 0x73, 0x6d]) if (reader.byte() !== byte) reader.fail('bad-magic', 'Magic bytes of Wasm not found', start);
    if (reader.left < PREAMBLE_BYTES - 4) reader.fail('unexpected-end', 'Unexpected end: the preamble is cut short');
    for (const byte of [1, 0, 0, 0]) if (reader.byte() !== byte) reader.fail('unknown-version', 'Unknown binary version', start + 4);
  }

  #readSection(): void {
    this.#section = null;
    const { id, idAt, kind, section, payload } = readSectionFrame(this.#reader, SECTIONS, { read: this.#draft.sections.length, enter: (name) => { this.#section = name; } });
    this.#draft.sections.push(section);
    if (id !== 0) this.#checkOrder(kind, idAt);
    this.#readPayload(kind, id, payload);
  }

  #readPayload(kind: SectionKind, id: number, payload: ByteReader): void {
    if (kind.deep && this.depth === 'imports') {
      if (id === CODE) this.#draft.bodies = payload.u32();
      return;
    }
    kind.read(payload, this.#draft);
    if (id === 0) this.#section = `custom:${this.#draft.customs.at(-1)?.name ?? ''}`;
    demandDone(payload, kind.name);
  }

  #checkOrder(kind: SectionKind, offset: number): void {
    if (kind.rank <= this.#rank) this.#reader.fail('section-order', `Unexpected content after last section: the ${kind.name} section is out of order or repeated`, offset);
    this.#rank = kind.rank;
  }

  /** What two sections must agree on, also when one of them is missing. */
  #checkCounts(): void {
    const draft = this.#draft;
    const functions = draft.definedFunctionTypes.length;
    if (functions !== draft.bodies) this.#reader.fail('count-mismatch', `Function and code section have inconsistent lengths: ${functions} and ${draft.bodies}`);
    if (this.depth === 'full' && draft.dataCount !== null && draft.dataCount !== (draft.data?.length ?? 0)) {
      this.#reader.fail('count-mismatch', `Data count and data section have inconsistent lengths: ${draft.dataCount} and ${draft.data?.length ?? 0}`);
    }
  }
}

function joinFunctionTypes(draft: ModuleDraft): Uint32Array {
  const all = new Uint32Array(draft.functionCount);
  all.set(draft.importedFunctionTypes);
  all.set(draft.definedFunctionTypes, draft.importedFunctionTypes.length);
  return all;
}

/** Tags and `throw` belong to both proposals: with legacy instructions and none of the new, they count as legacy. */
function settleExceptions(draft: ModuleDraft): void {
  const counters = draft.code?.opcodes;
  if (!counters || !draft.features.has('legacy-exceptions')) return;
  const usesNew = counters[0x1f]! + counters[0x0a]! > 0 || draft.types.some(({ type }) => type.kind === 'func' && [...type.params, ...type.results].some((text) => text.includes('exn')));
  if (!usesNew) draft.features.move('exceptions', 'legacy-exceptions');
}
