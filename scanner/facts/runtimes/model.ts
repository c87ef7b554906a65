import type { Feature } from '../../wasm/features.ts';
import type { AffectedVersions } from './version.ts';

/** What a module must use for a flaw of its runtime to matter; one key each. */
export interface Conditions {
  /** Any module: nothing in it tells. */
  readonly engine: true;
  readonly feature: Feature;
  /** One of these instructions, by the names of the text format; `*` stands for anything. */
  readonly opcodes: readonly string[];
  /**
   * One of these imports: `module.name`, or `ns:package/interface#function` of a component, with `@major.minor` where only that
   * version counts; `*` stands for anything.
   */
  readonly imports: readonly string[];
  /** A table with 64-bit indices, defined or imported. */
  readonly table64: true;
  readonly memory64: true;
  readonly sharedMemory: true;
  /** A table of at least so many elements at the start. */
  readonly tableMinimum: number;
  /** A segment of elements of this type. */
  readonly elementType: string;
  /** References of the host in a type, global, table or segment. */
  readonly hostReferences: true;
  /** A global that starts with an array and not with null. */
  readonly arrayGlobal: true;
  /** Exported functions with each of these results. */
  readonly exportResults: readonly string[];
  /** A canonical function with one of these string encodings. */
  readonly stringEncodings: readonly string[];
  /** At least so many components inside the artifact. */
  readonly nestedComponents: number;
  /** Components inside one another, at least so deep. */
  readonly nesting: number;
  /** A component type that is a set of flags. */
  readonly flagsType: true;
  readonly anyOf: readonly Predicate[];
  readonly allOf: readonly Predicate[];
}

/** A condition as data: an object with one key. */
export type Predicate = { [Key in keyof Conditions]: { readonly [Only in Key]: Conditions[Key] } }[keyof Conditions];

export type AdvisorySeverity = 'low' | 'medium' | 'high' | 'critical';

/** A published flaw of a runtime. */
export interface Advisory extends AffectedVersions {
  readonly id: string;
  readonly aliases: readonly string[];
  /** Name of the runtime. */
  readonly runtime: string;
  readonly severity: AdvisorySeverity;
  /** How closely the condition fits the flaw. */
  readonly confidence: 'high' | 'medium' | 'low';
  /** What must hold of the host besides, in words; null: nothing. */
  readonly where: string | null;
  readonly when: Predicate;
  readonly summary: string;
  readonly source: string;
}

/** A published flaw of a compiler or standard library that ends up in its output. */
export interface ToolAdvisory extends AffectedVersions {
  readonly id: string;
  readonly tool: 'go' | 'rustc';
  /** Only for programs of this host ABI; null: for all. */
  readonly abi: string | null;
  readonly severity: AdvisorySeverity;
  readonly summary: string;
  readonly source: string;
}

/** Features as the table knows them: those of binaries, and memories that are shared. */
export type RuntimeFeature = Feature | 'shared-memory';

/** Since when a runtime has a feature. */
export interface FeatureSupport {
  /** First version that has it without being asked. */
  readonly on?: string;
  /** First version that no longer has it without being asked. */
  readonly off?: string;
  /** How to turn it on. */
  readonly flag?: string;
  /** First version with the flag; left out: all. */
  readonly since?: string;
  /** No version knows it. */
  readonly never?: true;
}

/** What is known of a runtime. */
export interface RuntimeData {
  readonly name: string;
  readonly title: string;
  readonly aliases: readonly string[];
  readonly source: string;
  readonly features: Readonly<Partial<Record<RuntimeFeature, FeatureSupport>>>;
}

/** The runtime that will run an artifact. */
export interface RuntimeFact {
  /** Name in the table of runtimes. */
  readonly name: string;
  readonly title: string;
  /** As given; null: not known. */
  readonly version: string | null;
  /** The user says so, or the kind of the object decides; else a name that anybody can choose. */
  readonly sure: boolean;
  /** Date of what is known of runtimes, ISO 8601. */
  readonly dataDate: string;
  /** That date is more than 180 days past. */
  readonly stale: boolean;
}
