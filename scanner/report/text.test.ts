import { expect, test } from 'vitest';
import type { Finding } from '../finding.ts';
import type { ScanEntry } from './entry.ts';
import type { ReportContext } from './format.ts';
import { columns } from './layout.ts';
import { addToSummary, emptySummary } from './summary.ts';
import { textReport } from './text.ts';
import { UNKNOWN_PROVENANCE } from '../provenance.ts';

const CONTEXT: ReportContext = { engineVersion: '0', policies: [], rules: [], expected: 1, width: 80, paint: (_, text) => text, hash: (text) => text, sarif: { profile: 'github', category: '', relativePath: (name) => name } };

function entry(more: Partial<ScanEntry> = {}): ScanEntry {
  return {
    artifact: { name: 'app.wasm', digest: 'sha256:00', size: 1536 }, kind: 'module', format: null, verdict: 'allow', blocked: false, reasons: [],
    findings: [], problems: [], capabilities: [], abis: [], features: [], languages: [], tools: [], runtime: null, provenance: UNKNOWN_PROVENANCE,
    policies: [{ name: 'baseline@v1', hash: 'sha256:11' }], snapshot: null, failure: null, carrier: null, package: null, ...more,
  };
}

function finding(more: Partial<Finding> = {}): Finding {
  return {
    rule: 'capability-process-spawn', severity: 'error', confidence: 'high', message: 'Starts processes: env.spawn', subject: 'process-spawn',
    location: { path: 'import[0] env.spawn', offset: 31, length: 4 }, fix: 'Do not', ...more,
  };
}

function report(...entries: ScanEntry[]): string {
  const writer = textReport(CONTEXT);
  const summary = emptySummary();
  return entries.map((one) => (addToSummary(summary, one), writer.add(one))).join('') + writer.end(summary);
}

test('a clean module reads in a few lines', () => {
  expect(report(entry({ capabilities: ['stdio', 'fs-read', 'fs-write', 'clock-read'], languages: ['Rust'], abis: ['wasi-preview1'], tools: [{ name: 'rustc', version: '1.80.0' }] }))).toBe(`ALLOW  app.wasm
  WebAssembly module written in Rust, for wasi-preview1, 1.5 KiB, built with
  rustc 1.80.0
  Judged by baseline@v1
  Can do     Files      create, change and delete files, read files
             System     use standard input and output, read clocks

1 artifact: 1 allowed. No findings.
`);
});

test('the worst finding comes first, with its place and fix; notes take one line a rule', () => {
  const text = report(entry({
    verdict: 'deny', blocked: true,
    findings: [finding({ rule: 'a-note', severity: 'note', message: 'First' }), finding({ rule: 'a-note', severity: 'note', message: 'Second' }), finding({ rule: 'a-warning', severity: 'warning' }), finding()],
  }));
  expect(text).toMatch(/^DENY {2}app\.wasm\n/);
  expect(text).toContain(`
  error    capability-process-spawn  import[0] env.spawn at 0x1f
           Starts processes: env.spawn
           fix: Do not
`);
  expect(text.indexOf('error    ')).toBeLessThan(text.indexOf('warning  '));
  expect(text).toContain('  note     a-note: First (and 1 more)\n');
  expect(text).toMatch(/1 artifact: 1 denied\. 4 findings: 1 error, 1 warning, 2 notes\.\nwasmgate rules <id> explains a rule\n$/);
});

test('what was not analysed never looks clean', () => {
  const text = report(entry({ verdict: 'error', blocked: false, reasons: ['Cannot read app.wasm: permission denied'], failure: { kind: 'unreadable', code: 'EACCES', message: '' }, artifact: { name: 'app.wasm', digest: null, size: null }, kind: 'unknown' }));
  expect(text).toContain('NOT ANALYSED  app.wasm\n');
  expect(text).toContain('Cannot read app.wasm: permission denied');
  expect(text).toContain('The policy lets through what could not be analysed');
  expect(text).not.toMatch(/allow(ed)?\b/i);
});

test('a finding repeated many times is shown five times and counted', () => {
  const text = report(entry({ verdict: 'deny', findings: Array.from({ length: 12 }, (_, index) => finding({ message: `Number ${index}` })) }));
  expect(text.match(/Number/g)).toHaveLength(5);
  expect(text).toContain('and 7 more findings of capability-process-spawn');
});

test('names from a binary cannot move the cursor, forge a line or widen the report', () => {
  const evil = `\u001b[2J\nALLOW  good.wasm\u202e${'x'.repeat(5000)}`;
  const text = report(entry({
    artifact: { name: evil, digest: null, size: 1 }, verdict: 'deny', reasons: [evil], languages: [evil], abis: [evil], tools: [{ name: evil, version: evil }], capabilities: [evil],
    findings: [finding({ message: evil, fix: evil, rule: evil, location: { path: evil, offset: 0, length: 0 } }), finding({ severity: 'note', message: evil }), finding({ waived: { reason: evil, owner: evil, expires: '2027-01-01' } })],
    problems: [{ code: 'bad-magic', message: evil, offset: 0, section: evil, effect: 'degraded' }], policies: [{ name: evil, hash: '' }],
  }));
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(text).not.toMatch(/^ALLOW/m);
  const lines = text.split('\n').filter((line) => !line.startsWith('DENY'));
  expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(80);
});

test('waived findings stay visible and say until when', () => {
  const text = report(entry({ findings: [finding({ waived: { reason: 'needed for builds', owner: 'team-a', expires: '2027-01-31' } })] }));
  expect(text).toMatch(/  waived   capability-process-spawn until 2027-01-31 by team-a: needed for\n +builds/);
  expect(text).toContain('No findings. 1 finding waived.');
});
