import { Ajv2020 } from 'ajv/dist/2020.js';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../rules/index.ts';
import type { Finding } from '../../scanner/finding.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import type { ReportContext } from '../../scanner/report/format.ts';
import { sarifReport } from '../../scanner/report/sarif/sarif.ts';
import type { SarifLog, SarifRun } from '../../scanner/report/sarif/types.ts';
import { addToSummary, emptySummary } from '../../scanner/report/summary.ts';
import { ROOT } from './imports.ts';
import { UNKNOWN_PROVENANCE } from '../../scanner/provenance.ts';

/** A made-up entry; what a test says of it wins. */
export function entryOf(name: string, given: Partial<ScanEntry> = {}): ScanEntry {
  return {
    artifact: { name, digest: `sha256:${createHash('sha256').update(name).digest('hex')}`, size: 1000 }, kind: 'module', format: null,
    verdict: 'allow', blocked: false, reasons: [], findings: [], problems: [], capabilities: [], abis: [], features: [], languages: [], tools: [], runtime: null,
    provenance: UNKNOWN_PROVENANCE, policies: [], snapshot: null, failure: null, carrier: null, package: null, ...given,
  };
}

/** A made-up finding; what a test says of it wins. */
export function findingOf(given: Partial<Finding> = {}): Finding {
  return {
    rule: 'memory-unbounded', severity: 'warning', confidence: 'high', message: 'Memory 0 has no maximum', subject: 'memory 0',
    location: { path: 'memory[0]', offset: 20, length: 3 }, fix: 'Declare a maximum', ...given,
  };
}

/** The SARIF text for entries. Rules: all there are, unless given. */
export function sarifText(entries: readonly ScanEntry[], { rules = RULES, ...sarif }: Partial<ReportContext['sarif']> & { readonly rules?: ReportContext['rules'] } = {}): string {
  const writer = sarifReport({
    engineVersion: '0.1.0', policies: [{ name: 'baseline@v1', hash: 'sha256:0' }], rules, expected: entries.length, width: 80, paint: (_, text) => text,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    sarif: { profile: 'github', category: '', relativePath: (name) => name, ...sarif },
  });
  const summary = emptySummary();
  let text = '';
  for (const entry of entries) {
    addToSummary(summary, entry);
    text += writer.add(entry);
  }
  return text + writer.end(summary);
}

/** The one run of a SARIF text. */
export function runOf(text: string): SarifRun {
  return (JSON.parse(text) as SarifLog).runs[0]!;
}

const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  .compile(JSON.parse(readFileSync(join(ROOT, 'node_modules/@microsoft/sarif-multitool-ts/assets/sarif-2.1.0.schema.json'), 'utf8')) as object);

/** Where a SARIF text departs from the schema of the standard. */
export function schemaFaults(text: string): string[] {
  validate(JSON.parse(text));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
