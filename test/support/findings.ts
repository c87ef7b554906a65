import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { compilePolicies, type PolicySource } from '../../engine/policies.ts';
import { RULES } from '../../rules/index.ts';
import { parseRuntime, type NamedRuntime } from '../../scanner/facts/runtimes/runtime.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import type { Finding } from '../../scanner/finding.ts';
import { UNKNOWN_PROVENANCE, type Provenance } from '../../scanner/provenance.ts';
import type { ScanResult } from '../../scanner/result.ts';
import { scan } from '../../scanner/scan.ts';
import type { AdvisorySource, ScanContext } from '../../scanner/scan-context.ts';
import { scanUnopened } from '../../scanner/scan-surroundings.ts';
import type { Surroundings } from '../../scanner/artifact.ts';
import type { CarrierFact, TargetProfile } from '../../scanner/carrier.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import { secretlintScanner } from '../../scanner/secret/secretlint.ts';

/** What a judgement may be asked under, beside the bytes. */
export interface Circumstances {
  /** A level, or the text of a policy file; default: level restricted, the one that has something against most. */
  readonly policy?: PolicySource;
  /** A status, with nothing behind it, or all of it. */
  readonly provenance?: Provenance['status'] | Provenance;
  readonly packaging?: Packaging;
  readonly carrier?: CarrierFact;
  /** The host that the user names. */
  readonly targetProfile?: TargetProfile;
  /** The runtime that the user names, as on the command line. */
  readonly runtime?: string;
  /** ISO 8601; default: the start of 2026. */
  readonly now?: string;
  /** Advisories that the user gave. */
  readonly advisories?: AdvisorySource;
  /** Default: `example.wasm`. */
  readonly name?: string;
  /** What policies match; default: the name. */
  readonly reference?: string;
  /** Ids of the rules that run; default: all. */
  readonly rules?: readonly string[];
}

/** What some rules find in some bytes. */
export async function findingsOf(bytes: Uint8Array, circumstances: Circumstances = {}): Promise<readonly Finding[]> {
  const { findings } = await scanBytes(bytes, circumstances);
  return findings.filter(({ rule }) => circumstances.rules?.includes(rule) ?? true);
}

/** What some rules find where the bytes could not be had: an unseen volume, or what `failure` says. */
export async function findingsUnopened(circumstances: Circumstances = {}): Promise<readonly Finding[]> {
  const failure = { kind: 'unseen', code: 'unseen', message: 'Only the node can see it' } as const;
  const { findings } = await withContext(circumstances, (context) => scanUnopened({ ...surroundings(circumstances), failure }, context));
  return findings;
}

/** A result whose facts are at hand whole, because nothing was kept of an earlier run. */
export type ScannedBytes = Omit<ScanResult, 'facts'> & { readonly facts: Facts | null };

/** Scans bytes as the command line does. A bug inside fails the test. */
export async function scanBytes(bytes: Uint8Array, circumstances: Circumstances = {}): Promise<ScannedBytes> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return await withContext(circumstances, (context) => scan({ ...surroundings(circumstances), bytes, digest }, context)) as ScannedBytes;
}

function surroundings({ name = 'example.wasm', reference, packaging, carrier }: Circumstances): Surroundings & { readonly name: string } {
  return { name, ...(reference !== undefined && { reference }), ...(packaging && { packaging }), ...(carrier && { carrier }) };
}

async function withContext({ policy = { kind: 'level', name: 'restricted' }, provenance = 'unknown', rules, advisories, targetProfile, runtime, now = '2026-01-01T00:00:00Z' }: Circumstances, run: (context: ScanContext) => ScanResult | Promise<ScanResult>): Promise<ScanResult> {
  const bugs: unknown[] = [];
  const result = await run({
    policies: (await compilePolicies([policy])).given,
    ...(targetProfile === undefined ? {} : { targetProfile }),
    ...(advisories && { advisories }),
    rules: RULES.filter(({ id }) => rules?.includes(id) ?? true),
    ...(runtime === undefined ? {} : { runtime: named(runtime) }),
    now,
    provenance: () => (typeof provenance === 'string' ? { ...UNKNOWN_PROVENANCE, status: provenance } : provenance),
    inflate,
    secretScanner: secretlintScanner,
    onBug: (error) => bugs.push(error),
  });
  if (bugs.length > 0) throw new Error('The scan broke', { cause: bugs[0] });
  return result;
}

function named(text: string): NamedRuntime {
  const runtime = parseRuntime(text);
  if (typeof runtime === 'string') throw new Error(runtime);
  return runtime;
}

function inflate(bytes: Uint8Array, limit: number): Uint8Array | null {
  try {
    return inflateSync(bytes, { maxOutputLength: limit });
  } catch {
    return null;
  }
}
