import type { Finding } from '../../finding.ts';
import type { ScanEntry } from '../entry.ts';
import { harmless } from '../harmless.ts';
import type { SarifProfile } from './profile.ts';
import type { SarifLocation } from './types.ts';

/** Gives artifacts their URIs and findings their places. One per report, because lines must be distinct within it. */
export interface Places {
  /** Relative, forward slashes, percent-encoded, no scheme: what code scanning accepts. */
  uriOf(entry: ScanEntry): string;
  placeOf(entry: ScanEntry, finding: Finding): SarifLocation;
}

/**
 * A finding in a binary has no line. It is shown, best first, on its line of the capability snapshot that is kept beside the
 * binary, else on line 1 of the binary, with the byte range as an address: text and byte regions must not be mixed.
 */
export function sarifPlaces(profile: SarifProfile, relativePath: (name: string) => string): Places {
  const taken = new Set<string>();
  const uriOf = (entry: ScanEntry): string => encodePath(relativePath(entry.artifact.name));
  return {
    uriOf,
    placeOf(entry, finding) {
      const accepted = snapshotLine(entry, finding);
      const uri = accepted === null ? uriOf(entry) : encodePath(relativePath(entry.snapshot!.file));
      const wanted = accepted ?? (profile.distinctLines ? lineOf(finding) : 1);
      const line = profile.distinctLines ? freeLine(taken, `${finding.rule} ${uri}`, wanted) : wanted;
      return {
        physicalLocation: {
          artifactLocation: { uri },
          region: { startLine: line, startColumn: 1, endLine: line, endColumn: accepted === null ? 1 : capabilityOf(finding)!.length + 1 },
          ...(accepted === null ? { address: { absoluteAddress: finding.location.offset, length: finding.location.length, fullyQualifiedName: harmless(`${entry.artifact.name}!${finding.location.path}`) } } : {}),
        },
      };
    },
  };
}

/** Rules of one capability are named after it. */
function capabilityOf(finding: Finding): string | null {
  return finding.rule.startsWith('capability-') ? finding.rule.slice('capability-'.length) : null;
}

function snapshotLine(entry: ScanEntry, finding: Finding): number | null {
  const capability = capabilityOf(finding);
  const index = capability === null ? -1 : (entry.snapshot?.capabilities.indexOf(capability) ?? -1);
  return index < 0 ? null : index + 1;
}

/** A line that a person can find again: `import[3]` is line 4, everything without an index line 1. */
function lineOf(finding: Finding): number {
  const index = /\[(\d{1,7})\]/.exec(finding.location.path)?.[1];
  return index === undefined ? 1 : Number(index) + 1;
}

function freeLine(taken: Set<string>, key: string, wanted: number): number {
  let line = wanted;
  while (taken.has(`${key} ${line}`)) line++;
  taken.add(`${key} ${line}`);
  return line;
}

/** Each part percent-encoded; controls and the like become visible first. */
function encodePath(path: string): string {
  return harmless(path.replaceAll('\\', '/')).split('/').filter((part) => part !== '' && part !== '.').map(encodeURIComponent).join('/') || 'artifact';
}
