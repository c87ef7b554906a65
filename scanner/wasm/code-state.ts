import { WANTED_CONSTANTS } from './constants.ts';
import { LIMITS } from './limits.ts';
import { ANY_SLOT } from './module.ts';
import type { ModuleDraft } from './module-draft.ts';
import { ByteReader } from './reader.ts';

/** What decoding bodies needs to know of the module, and the columns it fills. One object for all bodies of a module. */
export class CodeState {
  readonly bytes: Uint8Array;
  readonly draft: ModuleDraft;
  /** For the rare immediates that are read through the shared readers. */
  readonly reader: ByteReader;

  readonly functionCount: number;
  readonly typeCount: number;
  readonly tableCount: number;
  readonly memoryCount: number;
  readonly globalCount: number;
  readonly tagCount: number;
  readonly elementCount: number;
  /** -1 without a data count section. */
  readonly dataCount: number;
  /** 1 for memories with a 64-bit index, by memory index. */
  readonly memory64: Uint8Array;

  /** End of the body being decoded, its function index, and the depth where a slow path was entered. */
  end = 0;
  caller = 0;
  /** Locals of the body, without its parameters. */
  locals = 0;
  depth = 0;
  /** Position after what a helper read. */
  next = 0;

  edges: Uint32Array;
  edgeLength = 0;
  indirect = new Uint32Array(96);
  indirectLength = 0;
  /** First and last slot that each indirect call can choose, set by the body decoder before it adds the call. */
  slots = new Uint32Array(64);
  firstSlot = 0;
  lastSlot = ANY_SLOT;
  changes = new Uint32Array(24);
  changesLength = 0;
  readonly references = new Set<number>();
  /** Kind of each open block, outermost first; see the numbers in code.ts. */
  kinds = new Uint8Array(256);
  maxDepth = 0;
  /** Labels of the widest br_table inside a loop of the body. */
  widestDispatch = 0;
  /** Labels of the br_table read last, its default not counted. */
  labels = 0;
  /** For each open loop by its depth: where it starts, the outermost label taken before it, and the count of ways out before it. */
  loopAt = new Uint32Array(256);
  loopLowest = new Uint32Array(256);
  loopLeaving = new Uint32Array(256);
  /** Pairs of function and offset of a loop; the first ones. */
  readonly endless: number[] = [];
  endlessCount = 0;
  readonly constantCounts = new Uint32Array(WANTED_CONSTANTS.length);
  readonly constantOffsets = new Uint32Array(WANTED_CONSTANTS.length);

  constructor(draft: ModuleDraft, range: { start: number; end: number }) {
    this.bytes = draft.bytes;
    this.draft = draft;
    this.reader = new ByteReader(draft.bytes, range.start, range.end);
    this.functionCount = draft.functionCount;
    this.typeCount = draft.types.length;
    this.tableCount = draft.tableCount;
    this.memoryCount = draft.memoryCount;
    this.globalCount = draft.globalCount;
    this.tagCount = draft.tagCount;
    this.elementCount = draft.elements.length;
    this.dataCount = draft.dataCount ?? -1;
    this.memory64 = memoryWidths(draft);
    // About one call per 32 bytes is usual; the column doubles where there are more.
    this.edges = new Uint32Array(Math.max(64, (range.end - range.start) >> 4));
  }

  addEdge(callee: number): void {
    const at = this.edgeLength;
    if (at + 2 > this.edges.length) this.edges = grown(this.edges);
    this.edges[at] = this.caller;
    this.edges[at + 1] = callee;
    this.edgeLength = at + 2;
  }

  addIndirect(typeIndex: number, tableIndex: number): void {
    const at = this.indirectLength;
    if (at + 3 > this.indirect.length) this.indirect = grown(this.indirect);
    this.indirect[at] = this.caller;
    this.indirect[at + 1] = typeIndex;
    this.indirect[at + 2] = tableIndex;
    this.indirectLength = at + 3;
    const slot = (at / 3) * 2;
    if (slot + 2 > this.slots.length) this.slots = grown(this.slots);
    this.slots[slot] = this.firstSlot;
    this.slots[slot + 1] = this.lastSlot;
  }

  /** An instruction that changes a table; see TABLE_CHANGES. */
  addChange(change: number, table: number, source: number): void {
    const at = this.changesLength;
    if (at >= 3 && this.changes[at - 3] === change && this.changes[at - 2] === table && this.changes[at - 1] === source) return;
    if (at + 3 > this.changes.length) this.changes = grown(this.changes);
    this.changes[at] = change;
    this.changes[at + 1] = table;
    this.changes[at + 2] = source;
    this.changesLength = at + 3;
  }

  addEndless(loop: number): void {
    if (this.endlessCount++ < LIMITS.endlessLoops) this.endless.push(this.caller, loop);
  }

  addConstant(place: number, offset: number): void {
    if (this.constantCounts[place]!++ === 0) this.constantOffsets[place] = offset;
  }

  /** The stack of block kinds, twice as deep. */
  growKinds(): Uint8Array<ArrayBuffer> {
    const kinds = new Uint8Array(this.kinds.length * 2);
    kinds.set(this.kinds);
    this.kinds = kinds;
    this.loopAt = grown(this.loopAt);
    this.loopLowest = grown(this.loopLowest);
    this.loopLeaving = grown(this.loopLeaving);
    return kinds;
  }
}

function grown(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}

function memoryWidths(draft: ModuleDraft): Uint8Array {
  const imported = draft.imports.flatMap(({ type }) => (type.kind === 'memory' ? [type] : []));
  return Uint8Array.from([...imported, ...draft.memories.map(({ type }) => type)], ({ index64 }) => (index64 ? 1 : 0));
}
