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
}

/** Every finding about some bytes under the policy of a YAML text, or at level restricted. */
export async function findingsOf(bytes: Uint8Array, policyText: string | null = null): Promise<readonly Finding[]> {
  return (await scanBytes(bytes, policyText === null ? {} : { policy: { kind: 'file', name: 'policy.yaml', text: policyText } })).findings;
}

/** Scans bytes as the command line does. A bug inside fails the test. */
export async function scanBytes(bytes: Uint8Array, { policy = { kind: 'level', name: 'restricted' }, provenance = 'unknown' }: Circumstances = {}): Promise<ScanResult> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  const bugs: unknown[] = [];
  const result = await scan({ name: 'example.wasm', bytes, digest }, {
    policies: (await compilePolicies([policy])).given,
    rules: RULES,
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
