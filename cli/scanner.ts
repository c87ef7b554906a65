import type { Opened } from '../scanner/artifact.ts';
import type { ScanEntry } from '../scanner/report/entry.ts';

/** Something that judges what was opened, a given number of artifacts at a time. */
export interface Scanner {
  readonly lanes: number;
  /** Resolves for every input; a crash becomes an entry with verdict error. */
  scan(opened: Opened): Promise<ScanEntry>;
  close(): Promise<void>;
}

/** What policies match against. */
export function referenceOf({ name, reference }: { readonly name: string; readonly reference?: string }): string {
  return reference ?? name;
}
