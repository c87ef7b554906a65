import { compareFindings, type Finding } from '../finding.ts';
import { SEVERITIES, type Severity } from '../severity.ts';
import type { ScanEntry } from './entry.ts';
import { harmlessName } from './harmless.ts';
import { snapshotLine } from './sarif/place.ts';

/** One line of a report for machines that know only files, lines and texts. Texts are harmless. */
export interface ReportRow {
  /** Id of the rule; `not-analysed`, `denied` and `problem-<code>` say what no rule says. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fix: string;
  /** Stable name of what it is about. */
  readonly subject: string;
  /** Where in the binary or manifest, for people; may be empty. */
  readonly place: string;
  readonly spot: Spot;
  /** Null for what no rule says. */
  readonly finding: Finding | null;
}

/** A place in a file of the repository. */
export interface Spot {
  /** From the root of the repository, forward slashes. */
  readonly file: string;
  /** From 1; a binary has only line 1. */
  readonly line: number;
  /** From 1; null where only the line is known. */
  readonly column: number | null;
}

const MESSAGE_LENGTH = 1_000;
const PROBLEM_SEVERITIES: Readonly<Record<string, Severity>> = { malformed: 'error', unanalysed: 'warning', degraded: 'note' };

/** Everything to say of an artifact, worst first: findings, waived ones too, problems, and a denial or failure that neither explains. */
export function rowsOf(entry: ScanEntry, relativePath: (name: string) => string): ReportRow[] {
  const spot = artifactSpot(entry, relativePath);
  const findings = entry.findings.toSorted(compareFindings).map((finding) => findingRow(finding, findingSpot(finding, { entry, relativePath, spot })));
  return [...verdictRows(entry, spot), ...problemRows(entry, spot), ...findings].sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
}

/** The file that stands for an artifact: itself, the archive that holds it, or the line of the manifest that brings it. */
export function artifactSpot({ artifact: { name }, carrier }: Pick<ScanEntry, 'artifact' | 'carrier'>, relativePath: (name: string) => string): Spot {
  const path = relativePath(carrier?.file ?? name.split('!/')[0]!);
  return { file: harmlessName(path, 1_000), line: carrier?.line ?? 1, column: carrier?.column ?? null };
}

function verdictRows({ verdict, blocked, reasons, findings, problems }: ScanEntry, spot: Spot): ReportRow[] {
  const message = reasons.map((reason) => harmlessName(reason, MESSAGE_LENGTH)).join('; ');
  if (verdict === 'error') return [plainRow({ rule: 'not-analysed', severity: blocked ? 'error' : 'warning', message: `Not analysed: ${message}` }, spot)];
  const explained = findings.some(({ severity, waived }) => severity === 'error' && !waived) || problems.some(({ effect }) => effect === 'malformed');
  return verdict === 'deny' && !explained ? [plainRow({ rule: 'denied', severity: 'error', message: `Denied: ${message}` }, spot)] : [];
}

function problemRows({ problems }: ScanEntry, spot: Spot): ReportRow[] {
  return problems.map(({ code, message, offset, section, effect }) => ({
    ...plainRow({ rule: `problem-${code}`, severity: PROBLEM_SEVERITIES[effect] ?? 'warning', message: harmlessName(message, MESSAGE_LENGTH) }, spot),
    place: `${section === null ? '' : `${harmlessName(section, 80)} section `}at 0x${offset.toString(16)}`,
  }));
}

function plainRow(said: Pick<ReportRow, 'rule' | 'severity' | 'message'>, spot: Spot): ReportRow {
  return { ...said, fix: '', subject: said.message, place: '', spot, finding: null };
}

function findingRow(finding: Finding, spot: Spot): ReportRow {
  const { rule, severity, message, fix, subject } = finding;
  return { rule, severity, message: harmlessName(message, MESSAGE_LENGTH), fix: harmlessName(fix, MESSAGE_LENGTH), subject, place: placeWords(finding), spot, finding };
}

/** Where a finding is, for people: `import[3] env.f at 0x2a`, `pod.yaml:3:5`; '' for the whole file. */
export function placeWords({ location: { path, offset, source } }: Finding): string {
  if (source !== undefined) return `${harmlessName(source.file, 160)}:${source.line}:${source.column}`;
  return path === 'file' ? '' : `${harmlessName(path, 160)} at 0x${offset.toString(16)}`;
}

function findingSpot(finding: Finding, { entry, relativePath, spot }: { readonly entry: ScanEntry; readonly relativePath: (name: string) => string; readonly spot: Spot }): Spot {
  const { source } = finding.location;
  if (source !== undefined) return { file: harmlessName(relativePath(source.file), 1_000), line: source.line, column: source.column };
  const line = entry.carrier === null ? snapshotLine(entry, finding) : null;
  return line === null ? spot : { file: harmlessName(relativePath(entry.snapshot!.file), 1_000), line, column: null };
}
