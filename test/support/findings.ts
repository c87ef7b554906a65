import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { compilePolicies, type PolicySource } from '../../cli/policies.ts';
import { RULES } from '../../rules/index.ts';
import type { Finding } from '../../scanner/finding.ts';
import type { Provenance } from '../../scanner/provenance.ts';
import type { ScanResult } from '../../scanner/result.ts';
import { scan } from '../../scanner/scan.ts';
import { secretlintScanner } from '../../scanner/secret/secretlint.ts';

/** What a judgement may be asked under, beside the bytes. */
export interface Circumstances {
  /** A level, or the text of a policy file; default: level restricted, the one that has something against most. */
  readonly policy?: PolicySource;
  readonly provenance?: Provenance['status'];
  /** Ids of the rules that run; default: all. */
  readonly rules?: readonly string[];
}

/** What some rules find in some bytes. */
export async function findingsOf(bytes: Uint8Array, circumstances: Circumstances = {}): Promise<readonly Finding[]> {
  const { findings } = await scanBytes(bytes, circumstances);
  return findings.filter(({ rule }) => circumstances.rules?.includes(rule) ?? true);
}

/** Scans bytes as the command line does. A bug inside fails the test. */
export async function scanBytes(bytes: Uint8Array, { policy = { kind: 'level', name: 'restricted' }, provenance = 'unknown', rules }: Circumstances = {}): Promise<ScanResult> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const bugs: unknown[] = [];
  const result = await scan({ name: 'example.wasm', bytes, digest }, {
    policies: (await compilePolicies([policy])).given,
    rules: RULES.filter(({ id }) => rules?.includes(id) ?? true),
    now: '2026-01-01T00:00:00Z',
    provenance: { status: provenance },
    inflate,
    secretScanner: secretlintScanner,
    onBug: (error) => bugs.push(error),
  });
  if (bugs.length > 0) throw new Error('The scan broke', { cause: bugs[0] });
  return result;
}

function inflate(bytes: Uint8Array, limit: number): Uint8Array | null {
  try {
    return inflateSync(bytes, { maxOutputLength: limit });
  } catch {
    return null;
  }
}
