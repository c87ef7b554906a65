import type { Opened } from '../scanner/artifact.ts';
import type { Provenance } from '../scanner/provenance.ts';
import type { ScanEntry } from '../scanner/report/entry.ts';

/** Something that judges what was opened, a given number of artifacts at a time. */
export interface Scanner {
  readonly lanes: number;
  /** Resolves for every input; a crash becomes an entry with verdict error. */
  scan(opened: Opened, provenance: Provenances): Promise<ScanEntry>;
  close(): Promise<void>;
}

/** What policies match against. */
export function referenceOf({ name, reference }: { readonly name: string; readonly reference?: string }): string {
  return reference ?? name;
}

/** Who stands behind an artifact, for each policy that judges it, in their order; empty: nobody was asked. */
export type Provenances = readonly Provenance[];
