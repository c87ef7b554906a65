import type { Problem } from '../problem.ts';
import type { FeatureUse } from './features.ts';

/** A run of bytes of the artifact. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface Section extends ByteRange {
  readonly id: number;
  /** As in the specification ("import", "code"); for custom sections "custom". Offset and length are the payload's. */
  readonly name: string;
}

/** A value, reference or storage type in the notation of the text format: `i32`, `(ref null func)`, `(ref 3)`. */
export type TypeText = string;

export interface FunctionType {
  readonly kind: 'func';
  readonly params: readonly TypeText[];
  readonly results: readonly TypeText[];
}
export interface StructType { readonly kind: 'struct'; readonly fields: readonly { type: TypeText; mutable: boolean }[] }
export interface ArrayType { readonly kind: 'array'; readonly element: TypeText; readonly mutable: boolean }
export interface ContinuationType { readonly kind: 'cont'; readonly type: number }
export type CompositeType = FunctionType | StructType | ArrayType | ContinuationType;

/** One entry of the type index space, with its place in its recursion group. */
export interface DefinedType extends ByteRange {
  readonly type: CompositeType;
  readonly final: boolean;
  readonly supertypes: readonly number[];
  readonly shared: boolean;
  /** First index of the recursion group it belongs to, and the group's size. */
  readonly group: number;
  readonly groupSize: number;
}

export interface Limits {
  /** Pages for memories, elements for tables. Numbers above 2^53 are rounded. */
  readonly minimum: number;
  readonly maximum: number | null;
  readonly shared: boolean;
  /** 64-bit index type. */
  readonly index64: boolean;
}
export interface MemoryType extends Limits {
  /** Bytes per page: 65,536 unless a custom page size is declared. */
  readonly pageSize: number;
}
export interface TableType extends Limits { readonly element: TypeText }
export interface GlobalType { readonly type: TypeText; readonly mutable: boolean; readonly shared: boolean }
export interface TagType { readonly typeIndex: number }

export type ExternKind = 'func' | 'table' | 'memory' | 'global' | 'tag';
export type ExternType =
  | { readonly kind: 'func'; readonly typeIndex: number; readonly exact: boolean }
  | ({ readonly kind: 'table' } & TableType)
  | ({ readonly kind: 'memory' } & MemoryType)
  | ({ readonly kind: 'global' } & GlobalType)
  | ({ readonly kind: 'tag' } & TagType);

export interface Import extends ByteRange {
  readonly module: string;
  readonly name: string;
  readonly type: ExternType;
}

export interface Export extends ByteRange {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

/** Exports in columns: one shipping module has 75,111. Names are decoded when asked for, and were checked when the section was read. */
export interface ExportList extends Iterable<Export> {
  readonly length: number;
  at(index: number): Export;
  /** Indices of the exports of one kind, in the order of the list; no name is decoded for it. */
  indices(kind: ExternKind): Uint32Array;
}

/** What a constant expression computes, as far as a scanner cares. */
export type ConstantValue =
  | { readonly kind: 'i32' | 'i64'; readonly value: bigint }
  | { readonly kind: 'global'; readonly index: number }
  | { readonly kind: 'func'; readonly index: number }
  | { readonly kind: 'null' }
  /** Anything longer or of another type. */
  | { readonly kind: 'other' };

export interface Global extends ByteRange { readonly type: GlobalType; readonly init: ConstantValue }
export interface Table extends ByteRange { readonly type: TableType; readonly init: ConstantValue | null }
export interface Memory extends ByteRange { readonly type: MemoryType }
export interface Tag extends ByteRange { readonly type: TagType }

export type SegmentMode = 'active' | 'passive' | 'declarative';

export interface ElementSegment extends ByteRange {
  readonly mode: SegmentMode;
  /** For active segments. */
  readonly table: number;
  readonly start: ConstantValue | null;
  readonly type: TypeText;
  /** Function indices; -1 for null, -2 for an entry that is no plain function reference. */
  readonly functions: Int32Array;
}

/** Data segments in columns: one shipping module has 98,450. */
export interface DataSegmentList {
  readonly length: number;
  readonly at: (index: number) => DataSegment;
}
export interface DataSegment extends ByteRange {
  /** Offset and length are those of the segment's bytes. */
  readonly mode: 'active' | 'passive';
  readonly memory: number;
  readonly start: ConstantValue | null;
}

/** Last slot of an indirect call about whose index nothing is known. */
export const ANY_SLOT = 0xffff_ffff;

/** What instructions do to tables: `set` puts references into it (table.set, fill, grow and the atomic ones), `init` copies an element segment, `copy` another table. */
export const TABLE_CHANGES = { set: 0, init: 1, copy: 2 } as const;

/** The code section after a full decode of every body. Columns run over defined functions. */
export interface Code {
  readonly functions: number;
  /** First byte and byte length of each body, locals included. */
  readonly bodyOffset: Uint32Array;
  readonly bodyLength: Uint32Array;
  readonly instructions: number;
  /** Executions are not counted: these are occurrences. Index = opcode for one byte; 256 + n for FB n, 1024 + n for FC n, 2048 + n for FD n, 4096 + n for FE n. */
  readonly opcodes: Uint32Array;
  /** Direct call edges as pairs caller, callee in the function index space, in code order; `call`, `return_call`. */
  readonly callEdges: Uint32Array;
  /** Indirect calls as triples caller, type index, table index; `call_ref` and `cont.new` (whose type is the continuation's) have table 2^32 - 1. */
  readonly indirectCalls: Uint32Array;
  /** For each indirect call the first and the last slot of the table it can choose, as far as the instructions right before it tell; else 0 and ANY_SLOT. */
  readonly indirectSlots: Uint32Array;
  /** Instructions that change tables, as triples of their number in TABLE_CHANGES, the table, and the element segment or table they copy from. */
  readonly tableChanges: Uint32Array;
  /** Operands of `ref.func`, unique. */
  readonly functionReferences: Uint32Array;
  /** Labels of the widest br_table inside a loop, by body. */
  readonly loopDispatch: Uint32Array;
  /** Integer and, or, xor, shifts and rotations, by body. */
  readonly bitOperations: Uint32Array;
  /** Loops that nothing leaves: no branch out, no call, return or trap instruction. Pairs of function index and offset, the first ones; `endlessCount` has all. */
  readonly endlessLoops: Uint32Array;
  readonly endlessCount: number;
  /** Largest nesting of blocks. */
  readonly maxDepth: number;
  /** The first body with the most locals, parameters not counted: its place among the bodies, and their number. Null: no body has any. */
  readonly mostLocals: { readonly body: number; readonly locals: number } | null;
  /** Pairs (constant, offset in bytes) of the i32.const and i64.const operands that some rule asked to have looked up. */
  readonly constants: ConstantHits;
}

/** Occurrences of the constants that rules look for in code (see scanner/wasm/constants.ts); value as written, sign-extended. */
export interface ConstantHits {
  /** The number of times each wanted constant occurs, by its place in the wanted list. */
  readonly counts: Uint32Array;
  /** Byte offset of the first occurrence of each, 0 where there is none. */
  readonly firstOffset: Uint32Array;
}

export interface CustomSection extends ByteRange {
  readonly name: string;
  /** Payload after the name. Offset and length are the payload's too. */
  readonly payload: Uint8Array;
}

/** How much was decoded. */
export type Depth = 'imports' | 'full';

/** A decoded core module. With problems it is partial: what was read before the first one stands. */
export interface Module {
  readonly kind: 'module';
  readonly bytes: Uint8Array;
  readonly range: ByteRange;
  readonly analysed: Depth;
  readonly sections: readonly Section[];
  readonly types: readonly DefinedType[];
  readonly imports: readonly Import[];
  /** Type index of every function, imported ones first. */
  readonly functionTypes: Uint32Array;
  readonly importedFunctions: number;
  /** Defined ones only; the imported ones stand in `imports` and come first in the index spaces. */
  readonly tables: readonly Table[];
  readonly memories: readonly Memory[];
  readonly tags: readonly Tag[];
  readonly globals: readonly Global[];
  readonly exports: ExportList;
  readonly start: (ByteRange & { readonly functionIndex: number }) | null;
  readonly elements: readonly ElementSegment[];
  /** Functions that constant expressions of several instructions name, ascending; those of a single `ref.func` stand where they are used. */
  readonly constantReferences: Uint32Array;
  readonly dataCount: number | null;
  readonly code: Code | null;
  readonly data: DataSegmentList;
  readonly customs: readonly CustomSection[];
  readonly features: readonly FeatureUse[];
  /** Things the specification allows and no ordinary toolchain writes; see AnomalyKind. */
  readonly anomalies: readonly Anomaly[];
  readonly problems: readonly Problem[];
}

/** `overlong-integer` is not recorded inside padded linker positions (sizes, indices of five bytes). */
export interface Anomaly extends ByteRange {
  /** `historic-encoding`: a form that older drafts wrote and today's engines refuse or no longer write. */
  readonly kind: 'overlong-integer' | 'repeated-custom-section' | 'bytes-after-end' | 'historic-encoding';
  readonly message: string;
}
