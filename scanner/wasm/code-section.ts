import { CodeState } from './code-state.ts';
import { bitOperations, decodeBody, takeOpcodes } from './code.ts';
import { LIMITS } from './limits.ts';
import type { Code } from './module.ts';
import type { ModuleDraft } from './module-draft.ts';
import { INSTRUCTIONS, PREFIX_SLOTS } from './opcodes.ts';
import type { ByteReader } from './reader.ts';

/** The code section: every instruction of every body. After a problem the columns hold the bodies before it. Core specification 5.5.14. */
export function readCodeSection(reader: ByteReader, draft: ModuleDraft): void {
  const countAt = reader.position;
  const count = reader.count(LIMITS.functions, 'function bodies');
  draft.bodies = count;
  const declared = draft.definedFunctionTypes.length;
  if (count !== declared) reader.fail('count-mismatch', `Function and code section have inconsistent lengths: ${declared} and ${count}`, countAt);
  const bodies = new Bodies(reader, draft, count);
  try {
    bodies.decode();
  } finally {
    const { counts, firstOffset } = takeOpcodes();
    // Counted on the way to their sub-opcodes, which are the instructions.
    for (const prefix of Object.keys(PREFIX_SLOTS)) counts[Number(prefix)] = 0;
    draft.code = bodies.columns(counts);
    noteFeatures(draft, counts, firstOffset);
  }
}

class Bodies {
  readonly state: CodeState;
  readonly #reader: ByteReader;
  readonly #params: Uint32Array;
  readonly #types: Uint32Array;
  readonly #offset: Uint32Array;
  readonly #length: Uint32Array;
  readonly #dispatch: Uint32Array;
  readonly #bits: Uint32Array;
  #done = 0;
  #edges = 0;
  #indirect = 0;
  #mostLocals: Code['mostLocals'] = null;

  constructor(reader: ByteReader, draft: ModuleDraft, count: number) {
    this.#reader = reader;
    this.state = new CodeState(draft, { start: reader.position, end: reader.end });
    this.#params = Uint32Array.from(draft.types, ({ type }) => (type.kind === 'func' ? type.params.length : 0));
    this.#types = draft.definedFunctionTypes;
    this.#offset = new Uint32Array(count);
    this.#length = new Uint32Array(count);
    this.#dispatch = new Uint32Array(count);
    this.#bits = new Uint32Array(count);
  }

  decode(): void {
    const reader = this.#reader;
    const imported = this.state.functionCount - this.#types.length;
    let bits = bitOperations();
    for (; this.#done < this.#types.length; this.#done++) {
      const size = reader.u32();
      const start = reader.position;
      reader.skip(size);
      this.#edges = this.state.edgeLength;
      this.#indirect = this.state.indirectLength;
      this.state.caller = imported + this.#done;
      decodeBody(this.state, start, start + size, this.#params[this.#types[this.#done]!]!);
      this.#offset[this.#done] = start;
      this.#length[this.#done] = size;
      this.#dispatch[this.#done] = this.state.widestDispatch;
      const before = bits;
      bits = bitOperations();
      this.#bits[this.#done] = bits - before;
      if (this.state.locals > (this.#mostLocals?.locals ?? 0)) this.#mostLocals = { body: this.#done, locals: this.state.locals };
    }
    this.#edges = this.state.edgeLength;
    this.#indirect = this.state.indirectLength;
  }

  /** Columns of the complete bodies; the counters may include a part of the one that broke off. */
  columns(opcodes: Uint32Array): Code {
    const { state } = this;
    return {
      functions: this.#done,
      bodyOffset: this.#offset.subarray(0, this.#done),
      bodyLength: this.#length.subarray(0, this.#done),
      instructions: opcodes.reduce((sum, count) => sum + count, 0),
      opcodes,
      callEdges: state.edges.subarray(0, this.#edges),
      indirectCalls: state.indirect.subarray(0, this.#indirect),
      indirectSlots: state.slots.subarray(0, (this.#indirect / 3) * 2),
      tableChanges: state.changes.subarray(0, state.changesLength),
      loopDispatch: this.#dispatch.subarray(0, this.#done),
      bitOperations: this.#bits.subarray(0, this.#done),
      endlessLoops: Uint32Array.from(state.endless),
      endlessCount: state.endlessCount,
      functionReferences: Uint32Array.from(state.references).sort(),
      maxDepth: state.maxDepth,
      mostLocals: this.#mostLocals,
      constants: { counts: state.constantCounts, firstOffset: state.constantOffsets },
    };
  }
}

function noteFeatures(draft: ModuleDraft, counts: Uint32Array, firstOffset: Uint32Array): void {
  for (const { slot, feature } of INSTRUCTIONS) {
    const count = counts[slot]!;
    if (count > 0 && feature) draft.features.add(feature, firstOffset[slot]!, count);
  }
}
