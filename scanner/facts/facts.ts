import type { Problem } from '../problem.ts';
import type { Decoded } from '../wasm/decoded.ts';
import type { Component } from '../wasm/component.ts';
import type { FeatureUse } from '../wasm/features.ts';
import type { ByteRange, MemoryType, Module } from '../wasm/module.ts';
import type { RuntimeFact } from './runtimes/model.ts';
import type { CustomContent } from '../wasm/custom/decode.ts';
import type { Location } from '../location.ts';
import type { CarrierFact, TargetProfile } from '../carrier.ts';
import type { Packaging } from '../packaging.ts';
import type { Provenance } from '../provenance.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Outline } from './outline.ts';
import type { CallGraph } from './call-graph/build.ts';
import type { ConstantArgument } from './constants/model.ts';
import type { CompositionFact } from './composition/model.ts';

export type Risk = 'none' | 'low' | 'medium' | 'high' | 'critical';

/** What the catalogue says of an import. `unknown` is a value of its own: nothing but a generic row matched. */
export interface Classification {
  readonly capability: string;
  readonly risk: Risk;
  /** Host ABI, or null when unknown. */
  readonly abi: string | null;
  readonly note: string | null;
}

/** One thing the host must give, classified. For a component: one function of an imported instance. */
export interface ImportFact extends Classification {
  /** Core: import module. Component: the import's name, exactly as in the binary. */
  readonly module: string;
  /** Core: import field. Component: the function; empty for an import that brings no function. */
  readonly name: string;
  readonly kind: string;
  /**
   * Whether an entry point of the program reaches it, by calls that the call graph cannot rule out; null: not known. Never known of
   * what is no function, of a module that was not read in full, and of one without entry points, which is no program yet.
   */
  readonly reachable: boolean | null;
  readonly location: Location;
  /** Position in the import list. */
  readonly index: number;
  /** Component imports: the interface to judge by, with `implements` and version suffix applied; core: same as module. */
  readonly interface: string;
}

/** Something the artifact offers. Names that say nothing of an ABI have capability null. */
export interface ExportFact {
  readonly name: string;
  readonly kind: string;
  readonly location: Location;
  readonly abi: string | null;
  readonly capability: string | null;
  /** Core modules: the index in the index space of its kind. */
  readonly index?: number;
}

/** How an import can be reached: a shortest chain of calls, with names. */
export interface ReachPath {
  /** Position in `imports`. */
  readonly import: number;
  /** From an entry point to the import, both included; `…` stands for what was left out. */
  readonly steps: readonly string[];
}

/** One core module of the artifact with its place: '' for the artifact itself, else `module[2]`, `component[0]/module[1]`. */
export interface ModuleFact {
  readonly path: string;
  readonly module: Module;
  /** ABIs recognised in this module. */
  readonly abis: readonly string[];
  /** Classified core imports of this module. */
  readonly imports: readonly ImportFact[];
  /** Who can call whom; null for a module that was not read in full. */
  readonly callGraph: CallGraph | null;
  /** Kind of thing it is. */
  readonly role: 'program' | 'object-file' | 'shared-library' | 'core-dump' | 'pre-component';
}

export interface Tool { readonly name: string; readonly version: string; readonly field: 'language' | 'processed-by' | 'sdk'; readonly path: string }
/**
 * A package the artifact was built from, and how that is known.
 * - `embedded-list`: a list for this purpose, `.dep-v0` or an SBOM in a custom section.
 * - `build-info`: what the Go linker wrote.
 * - `manifest`: the package's own metadata among the files of an embedded interpreter.
 * - `path`: a source path; `banner`: a text by which a library names itself. Both prove presence and never completeness.
 */
export interface Dependency {
  readonly name: string;
  /** Empty where only the name is known. */
  readonly version: string;
  readonly ecosystem: 'cargo' | 'go' | 'npm' | 'pypi' | 'other';
  readonly evidence: 'embedded-list' | 'path' | 'build-info' | 'manifest' | 'banner';
  readonly location: Location;
}

/** An advisory that applies to a dependency, by the data that the user gave. */
export interface AdvisoryFact {
  readonly id: string;
  /** Other ids of the same defect. */
  readonly aliases: readonly string[];
  /** One line; empty where the advisory has none. */
  readonly summary: string;
  readonly dependency: Dependency;
  /** Why it is no vulnerability: `unmaintained`, `unsound`, `notice`. null: it is one. */
  readonly informational: string | null;
  /** The first later version without it; null: none is known. */
  readonly fixed: string | null;
  /** False where the version of the dependency cannot be compared with those of the advisory: it may apply. */
  readonly comparable: boolean;
  /** Go: whether functions of the packages that hold the defect are in the program, as far as their names tell; null: not known. */
  readonly linked: boolean | null;
}

/** A secret of a known form. The text itself never leaves the fact: only what is needed to find it again. */
export interface SecretFact {
  /** Id of the pattern, for example `github-token`, `private-key`. */
  readonly pattern: string;
  readonly title: string;
  /** First four characters and a hash prefix; never the secret. */
  readonly masked: string;
  /** Whether the form was verified (checksum, structure), as opposed to looking like one. */
  readonly verified: boolean;
  readonly location: Location;
}

/** A printable run in data segments (ASCII, UTF-8 or UTF-16), at least 4 characters. */
export interface StringFact { readonly text: string; readonly location: Location }

/** A custom section in decoded form; `content.kind` says which, see scanner/wasm/custom/decode.ts. */
export interface CustomFact extends ByteRange {
  /** Where it stands: '' for the artifact itself, else as in ModuleFact. */
  readonly path: string;
  readonly name: string;
  /** Place among the custom sections of its module or component. */
  readonly index: number;
  readonly content: CustomContent;
  /** Set when the content does not fit the name, which is degraded and changes no verdict; or is beyond a limit, which is unanalysed. */
  readonly problem: Problem | null;
}

/**
 * A text that says something of where the binary was built or what it talks to.
 * - `build-path`: absolute path of a source file; `owner` says whose.
 * - `mining-pool`: verbs or hosts of mining pools.
 * - `cloud-metadata`: address of an instance's metadata service.
 * - `sensitive-path`: a file only an attacker or a node agent needs.
 * - `internal-endpoint`: private address or cluster-internal host name.
 * - `reverse-shell`: a piece of a command that hands a shell to somebody far away.
 */
export interface Indicator {
  readonly kind: 'build-path' | 'mining-pool' | 'cloud-metadata' | 'sensitive-path' | 'internal-endpoint' | 'reverse-shell';
  /** The matched text, cut to 120 characters, printable ASCII only. */
  readonly text: string;
  /** For build paths: the author's machine (may carry a user name), a build service, or the vendor of a toolchain or library; null: not known. */
  readonly owner: 'author' | 'build-service' | 'toolchain' | null;
  /** For build paths: the user name in it. */
  readonly user: string | null;
  /** How often it occurs; for build paths counted per directory of the user. */
  readonly count: number;
  readonly location: Location;
}

/** A constant table of an algorithm, found in data. Each family is reported once per module, at its first occurrence. */
export interface ByteSignature {
  readonly family: 'aes' | 'blake-256' | 'blake2b' | 'keccak' | 'jh' | 'groestl' | 'skein' | 'equihash' | 'randomx';
  /** Bytes from the start of the artifact. */
  readonly offset: number;
  readonly location: Location;
}

/** An executable file inside the data or a custom section, found by its magic bytes and a header that holds together. */
export interface EmbeddedExecutable {
  readonly format: 'elf' | 'pe' | 'mach-o' | 'wasm';
  /** For people: `ELF executable or library`. */
  readonly title: string;
  readonly location: Location;
}

/** The host that runs an artifact. */
export interface HostFact {
  readonly profile: TargetProfile;
  /** Nobody who writes the object or the package can choose a milder host: the kind of the object decides, or the user of wasmgate says so. */
  readonly sure: boolean;
}

/** A linear memory that a core module defines, with the place of the module. */
export interface MemoryFact {
  readonly module: string;
  readonly type: MemoryType;
}

/** What is true of the artifact, without judgement. Every property is computed once, when first read. */
export interface Facts {
  readonly name: string;
  /** What policies match against: the name, or for something inside a package the reference of the package. */
  readonly reference: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly decoded: Decoded;
  readonly kind: 'module' | 'component' | 'wit-package' | 'native' | 'unknown';
  /** What native or unknown bytes are, in words; null for Wasm. */
  readonly format: string | null;
  readonly component: Component | null;
  /** Every core module, nested ones included, in file order. */
  readonly modules: readonly ModuleFact[];
  /** What the host must give: the module's imports, or a component's outer ones; binary order, duplicates kept. */
  readonly imports: readonly ImportFact[];
  readonly exports: Iterable<ExportFact>;
  /** Names of the functions on a shortest chain of calls from an entry point to one of `imports`, both included; null: unreachable or not known. A long chain is cut in its middle; through a component it names each module that it enters. */
  readonly callPath: (found: ImportFact) => readonly string[] | null;
  /** Sorted, unique, of outer imports and exports, without runtime-support. */
  readonly capabilities: readonly string[];
  readonly abis: readonly string[];
  readonly features: readonly FeatureUse[];
  readonly memories: readonly MemoryFact[];
  readonly tools: readonly Tool[];
  readonly languages: readonly string[];
  readonly dependencies: readonly Dependency[];
  /** It holds a list of what it is made of, which was read, be it empty. */
  readonly listsDependencies: boolean;
  /** Advisories that apply to the dependencies; null: no advisory data was given, which is not the same as none. */
  readonly advisories: readonly AdvisoryFact[] | null;
  readonly customs: readonly CustomFact[];
  readonly secrets: readonly SecretFact[];
  /** False when no secret scanner ran: then an empty `secrets` means unknown, not none. */
  readonly secretsAnalysed: boolean;
  readonly indicators: readonly Indicator[];
  readonly byteSignatures: readonly ByteSignature[];
  /** Executable files inside data and custom sections, by ascending offset. */
  readonly embedded: readonly EmbeddedExecutable[];
  /** Calls back for every string; not kept in memory. */
  readonly eachString: (visit: (found: StringFact) => void) => void;
  /** What it consists of; null where it is no Wasm. */
  readonly outline: Outline | null;
  /** How the parts of a component are put together; null for anything else, and where that was not followed. */
  readonly composition: CompositionFact | null;
  /** How imported functions can be reached, where a chain of calls is known. */
  readonly reachPaths: readonly ReachPath[];
  /** Paths, hosts and names that code gives to imports as constants, the surest first; what is missing proves nothing. */
  readonly constants: readonly ConstantArgument[];
  /** Large numbers of bytes or events that code asks of imports as constants. */
  readonly amounts: readonly ConstantArgument[];
  readonly problems: readonly Problem[];
  /** The capability snapshot kept beside the artifact, or null. */
  readonly snapshot: Snapshot | null;
  /** How it was packed; null for plain files. */
  readonly packaging: Packaging | null;
  /** What brings it into a cluster; null where no manifest does. */
  readonly carrier: CarrierFact | null;
  /** The host that will run it, as the user, the carrier or the package says; null: not known. */
  readonly host: HostFact | null;
  /** The runtime inside of it, as the user names it or the host implies; null: not known. */
  readonly runtime: RuntimeFact | null;
  /** Who stands behind the artifact, as established outside the engine. */
  readonly provenance: Provenance;
  /** Operand types are not validated by this engine. */
  readonly validated: false;
}
