/** Where a text stands in a manifest: so that a finding leads to the line to mend. */
export interface SourcePlace {
  /** As the user named it. */
  readonly file: string;
  /** Number of the document in the file, from 0. */
  readonly document: number;
  /** RFC 6901 pointer to the text, in that document. */
  readonly pointer: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** What kind of power a manifest hands to a module. */
export const GRANT_KINDS = ['hosts', 'files', 'environment', 'key-value', 'sql', 'ai', 'interfaces', 'cluster-resources', 'imports', 'capabilities', 'secrets'] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

/** One list of a manifest that gives a module something: the hosts it may call, the folders it sees, the interfaces it is linked with. */
export interface Grant {
  readonly kind: GrantKind;
  /** What is given, as written: `https://api.example:443`, `*://*:*`, `wasi:keyvalue/store`. An empty list gives nothing, which some hosts need said. */
  readonly values: readonly string[];
  /** Gives everything of its kind: `*`, `*://*:*`. */
  readonly everything: boolean;
  /** The field, as people know it: `allowed_outbound_hosts`. */
  readonly field: string;
  /** null where it stands in bytes and not in a manifest. */
  readonly place: SourcePlace | null;
}

/** What is remarkable about how a module is set up, beside its bytes. Each has one rule. */
export const SETTING_IDS = [
  'fail-open',              // a security plug-in is skipped when it fails
  'host-environment',       // variables of the host process reach the module
  'no-effect',              // a setting that the host ignores, so that somebody believes in a protection that is none
  'precompiled-allowed',    // the host may load native code
  'native-runtime',         // the host runs native code instead of Wasm
  'native-plug-in',         // native code comes with the module: a provider, shim, plug-in, dynamic module
  'insecure-transport',     // plain HTTP, or certificates that are not checked
  'remote-code',            // an annotation or field chooses the code that a controller runs
  'broad-scope',            // reaches everything: no selector, cluster-wide resources
  'missing-limits',         // no bound on memory, time or calls
  'host-path',              // a folder of the node reaches the module
  'mixed-pod',              // Wasm and native containers stand in one pod
  'hash-disagrees',         // two hashes for the same bytes that differ
  'unsupported-scheme',     // a scheme that the host does not fetch
] as const;
export type SettingId = (typeof SETTING_IDS)[number];

/** One remarkable setting, and where it stands. */
export interface Setting {
  readonly id: SettingId;
  /** As written: `failStrategy: FAIL_OPEN`. */
  readonly text: string;
  /** What follows from it, one plain sentence without a full stop. */
  readonly meaning: string;
  /** `low`: harmless in many places (a telemetry plug-in that fails open). */
  readonly confidence: 'high' | 'medium' | 'low';
  /** null where it stands in bytes and not in a manifest. */
  readonly place: SourcePlace | null;
}
