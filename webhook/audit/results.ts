import type { Finding } from '../../scanner/finding.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { harmlessName } from '../../scanner/report/harmless.ts';
import type { Judged, JudgedObject } from '../admission/judged.ts';
import { fieldOf, type Point, pointsOf, shortName } from '../admission/points.ts';
import { AUDIT_LIMITS } from '../limits.ts';
import { concernsWasm } from './judge-cluster.ts';

/** What one thing says about one object, in the words of the report APIs. */
export interface ReportResult {
  readonly source: 'wasmgate';
  readonly policy: string;
  readonly rule?: string;
  readonly category: 'WebAssembly';
  readonly severity?: 'high' | 'medium';
  readonly result: ResultWord;
  readonly scored: boolean;
  readonly message: string;
  /** Texts by key, few and short: etcd holds them once per object. */
  readonly properties: Readonly<Record<string, string>>;
}

export const RESULT_WORDS = ['fail', 'error', 'warn', 'skip', 'pass'] as const;
export type ResultWord = (typeof RESULT_WORDS)[number];

/** How often each result occurs, whether it is listed or not. */
export type ResultSummary = Readonly<Record<ResultWord, number>>;

/** What a report says of one object. Empty: it has nothing to do with Wasm. */
export function resultsOf({ judged, faults }: JudgedObject): { readonly results: readonly ReportResult[]; readonly summary: ResultSummary } {
  const concerned = judged.filter(concernsWasm);
  const all = unique([...concerned.flatMap(resultsOfOne), ...(concerned.length === 0 ? [] : faults.map(faultResult))]);
  const summary = { fail: 0, error: 0, warn: 0, skip: 0, pass: 0 };
  for (const { result } of all) summary[result]++;
  const worstFirst = RESULT_WORDS.flatMap((word) => all.filter(({ result }) => result === word));
  return { results: worstFirst.slice(0, AUDIT_LIMITS.results), summary };
}

function resultsOfOne(judged: Judged): readonly ReportResult[] {
  const { enforce, warn, audit } = judged;
  const enforced = entryResults(enforce, judged, 'enforce');
  const others = ([['warn', warn], ['audit', audit]] as const).flatMap(([mode, entry]) => (entry === null || entry === enforce || entry.verdict === 'allow' ? [] : entryResults(entry, judged, mode)));
  return [...enforced, ...others];
}

type Mode = 'enforce' | 'warn' | 'audit';

function entryResults(entry: ScanEntry, judged: Judged, mode: Mode): readonly ReportResult[] {
  const base = baseOf(entry, judged, mode);
  const against = pointsOf(entry, fieldOf(judged), 'all').map((point) => pointResult(point, entry, { base, mode }));
  const waived = mode === 'enforce' ? entry.findings.flatMap((finding) => waivedResult(finding, base)) : [];
  const clean: readonly ReportResult[] = against.length === 0 && mode === 'enforce' ? [{ ...base, result: 'pass', message: `${shortName(entry, AUDIT_LIMITS.property)} may run` }] : [];
  return [...against, ...waived, ...clean];
}

type Base = Pick<ReportResult, 'source' | 'policy' | 'category' | 'scored' | 'properties'>;

function baseOf(entry: ScanEntry, { rootDigest }: Judged, mode: Mode): Base {
  const properties = {
    artifact: shortName(entry, AUDIT_LIMITS.property),
    ...(entry.artifact.digest === null ? {} : { digest: entry.artifact.digest }),
    ...(rootDigest === null ? {} : { image: rootDigest }),
    verdict: entry.verdict,
    ...(mode === 'enforce' ? {} : { mode }),
  };
  const policy = harmlessName(entry.policies.map(({ name }) => name).join(', ') || 'none', AUDIT_LIMITS.policy);
  return { source: 'wasmgate', policy, category: 'WebAssembly', scored: mode === 'enforce', properties };
}

/** Of labels that only warn or list nothing fails. What was not analysed is an error, never a failure, and never clean. */
function pointResult({ rule, severity, message, field, count, fix }: Point, entry: ScanEntry, { base, mode }: { readonly base: Base; readonly mode: Mode }): ReportResult {
  const unread = entry.verdict === 'error' && severity === 'error' && !entry.findings.some((finding) => finding.rule === rule);
  const result = unread ? 'error' : mode === 'enforce' && severity === 'error' ? 'fail' : 'warn';
  const properties = { ...base.properties, ...(field === '' ? {} : { field: harmlessName(field, AUDIT_LIMITS.property) }), ...(count > 1 ? { count: String(count) } : {}) };
  return { ...base, rule, severity: severity === 'error' ? 'high' : 'medium', result, message: harmlessName(fix === '' ? message : `${message}. ${fix}`, AUDIT_LIMITS.message), properties };
}

function waivedResult({ rule, message, waived }: Finding, base: Base): readonly ReportResult[] {
  if (waived === undefined) return [];
  const { reason, owner, expires } = waived;
  const text = `Waived until ${expires} by ${owner}: ${reason}. ${message}`;
  return [{ ...base, rule: harmlessName(rule), result: 'skip', message: harmlessName(text, AUDIT_LIMITS.message), properties: { ...base.properties, waiver: harmlessName(owner, AUDIT_LIMITS.property), expires: harmlessName(expires) } }];
}

function faultResult(fault: string): ReportResult {
  return { source: 'wasmgate', policy: 'strictest', rule: 'unreadable-setting', category: 'WebAssembly', severity: 'medium', result: 'warn', scored: true, message: harmlessName(fault, AUDIT_LIMITS.message), properties: {} };
}

/** Containers that run the same image say the same. */
function unique(results: readonly ReportResult[]): readonly ReportResult[] {
  return [...new Map(results.map((result) => [JSON.stringify(result), result])).values()];
}
