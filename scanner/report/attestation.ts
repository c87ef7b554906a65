import type { ScanEntry } from './entry.ts';

/** Type of the predicate: docs/schema/attestation.schema.json describes it. */
export const SCAN_PREDICATE = 'https://wasmgate.dev/attestation/scan/v1';

/** A scan that is to be attested. */
export interface AttestedScan {
  readonly entries: readonly ScanEntry[];
  readonly policies: readonly { readonly name: string; readonly hash: string }[];
  readonly version: string;
  /** ISO 8601 */
  readonly at: string;
}

interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** An in-toto statement v1. */
export interface ScanStatement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly Subject[];
  readonly predicateType: typeof SCAN_PREDICATE;
  readonly predicate: Readonly<Record<string, unknown>>;
}

const ORDER = ['allow', 'warn', 'deny', 'error'] as const;

/**
 * Facts and verdict of a scan as a statement. Subjects are what other systems ask by: the manifest of a fetched artifact, and the bytes of
 * every module. Entries without bytes are told in the predicate, where the verdict is the worst of all.
 */
export function attestationStatement({ entries, policies, version, at }: AttestedScan): ScanStatement {
  const verdict = ORDER.findLast((one) => entries.some((entry) => entry.verdict === one)) ?? 'error';
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjectsOf(entries),
    predicateType: SCAN_PREDICATE,
    predicate: {
      scanner: { name: 'wasmgate', version }, finishedOn: at, policies, verdict,
      blocked: entries.some(({ blocked }) => blocked),
      results: entries.map(resultOf),
    },
  };
}

function resultOf({ artifact, kind, verdict, blocked, reasons, capabilities, abis, features, findings, provenance, package: packed }: ScanEntry): object {
  return {
    artifact, kind, verdict, blocked, reasons, capabilities, abis, features,
    provenance: { status: provenance.status, authorities: provenance.authorities },
    manifest: packed?.manifestDigest ?? null,
    findings: findings.map(({ rule, severity, confidence, subject, message, waived }) => ({ rule, severity, confidence, subject, message, waived: waived !== undefined })),
  };
}

function subjectsOf(entries: readonly ScanEntry[]): readonly Subject[] {
  const subjects = new Map<string, Subject>();
  for (const { artifact, package: packed } of entries) {
    for (const digest of [packed?.repository ? packed.rootDigest : null, packed?.repository ? packed.manifestDigest : null, artifact.digest]) {
      if (digest?.startsWith('sha256:') && !subjects.has(digest)) subjects.set(digest, { name: digest === artifact.digest ? artifact.name : packed!.repository!, digest: { sha256: digest.slice(7) } });
    }
  }
  return [...subjects.values()];
}
