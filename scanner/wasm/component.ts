import type { Problem } from '../problem.ts';
import type { Anomaly, ByteRange, CustomSection, ExternKind, Module, Section } from './module.ts';
import type { FeatureUse } from './features.ts';

export type ComponentSort = 'core-func' | 'core-table' | 'core-memory' | 'core-global' | 'core-tag' | 'core-type' | 'core-module' | 'core-instance' | 'func' | 'value' | 'type' | 'component' | 'instance';

/** An import or export name with its attributes. */
export interface ExternName {
  /** Exactly as in the binary. */
  readonly name: string;
  /** Interface of an `implements` attribute. */
  readonly implements: string | null;
  readonly versionSuffix: string | null;
  readonly externalId: string | null;
  /** Set for the dependency names that were removed from the format in 2026: code fetched from elsewhere. */
  readonly dependency: DependencyName | null;
}

/** A name such as `url=<https://example.com/a.wasm>,integrity=<sha256-...>`: where an implementation is to be fetched from. */
export interface DependencyName {
  readonly kind: 'url' | 'locked' | 'unlocked' | 'integrity';
  /** The address, or package with version or range; empty for `integrity`. */
  readonly target: string;
  /** Space-separated hashes as written, or null. */
  readonly integrity: string | null;
}

export interface ComponentImport extends ByteRange, ExternName {
  /** `instance`, `func`, `component`, `core-module`, `type`, `value`. */
  readonly kind: ComponentSort;
  /** For instances: names of the functions its type lists, in order; those of a nested instance as `instance#function`. For a func: empty. */
  readonly functions: readonly string[];
  /** For instances: true when its type lists nothing but types, nested instances of that kind included. */
  readonly typeOnly: boolean;
  /** True for a function or instance function with the async effect. */
  readonly async: boolean;
}

export interface ComponentExport extends ByteRange, ExternName {
  readonly kind: ComponentSort;
  readonly index: number;
  /** For instances whose type is known: the functions. */
  readonly functions: readonly string[];
}

/** A canonical definition: lift, lower or built-in, by its name in the specification ("resource.drop", "stream.read"). */
export interface CanonicalFunction extends ByteRange { readonly name: string; readonly async: boolean; readonly stringEncoding: 'utf8' | 'utf16' | 'latin1+utf16' | null }

/** A decoded component. With problems it is partial. */
export interface Component {
  readonly kind: 'component';
  readonly bytes: Uint8Array;
  readonly range: ByteRange;
  readonly sections: readonly Section[];
  readonly imports: readonly ComponentImport[];
  readonly exports: readonly ComponentExport[];
  readonly modules: readonly Module[];
  readonly components: readonly Component[];
  readonly canonicals: readonly CanonicalFunction[];
  readonly customs: readonly CustomSection[];
  readonly hasStart: boolean;
  /** Where the first type of flags stands, in bytes from the start of the artifact; null: there is none. Its own and not those of anything nested. */
  readonly firstFlags: number | null;
  /** Its own and not those of anything nested. */
  readonly anomalies: readonly Anomaly[];
  /** True when this is a WIT package: types only, see component-model "WIT". */
  readonly witPackage: boolean;
  /** Its own and those of everything nested. */
  readonly features: readonly FeatureUse[];
  /** Its own and those of everything nested. */
  readonly problems: readonly Problem[];
  /** What symbolic instantiation found; null where it could not be done. */
  readonly linking: Linking | null;
}

/** Where each inner core import ends up. */
export interface Linking {
  /**
   * Host functions lowered into a core module, handed to an unknown component or re-exported: `interface#function`,
   * or the import's name alone for a function imported without an interface. Sorted, unique.
   */
  readonly hostFunctions: readonly string[];
  /** One entry per function import of every core instance, in the order of instantiation. */
  readonly inner: readonly InnerImport[];
  /** Exports that are an import handed on unchanged, or have one among their functions; in the order of the exports. */
  readonly reexports: readonly Reexport[];
  /** Every instance of a core module, in the order of instantiation: its place here is its number. `path` is that of the module. */
  readonly instances: readonly { readonly path: string }[];
  /** One entry per import of every core instance that is no function. */
  readonly others: readonly OtherImport[];
  readonly entries: LinkEntries;
  /** Memories, tables, globals and tags that several core instances see. */
  readonly shared: readonly SharedItem[];
  readonly handles: readonly HandleCrossing[];
}

/** A function of a core instance: the number of the instance, and the index in its function index space. */
export interface FunctionPlace { readonly instance: number; readonly index: number }

/**
 * The one thing that an import of a core instance is. `instance` and `export` say which core instance serves it and under which name.
 * - `host`: a function of the host, or the export of a module that the host gives; through any number of hands that pass it on unchanged.
 * - `sibling`: an export of another core instance, passed on as a core function.
 * - `virtualised`: a function that a component lifted: code inside plays the part of a host.
 * - `builtin`: a function of the component model, by its name in the specification.
 */
export type Origin =
  | { readonly kind: 'host'; readonly function: string }
  | { readonly kind: 'sibling' | 'virtualised'; readonly instance: number; readonly export: string }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'unresolved' };

/** What of the component runs although no code inside calls it. */
export interface LinkEntries {
  /** Host functions that leave unchanged, as in `hostFunctions`. */
  readonly hosts: readonly string[];
  /** Functions that are lifted and leave, that the canonical ABI calls, and start functions. */
  readonly functions: readonly FunctionPlace[];
  /** Core instances that leave, or share a table or global with the host: whoever holds it may call all that it offers. */
  readonly instances: readonly number[];
}

/** Something of a core instance that others import. */
export interface SharedItem {
  readonly kind: Exclude<ExternKind, 'func'>;
  /** The instance that defines it. */
  readonly owner: number;
  /** All instances that see it, ascending, the owner included. */
  readonly instances: readonly number[];
  /** For tables: all code of these instances jumps to constant slots and does nothing else, as the shims of component tools do. */
  readonly exact: boolean;
}

/** A function with a handle to a resource of the host among its parameters or results, given by code inside. */
export interface HandleCrossing {
  /** `export`: leaves the component. `instance`: is given to a component inside. */
  readonly to: 'export' | 'instance';
  /** What it leaves under: `export#function`, or after the place of the component inside `component[0] import#function`. */
  readonly function: string;
  /** The resource, as `interface#resource`. */
  readonly resource: string;
  readonly handle: 'own' | 'borrow';
}

export interface InnerImport {
  /** Number of the instance that has it. */
  readonly instance: number;
  /** Place of the core module, for example `module[0]` or `component[1]/module[0]`. */
  readonly modulePath: string;
  readonly module: string;
  readonly name: string;
  readonly satisfiedBy: 'host' | 'inner' | 'builtin' | 'unresolved';
  /** For host: the `interface#function`. */
  readonly host: readonly string[];
  readonly origin: Origin;
  /** Functions inside that a call of it can run first; more than one where a shim could not be followed exactly. */
  readonly targets: readonly FunctionPlace[];
}

/** A memory, table, global or tag that a core instance imports. */
export interface OtherImport extends Pick<InnerImport, 'instance' | 'modulePath' | 'module' | 'name' | 'origin'> { readonly kind: Exclude<ExternKind, 'func'> }

/** Both by name, exactly as in the binary. */
export interface Reexport { readonly exported: string; readonly imported: string }
