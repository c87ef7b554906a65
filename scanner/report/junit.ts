import type { RuleMetadata } from '../rule.ts';
import { atLeast } from '../severity.ts';
import type { ScanEntry } from './entry.ts';
import type { ReportContext, ReportWriter } from './format.ts';
import { harmless } from './harmless.ts';
import { rowsOf, type ReportRow } from './rows.ts';
import { waivedWords } from './waived-words.ts';

/** Findings of one rule whose text is written; the others are counted. */
const SHOWN_PER_RULE = 50;

/**
 * JUnit XML: a test suite for each artifact, a test case for each rule, passed ones too where it was analysed. What denies is a failure, what could not be
 * analysed an error, what was waived is skipped; warnings and notes pass and stand in the output of their test case.
 */
export function junitReport({ rules, sarif: { relativePath } }: ReportContext): ReportWriter {
  let started = false;
  return {
    add(entry) {
      const lead = started ? '' : '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="wasmgate">\n';
      started = true;
      return lead + suite(entry, rules, rowsOf(entry, relativePath));
    },
    end: () => (started ? '</testsuites>\n' : '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="wasmgate"/>\n'),
  };
}

type Outcome = 'passed' | 'failure' | 'error' | 'skipped';
interface Case { readonly name: string; readonly family: string; readonly rows: readonly ReportRow[]; readonly outcome: Outcome }

function suite({ artifact: { name }, verdict }: ScanEntry, rules: readonly RuleMetadata[], rows: readonly ReportRow[]): string {
  const byRule = Map.groupBy(rows, ({ rule }) => rule);
  const families = new Map(rules.map(({ id, family }) => [id, family]));
  // Of what was not analysed no rule can be said to have passed.
  const names = [...new Set([...byRule.keys(), ...(verdict === 'error' ? [] : families.keys())])].sort();
  const cases = names.map((id): Case => ({ name: id, family: families.get(id) ?? 'artifact', rows: byRule.get(id) ?? [], outcome: outcomeOf(byRule.get(id) ?? []) }));
  const number = (outcome: Outcome): number => cases.filter((one) => one.outcome === outcome).length;
  const counts = `tests="${cases.length}" failures="${number('failure')}" errors="${number('error')}" skipped="${number('skipped')}"`;
  return `  <testsuite name="${xml(name)}" ${counts} time="0">\n${cases.map(testCase).join('')}  </testsuite>\n`;
}

function outcomeOf(rows: readonly ReportRow[]): Outcome {
  const live = rows.filter(({ finding }) => !finding?.waived);
  if (live.some(({ rule, severity }) => rule === 'not-analysed' && severity === 'error')) return 'error';
  if (live.some(({ severity }) => atLeast(severity, 'error'))) return 'failure';
  return live.length === 0 && rows.length > 0 ? 'skipped' : 'passed';
}

function testCase({ name, family, rows, outcome }: Case): string {
  const head = `    <testcase classname="${xml(`wasmgate.${family}`)}" name="${xml(name)}" time="0"`;
  if (rows.length === 0) return `${head}/>\n`;
  return `${head}>${content(rows, outcome)}</testcase>\n`;
}

function content(rows: readonly ReportRow[], outcome: Outcome): string {
  const shown = rows.slice(0, SHOWN_PER_RULE).map(rowText);
  const rest = rows.length > shown.length ? [`and ${rows.length - shown.length} more`] : [];
  const text = xml([...shown, ...rest].join('\n'));
  const first = rows[0]!;
  if (outcome === 'passed') return `<system-out>${text}</system-out>`;
  if (outcome === 'skipped') return `<skipped message="${xml(`Waived: ${first.finding?.waived ? waivedWords(first.finding.waived) : ''}`)}"/>`;
  return `<${outcome} message="${xml(first.message)}" type="${xml(first.rule)}">${text}</${outcome}>`;
}

function rowText({ severity, message, place, fix, finding }: ReportRow): string {
  const waived = finding?.waived ? ' (waived)' : '';
  return `${severity}${waived}: ${message}${place === '' ? '' : ` [${place}]`}${fix === '' ? '' : `\n  fix: ${fix}`}`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** Text and attribute values: markup escaped, and no character that XML 1.0 section 2.2 forbids. Line ends are ours and stay. */
function xml(text: string): string {
  const clean = text.split('\n').map(harmless).join('\n').replace(/[\ufffe\uffff]/g, (found) => `\\u${found.charCodeAt(0).toString(16)}`);
  return clean.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found);
}
