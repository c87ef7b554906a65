/**
 * The capability snapshot: a text file beside the binary, one sorted capability name a line. A capability that a new
 * build gains is then one added line in the change, on which a finding can be shown.
 */
export interface Snapshot {
  /** Where it was read, in the form the artifact was named in. */
  readonly file: string;
  readonly capabilities: readonly string[];
}

/** Suffix of the snapshot's name: `app.wasm` has `app.wasm.caps`. */
export const SNAPSHOT_SUFFIX = '.caps';

/** The text of a snapshot. */
export function snapshotText(capabilities: readonly string[]): string {
  return [...new Set(capabilities)].sort().map((name) => `${name}\n`).join('');
}

/**
 * Reads a snapshot. Throws SyntaxError, with line and what to do, for anything that is no sorted list of names:
 * a snapshot edited by hand must not hide a capability.
 */
export function parseSnapshot(text: string, file: string): Snapshot {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  for (const [index, line] of lines.entries()) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(line)) throw new SyntaxError(`Snapshot not read: ${file}:${index + 1} is no capability name; write it anew with "wasmgate snapshot"`);
    if (index > 0 && line <= lines[index - 1]!) throw new SyntaxError(`Snapshot not read: ${file}:${index + 1} is not in sorted order; write it anew with "wasmgate snapshot"`);
  }
  return { file, capabilities: lines };
}

/** What changed since the snapshot was written. */
export function compareSnapshot(snapshot: Snapshot, capabilities: readonly string[]): { readonly added: string[]; readonly removed: string[] } {
  const before = new Set(snapshot.capabilities);
  const now = new Set(capabilities);
  return { added: capabilities.filter((name) => !before.has(name)), removed: snapshot.capabilities.filter((name) => !now.has(name)) };
}
