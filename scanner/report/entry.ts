import type { Failure, Surroundings, Unopened, WithoutWasm } from '../artifact.ts';
import type { CarrierFact } from '../carrier.ts';
import type { Finding } from '../finding.ts';
import type { Packaging } from '../packaging.ts';
import type { RuntimeFact } from '../facts/runtimes/model.ts';
import { BYTES_MISSING } from '../policy/judge.ts';
import type { Problem } from '../problem.ts';
import { UNKNOWN_PROVENANCE, type Provenance } from '../provenance.ts';
import type { ScanResult, Verdict } from '../result.ts';
import { compareSnapshot } from '../snapshot.ts';
import type { EntryDetail } from './entry-detail.ts';

/**
 * One element of `results` in a report: a scan result as plain data, without the facts, so that it can be written,
 * sent between threads and read by every format. Optional parts are null, never missing.
 */
export interface ScanEntry {
  readonly artifact: { readonly name: string; readonly digest: string | null; readonly size: number | null };
  /** `unknown` also when the bytes could not be had. */
  readonly kind: 'module' | 'component' | 'wit-package' | 'native' | 'unknown';
  /** What native or unknown bytes are, in words; null for Wasm. */
  readonly format: string | null;
  readonly verdict: Verdict;
  readonly blocked: boolean;
  readonly reasons: readonly string[];
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  readonly capabilities: readonly string[];
  readonly abis: readonly string[];
  readonly features: readonly string[];
  readonly languages: readonly string[];
  readonly tools: readonly { readonly name: string; readonly version: string }[];
  /** The runtime that will run it, and of which day the tables of runtimes are; null: not known. */
  readonly runtime: RuntimeEntry | null;
  readonly provenance: Provenance;
  readonly policies: readonly { readonly name: string; readonly hash: string }[];
  /** What changed since the capability snapshot beside the artifact; null where there is none. */
  readonly snapshot: SnapshotChange | null;
  readonly failure: Failure | null;
  /** What brings it into a cluster; null where no manifest does. */
  readonly carrier: CarrierEntry | null;
  /** How it was packed; null for plain files. */
  readonly package: PackageEntry | null;
  /** Only where a format asks for it; never part of JSON. */
  readonly detail?: EntryDetail;
}

/** A carrier as reports show it: the contract of `carriers` in `inspect`. */
export type CarrierEntry = Pick<CarrierFact, 'file' | 'document' | 'pointer' | 'line' | 'column' | 'apiVersion' | 'kind' | 'name' | 'reference' | 'scheme' | 'pinned' | 'certain' | 'signals' | 'role'> & { readonly namespace?: string };

export type PackageEntry = Pick<Packaging, 'form' | 'repository' | 'rootDigest' | 'manifestDigest' | 'platform' | 'layer' | 'path' | 'entryPoint'>;

export interface SnapshotChange {
  readonly file: string;
  /** Lines of the file. */
  readonly capabilities: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export type RuntimeEntry = Pick<RuntimeFact, 'name' | 'version' | 'dataDate'>;

/** The entry of an artifact that was had. */
export function scanEntry(result: ScanResult, surroundings: Surroundings = {}): ScanEntry {
  const { facts, verdict, blocked, reasons, findings, problems, capabilities, provenance, policies } = result;
  return {
    artifact: { name: result.artifact.name, digest: result.artifact.digest, size: result.artifact.size },
    kind: facts?.kind ?? 'unknown',
    format: facts?.format ?? null,
    verdict, blocked, reasons, findings, problems, capabilities,
    abis: facts?.abis ?? [],
    features: facts?.features.map((use) => use.feature) ?? [],
    languages: facts?.languages ?? [],
    tools: uniqueTools(facts?.tools ?? []),
    runtime: facts?.runtime ? runtimeEntry(facts.runtime) : null,
    provenance, policies,
    snapshot: facts?.snapshot ? { ...facts.snapshot, ...compareSnapshot(facts.snapshot, facts.capabilities) } : null,
    failure: null,
    ...surroundingsEntry(surroundings),
  };
}

/** The entry as the JSON contract has it, whatever other formats were asked for. */
export function plainEntry(entry: ScanEntry): Omit<ScanEntry, 'detail'> {
  const { detail: _, ...plain } = entry;
  return plain;
}

/** The entry of one whose bytes could not be had, judged by what is known of it. */
export function unopenedEntry(result: ScanResult, unopened: Unopened): ScanEntry {
  const reasons = result.reasons.filter((reason) => reason !== BYTES_MISSING);
  return { ...scanEntry(result, unopened), reasons: [unopened.failure.message, ...reasons], failure: unopened.failure };
}

/** The entry of a package that holds no Wasm. */
export function withoutWasmEntry(result: ScanResult, { withoutWasm: { digest, title }, ...empty }: WithoutWasm): ScanEntry {
  return { ...scanEntry(result, empty), artifact: { name: empty.name, digest, size: null }, format: title };
}

/** What the report says of where an artifact comes from. */
export function surroundingsEntry({ carrier, packaging }: Surroundings): Pick<ScanEntry, 'carrier' | 'package'> {
  return { carrier: carrier ? carrierEntry(carrier) : null, package: packaging ? packageEntry(packaging) : null };
}

/** A carrier as plain data of a report. */
export function carrierEntry({ file, document, pointer, line, column, apiVersion, kind, namespace, name, reference, scheme, pinned, certain, signals, role }: CarrierFact): CarrierEntry {
  return { file, document, pointer, line, column, apiVersion, kind, ...(namespace !== null && { namespace }), name, reference, scheme, pinned, certain, signals, role };
}

function packageEntry({ form, repository, rootDigest, manifestDigest, platform, layer, path, entryPoint }: Packaging): PackageEntry {
  return { form, repository, rootDigest, manifestDigest, platform, layer, path, entryPoint };
}

/**
 * The entry of an artifact whose bytes could not be had, or whose scan broke off: not analysed, and never clean. The judgement
 * is what the policies make of nothing; its reasons give way to the message.
 */
export function failureEntry(name: string, failure: Failure, judgement: { readonly blocked: boolean; readonly policies: ScanEntry['policies'] }): ScanEntry {
  return {
    artifact: { name, digest: null, size: null }, kind: 'unknown', format: null,
    verdict: 'error', blocked: judgement.blocked, reasons: [failure.message],
    findings: [], problems: [], capabilities: [], abis: [], features: [], languages: [], tools: [], runtime: null,
    provenance: UNKNOWN_PROVENANCE, policies: judgement.policies, snapshot: null, failure, carrier: null, package: null,
  };
}

/** A runtime as reports show it. */
function runtimeEntry({ name, version, dataDate }: RuntimeFact): RuntimeEntry {
  return { name, version, dataDate };
}

function uniqueTools(tools: readonly { name: string; version: string }[]): { name: string; version: string }[] {
  const seen = new Map<string, { name: string; version: string }>();
  for (const { name, version } of tools) seen.set(`${name} ${version}`, { name, version });
  return [...seen.values()];
}
