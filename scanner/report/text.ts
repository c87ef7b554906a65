import { SEVERITIES, type Severity } from '../severity.ts';
import { compareFindings, type Finding } from '../finding.ts';
import { leavesUnread, type Problem } from '../problem.ts';
import type { Verdict } from '../result.ts';
import { capabilitiesInWords } from './capability-words.ts';
import type { CarrierEntry, RuntimeEntry, ScanEntry } from './entry.ts';
import type { Paint, ReportContext, ReportWriter, Tone } from './format.ts';
import { harmless, harmlessName } from './harmless.ts';
import { repeats } from './repeats.ts';
import { columns, hang, humanSize, wrap } from './layout.ts';
import { count, headline } from './summary.ts';

/** Findings of one rule shown in full for one artifact; the rest is counted. */
const SHOWN_PER_RULE = 5;
const VERDICT_WORDS: Record<Verdict, { word: string; tone: Tone }> = {
  allow: { word: 'ALLOW', tone: 'good' },
  warn: { word: 'WARN', tone: 'caution' },
  deny: { word: 'DENY', tone: 'bad' },
  error: { word: 'NOT ANALYSED', tone: 'unknown' },
};
const SEVERITY_TONES: Record<Severity, Tone> = { error: 'bad', warning: 'caution', note: 'dim' };

/** The report for people: verdict first, then what the artifact is, what it can do, and what was found, worst first. */
export function textReport(context: ReportContext): ReportWriter {
  let first = true;
  const isRepeat = repeats();
  return {
    add(entry) {
      const lead = first ? '' : '\n';
      first = false;
      return `${lead}${entryLines(entry, { ...context, isRepeat }).join('\n')}\n`;
    },
    end(summary) {
      const help = summary.findings.error + summary.findings.warning > 0 ? `${context.paint('dim', 'wasmgate rules <id> explains a rule')}\n` : '';
      return `${first ? '' : '\n'}${context.paint('bold', headline(summary))}\n${help}`;
    },
  };
}

interface TextContext extends ReportContext {
  /** Whether the same line of a manifest has been said to be wrong in the same words, for another module. */
  readonly isRepeat: (finding: Finding) => boolean;
}

function entryLines(entry: ScanEntry, context: TextContext): string[] {
  const { width, paint } = context;
  const { word, tone } = VERDICT_WORDS[entry.verdict];
  const lines = [`${paint(tone, word)}  ${paint('bold', harmlessName(entry.artifact.name, 200))}`];
  for (const sentence of aboutSentences(entry)) lines.push(...hang('  ', sentence, width));
  lines.push(...reasonLines(entry, context));
  lines.push(...capabilityLines(entry, context));
  lines.push(...snapshotLines(entry, context));
  lines.push(...problemLines(entry.problems, context));
  lines.push(...findingLines(entry.findings, context));
  return lines;
}

/** What it is, where it is from and what judged it, a sentence each; harmless. */
export function aboutSentences(entry: ScanEntry): string[] {
  const sentences: string[] = [];
  if (entry.artifact.size !== null) sentences.push(`${kindWords(entry)}, ${humanSize(entry.artifact.size)}${builtWith(entry)}`);
  else if (entry.format !== null) sentences.push(entry.carrier?.role === 'native' ? 'Native code, which is not looked into' : `No Wasm in this ${harmlessName(entry.format, 80)}`);
  if (entry.carrier !== null) sentences.push(carrierSentence(entry.carrier));
  if (entry.runtime !== null && entry.runtime.version !== null) sentences.push(`To run on ${runtimeWords(entry.runtime)}`);
  if (entry.provenance.authorities.length > 0) sentences.push(`Vouched for by ${listed(entry.provenance.authorities, 4)}`);
  if (entry.policies.length > 0) sentences.push(`Judged by ${entry.policies.map((policy) => harmlessName(policy.name)).join(', ')}`);
  return sentences;
}

/** For example `wasmtime 36.0.2, as runtimes were known on 2026-08-31`. */
function runtimeWords({ name, version, dataDate }: RuntimeEntry): string {
  return `${harmlessName(`${name} ${version}`, 80)}, as runtimes were known on ${dataDate}`;
}

/** What deploys it, and where that is written. */
function carrierSentence({ kind, namespace, name, file, line, role }: CarrierEntry): string {
  const owner = `${harmlessName(kind, 80)} ${harmlessName(namespace === undefined ? name : `${namespace}/${name}`, 120)}`;
  const as = role === 'module' ? '' : ` as ${role === 'native' ? 'native code' : role}`;
  return `Deployed by ${owner}${as}, ${harmlessName(file, 200)}:${line}`;
}

/** For example `WebAssembly component written in Rust, for wasi-0.2`. */
export function kindWords(entry: Pick<ScanEntry, 'kind' | 'format' | 'abis' | 'languages'>): string {
  if (entry.kind === 'native' || entry.kind === 'unknown') return entry.format === null ? 'Unknown bytes' : harmlessName(capitalised(entry.format), 80);
  const kind = { module: 'WebAssembly module', component: 'WebAssembly component', 'wit-package': 'WIT package (types only)' }[entry.kind];
  const languages = entry.languages.length > 0 ? ` written in ${listed(entry.languages, 3)}` : '';
  const abis = entry.abis.length > 0 ? `, for ${listed(entry.abis, 4)}` : '';
  return kind + languages + abis;
}

function builtWith(entry: ScanEntry): string {
  return entry.tools.length > 0 ? `, built with ${listed(entry.tools.map((tool) => `${tool.name} ${tool.version}`.trim()), 4)}` : '';
}

/** The first few, made harmless; the others are counted, since producers sections can list anything. */
function listed(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).map((name) => harmlessName(name, 60));
  return names.length > most ? `${shown.join(', ')} and ${names.length - most} more` : shown.join(', ');
}

/** What the snapshot beside the artifact says of its capabilities. */
function snapshotLines({ snapshot }: ScanEntry, { width, paint }: ReportContext): string[] {
  if (!snapshot) return [];
  const gone = snapshot.removed.length > 0 ? `gone: ${snapshot.removed.join(', ')}` : '';
  const added = snapshot.added.length > 0 ? paint('caution', `new: ${snapshot.added.join(', ')}`) : '';
  const change = [added, gone].filter(Boolean).join('; ') || 'nothing new';
  return hang('  ', `Since ${harmlessName(snapshot.file)}: ${change}`, width);
}

/** Reasons, unless the findings below say the same. */
function reasonLines(entry: ScanEntry, { width, paint }: ReportContext): string[] {
  const let_through = entry.verdict === 'error' && !entry.blocked ? ['The policy lets through what could not be analysed'] : [];
  const told = new Set([...entry.findings, ...entry.problems].map((one) => one.message));
  const reasons = entry.reasons.filter((reason) => ![...told].some((message) => reason.includes(message)));
  const shown = entry.findings.some((finding) => !finding.waived && finding.severity !== 'note') && entry.verdict !== 'error' ? [] : reasons;
  return [...shown, ...let_through].flatMap((reason) => hang('  ', harmlessName(reason, 600), width).map((line) => paint(entry.verdict === 'allow' ? 'dim' : 'bold', line)));
}

function capabilityLines(entry: ScanEntry, context: ReportContext): string[] {
  const groups = capabilitiesInWords(entry.capabilities);
  const wasm = entry.kind === 'module' || entry.kind === 'component';
  const complete = !entry.problems.some(leavesUnread);
  if (!wasm || (groups.length === 0 && !complete)) return [];
  if (groups.length === 0) return [`  ${context.paint('dim', 'Can do     only compute: it asks the host for nothing')}`];
  const lines = groups.flatMap(({ group, words }, index) => {
    const lead = `  ${index === 0 ? 'Can do' : '      '}     ${group.padEnd(10)} `;
    return hang(lead, words.map((word) => harmlessName(word, 80)).join(', '), context.width);
  });
  return lines.map((line) => line.replace('  Can do', () => `  ${context.paint('name', 'Can do')}`));
}

/** Problems of the input, the first few, for people. */
export function problemLines(problems: readonly Problem[], { width, paint }: Pick<ReportContext, 'width' | 'paint'>): string[] {
  const shown = problems.slice(0, SHOWN_PER_RULE).flatMap((problem) => {
    const place = `at 0x${problem.offset.toString(16)}${problem.section === null ? '' : `, ${harmlessName(problem.section, 60)} section`}`;
    return hang(`  ${'problem'.padEnd(8)} `, `${harmlessName(problem.message, 300)} (${problem.code}, ${place})`, width);
  });
  const rest = problems.length - SHOWN_PER_RULE;
  const lines = shown.map((line) => line.replace(/^ {2}problem/, () => `  ${paint('unknown', 'problem')}`));
  return rest > 0 ? [...lines, `           ${paint('dim', `and ${count(rest, 'more problem')}`)}`] : lines;
}

function findingLines(findings: readonly Finding[], context: TextContext): string[] {
  const live = findings.filter((finding) => !finding.waived).sort(bySeverity);
  const lines: string[] = [];
  const shown = new Map<string, number>();
  const hidden = new Map<string, number>();
  for (const finding of live.filter((one) => one.severity !== 'note')) {
    const seen = (shown.get(finding.rule) ?? 0) + 1;
    shown.set(finding.rule, seen);
    if (seen > SHOWN_PER_RULE) hidden.set(finding.rule, (hidden.get(finding.rule) ?? 0) + 1);
    else lines.push('', ...(context.isRepeat(finding) ? repeatedFinding(finding, context) : oneFinding(finding, context)));
  }
  for (const [rule, number] of hidden) lines.push('', `  ${context.paint('dim', `and ${count(number, 'more finding')} of ${rule}`)}`);
  return [...lines, ...noteLines(live.filter((one) => one.severity === 'note'), context), ...waivedLines(findings, context)];
}

/** Its message and its fix stand above. */
function repeatedFinding(finding: Finding, { width, paint }: ReportContext): string[] {
  const indent = ' '.repeat(11);
  return [...headLines(finding, { width, indent, paint }), `${indent}${paint('dim', 'as told above')}`];
}

function oneFinding(finding: Finding, { width, paint }: ReportContext): string[] {
  const indent = ' '.repeat(11);
  const lines = headLines(finding, { width, indent, paint });
  lines.push(...wrap(harmlessName(finding.message, 800), width - indent.length).map((line) => indent + line));
  if (finding.fix !== '') lines.push(...fixLines(finding.fix, { width, indent, paint }));
  return lines;
}

/** The place stands behind the rule where there is room, else below it. */
function headLines(finding: Finding, { width, indent, paint }: { width: number; indent: string; paint: Paint }): string[] {
  const rule = harmlessName(finding.rule, 60);
  const where = place(finding);
  const head = `  ${paint(SEVERITY_TONES[finding.severity], finding.severity.padEnd(8))} ${paint('bold', rule)}`;
  if (where === '') return [head];
  if (columns(indent + rule) + 2 + columns(where) <= width) return [`${head}  ${paint('dim', where)}`];
  return [head, ...wrap(where, width - indent.length).map((line) => indent + paint('dim', line))];
}

function fixLines(fix: string, { width, indent, paint }: { width: number; indent: string; paint: Paint }): string[] {
  const lines = hang(`${indent}fix: `, harmlessName(fix, 600), width);
  return lines.map((line, index) => (index === 0 ? line.replace('fix:', () => paint('good', 'fix:')) : line));
}

function place(finding: Finding): string {
  const { path, offset, source } = finding.location;
  if (source !== undefined) return `${harmlessName(source.file, 160)}:${source.line}:${source.column}`;
  return path === 'file' ? '' : `${harmlessName(path, 120)} at 0x${offset.toString(16)}`;
}

/** Notes never decide anything, so each rule gets one line. */
function noteLines(notes: readonly Finding[], { width, paint }: ReportContext): string[] {
  const byRule = Map.groupBy(notes, (note) => note.rule);
  const lines = [...byRule].flatMap(([rule, found]) => {
    const more = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
    return hang(`  ${'note'.padEnd(8)} `, `${harmless(rule)}: ${harmlessName(found[0]?.message ?? '', 160)}${more}`, width);
  });
  return lines.length > 0 ? ['', ...lines.map((line) => paint('dim', line))] : [];
}

function waivedLines(findings: readonly Finding[], { width, paint }: ReportContext): string[] {
  return findings.flatMap(({ rule, waived }) => {
    if (!waived) return [];
    const from = waived.source === undefined ? '' : ` (accepted in ${harmlessName(waived.source, 100)})`;
    return hang(`  ${'waived'.padEnd(8)} `, `${harmless(rule)} until ${harmless(waived.expires)} by ${harmlessName(waived.owner, 60)}: ${harmlessName(waived.reason)}${from}`, width).map((line) => paint('dim', line));
  });
}

function bySeverity(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || compareFindings(a, b);
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
