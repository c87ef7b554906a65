import type { Finding } from '../../finding.ts';
import type { SourcePlace } from '../../grant.ts';
import type { ScanEntry } from '../entry.ts';
import { harmlessName } from '../harmless.ts';
import { plainText } from './plain-text.ts';
import type { SarifProfile } from './profile.ts';
import type { SarifLocation } from './types.ts';

/** Gives artifacts their URIs and findings their places. One per report, because lines must be distinct within it. */
export interface Places {
  /** Relative, forward slashes, percent-encoded, no scheme: what code scanning accepts. */
  uriOf(entry: ScanEntry): string;
  /** Tells artifacts of one URI apart: what one file packs, and what one manifest brings. Without lines and versions. */
  keyOf(entry: ScanEntry): string;
  /** The line of the manifest that brings the artifact; else 1. */
  lineOf(entry: ScanEntry): number;
  /** A text about an artifact without the folders of this machine, where the artifact was named by an absolute path. */
  withoutFolders(entry: ScanEntry, text: string): string;
  placeOf(entry: ScanEntry, finding: Finding): Place;
}

export interface Place {
  /** Where the finding is shown. */
  readonly shown: SarifLocation;
  /** The place in the binary, where the finding is shown elsewhere. */
  readonly related?: SarifLocation;
}

/** Longest path inside an artifact, in characters; names of imports in it can be of any length. */
const PATH_LENGTH = 256;
const ABSOLUTE = /^(?:[/\\]|[A-Za-z]:[/\\])/;

/**
 * A finding in a binary has no line. One about a capability is shown in the capability snapshot that is kept beside the
 * binary; any other on line 1 of the binary, with the byte range as an address: text and byte regions must not be mixed.
 */
export function sarifPlaces(profile: SarifProfile, relativePath: (name: string) => string): Places {
  const distinct = profile.distinctLines ? distinctLines() : null;
  const uriOf = (entry: ScanEntry): string => encodePath(relativePath(fileOf(entry)));
  return {
    uriOf,
    keyOf: (entry) => (packed(entry) ? `${uriOf(entry)} ${keyParts(entry)}` : uriOf(entry)),
    lineOf: ({ carrier }) => carrier?.line ?? 1,
    withoutFolders: ({ artifact: { name } }, text) => (ABSOLUTE.test(name) ? text.replaceAll(name, () => relativePath(name)) : text),
    placeOf(entry, finding) {
      const manifest = finding.location.source ?? entry.carrier;
      if (manifest !== null && manifest !== undefined) return inManifest(manifest, finding, { relativePath, distinct });
      const binary = uriOf(entry);
      const line = snapshotLine(entry, finding);
      const uri = line === null ? binary : encodePath(relativePath(entry.snapshot!.file));
      const wanted = line ?? (distinct ? lineOf(finding) : 1);
      const startLine = distinct ? distinct(`${finding.rule} ${uri}`, wanted) : wanted;
      const path = relativePath(entry.artifact.name);
      if (line === null) return { shown: inBinary({ path, uri: binary, line: startLine }, finding) };
      const text = startLine === line ? (entry.snapshot!.capabilities[line - 1] ?? '') : '';
      return {
        shown: { physicalLocation: { artifactLocation: { uri }, region: { startLine, startColumn: 1, endLine: startLine, endColumn: text.length + 1 } } },
        related: { id: 1, ...inBinary({ path, uri: binary, line: 1 }, finding), message: { text: plainText(finding.location.path, PATH_LENGTH) } },
      };
    },
  };
}

/** Whether the URI is that of something around the artifact. */
export function packed({ artifact: { name }, carrier }: ScanEntry): boolean {
  return carrier !== null || name.includes('!/');
}

function keyParts({ artifact: { name }, carrier }: ScanEntry): string {
  const inner = name.split('!/').slice(1).join('!/');
  return JSON.stringify([inner, carrier && [carrier.kind, carrier.namespace ?? null, carrier.name, carrier.pointer]]);
}

/** The file that code scanning knows: the manifest that refers to the artifact, or the archive that holds it. */
function fileOf({ artifact: { name }, carrier }: ScanEntry): string {
  return carrier?.file ?? name.split('!/')[0]!;
}

/** A finding about something that a manifest brings is shown on the line that brings it. */
function inManifest({ file, line, column }: Pick<SourcePlace, 'file' | 'line' | 'column'>, { rule }: Finding, { relativePath, distinct }: { readonly relativePath: (name: string) => string; readonly distinct: ReturnType<typeof distinctLines> | null }): Place {
  const uri = encodePath(relativePath(file));
  const startLine = distinct ? distinct(`${rule} ${uri}`, line) : line;
  const startColumn = startLine === line ? column : 1;
  return { shown: { physicalLocation: { artifactLocation: { uri }, region: { startLine, startColumn, endLine: startLine, endColumn: startColumn } } } };
}

function inBinary({ path, uri, line }: { readonly path: string; readonly uri: string; readonly line: number }, { location }: Finding): SarifLocation {
  return {
    physicalLocation: {
      artifactLocation: { uri },
      region: { startLine: line, startColumn: 1, endLine: line, endColumn: 1 },
      address: { absoluteAddress: location.offset, length: location.length, fullyQualifiedName: `${harmlessName(path, PATH_LENGTH)}!${harmlessName(location.path, PATH_LENGTH)}` },
    },
  };
}

/** The line of the snapshot that names the capability, or, for a new one, the line it would follow. */
export function snapshotLine({ snapshot }: ScanEntry, finding: Finding): number | null {
  const capability = snapshot ? capabilityOf(finding, snapshot.added) : null;
  if (!snapshot || capability === null) return null;
  const index = snapshot.capabilities.indexOf(capability);
  if (index >= 0) return index + 1;
  return Math.max(1, snapshot.capabilities.filter((name) => name < capability).length);
}

/** A rule about one capability is named after it; the rule about new ones names the capability as its subject. */
function capabilityOf({ rule, subject }: Finding, added: readonly string[]): string | null {
  if (rule === 'capability-increase') return added.includes(subject) ? subject : null;
  return rule.startsWith('capability-') ? rule.slice('capability-'.length) : null;
}

/** A line that a person can find again: `import[3]` is line 4, everything without an index line 1. */
function lineOf(finding: Finding): number {
  const index = /\[(\d{1,7})\]/.exec(finding.location.path)?.[1];
  return index === undefined ? 1 : Number(index) + 1;
}

/** Gives the wanted line, or the next one that is free for the key. */
function distinctLines(): (key: string, wanted: number) => number {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return (key, wanted) => {
    let line = next.get(`${key} ${wanted}`) ?? wanted;
    while (taken.has(`${key} ${line}`)) line++;
    taken.add(`${key} ${line}`);
    next.set(`${key} ${wanted}`, line + 1);
    return line;
  };
}

/** Each part percent-encoded, which leaves nothing that could move a cursor, climb out of the folder or look like a scheme. */
function encodePath(path: string): string {
  return path.toWellFormed().split('/').filter((part) => part !== '' && part !== '.' && part !== '..').map(encodeURIComponent).join('/') || 'artifact';
}
