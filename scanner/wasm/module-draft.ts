import { FeatureTally } from './feature-tally.ts';
import { LIMITS } from './limits.ts';
import type {
  Anomaly, ByteRange, Code, CustomSection, DataSegmentList, DefinedType, ElementSegment, ExportList, Global, Import, Memory, Section, Table, Tag,
} from './module.ts';

/** A module while it is being decoded: what is known so far, and the sizes of its index spaces. */
export class ModuleDraft {
  readonly bytes: Uint8Array;
  readonly sections: Section[] = [];
  readonly types: DefinedType[] = [];
  /** Type indices below this may be named: all defined ones, and inside a recursion group those of the whole group. */
  typeLimit = 0;
  readonly imports: Import[] = [];
  readonly importedFunctionTypes: number[] = [];
  definedFunctionTypes: Uint32Array = new Uint32Array(0);
  readonly tables: Table[] = [];
  readonly memories: Memory[] = [];
  readonly tags: Tag[] = [];
  readonly globals: Global[] = [];
  /** Imported ones of each kind; functions stand in `importedFunctionTypes`. */
  importedTables = 0;
  importedMemories = 0;
  importedTags = 0;
  importedGlobals = 0;
  exports: ExportList | null = null;
  start: (ByteRange & { readonly functionIndex: number }) | null = null;
  readonly elements: ElementSegment[] = [];
  /** Functions named inside constant expressions of several instructions. */
  readonly constantReferences = new Set<number>();
  dataCount: number | null = null;
  code: Code | null = null;
  /** Bodies the code section declares. */
  bodies = 0;
  data: DataSegmentList | null = null;
  readonly customs: CustomSection[] = [];
  /** Names of the custom sections seen that ordinary toolchains write once. */
  readonly customsOnce = new Set<string>();
  readonly features = new FeatureTally();
  readonly anomalies: Anomaly[] = [];

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get functionCount(): number {
    return this.importedFunctionTypes.length + this.definedFunctionTypes.length;
  }

  get tableCount(): number {
    return this.importedTables + this.tables.length;
  }

  get memoryCount(): number {
    return this.importedMemories + this.memories.length;
  }

  get tagCount(): number {
    return this.importedTags + this.tags.length;
  }

  get globalCount(): number {
    return this.importedGlobals + this.globals.length;
  }

  addAnomaly(anomaly: Anomaly): void {
    if (this.anomalies.length < LIMITS.anomalies) this.anomalies.push(anomaly);
  }
}
