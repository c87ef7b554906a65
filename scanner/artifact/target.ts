import type { Artifact, Opened, Unopened } from '../artifact.ts';
import type { Carrier } from '../carrier.ts';
import type { ManifestFault } from '../kubernetes/object.ts';
import type { RegistryClient } from './oci/registry.ts';

/** Something that a target stands for, not yet read. */
export interface Found {
  /** As it will be reported. */
  readonly name: string;
  /** What policies match against, where it is not the name. */
  readonly reference?: string;
  /** Bytes, where known beforehand; decides whether threads are worth their start. */
  readonly size: number | null;
  /** Comes over the network: several are fetched at a time. */
  readonly remote?: boolean;
  /** Its bytes are not where the target is: a manifest only refers to them. */
  readonly elsewhere?: boolean;
  /** A package may hold several artifacts; they come one after another, each when it has been read whole and its digest holds. */
  readonly open: () => Opened | Promise<Opened> | AsyncIterable<Opened>;
}

/** What one target stands for: nothing when a folder or glob holds no artifact. */
export interface FoundTarget {
  readonly target: string;
  readonly found: readonly Found[];
  /** Carriers of the manifests that the target is or holds; null: it holds no manifests. */
  readonly manifests: FoundManifests | null;
}

export interface FoundManifests {
  readonly carriers: readonly Carrier[];
  readonly faults: readonly ManifestFault[];
}

export interface TargetOptions {
  /** How a file is read; default: whole. */
  readonly read?: (path: string, name: string) => Artifact | Unopened;
  readonly cwd: string;
  /** Globs of paths that a search leaves out. */
  readonly exclude: readonly string[];
  readonly stdin: () => AsyncIterable<Uint8Array | string>;
  readonly stdinName: string;
  /** How anything over the network is fetched; null: it is not, and counts as not analysed. */
  readonly registry: (() => Promise<RegistryClient>) | null;
  /** `os/architecture` that narrows indexes of several platforms; null: all of them. */
  readonly platform: string | null;
}

/** Everything that one found thing holds, in order. */
export async function* openAll(found: Found): AsyncGenerator<Opened> {
  const opened = found.open();
  if (Symbol.asyncIterator in opened) yield* opened;
  else yield await opened;
}
