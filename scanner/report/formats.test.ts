import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../rules/index.ts';
import { entryOf, findingOf } from '../../test/support/sarif.ts';
import type { ScanEntry } from './entry.ts';
import { REPORT_FORMATS, type ReportFormatName } from './formats.ts';
import { addToSummary, emptySummary } from './summary.ts';

const WAIVED = { reason: 'known', owner: 'team', expires: '2027-01-31' };
const DENIED = entryOf('bad.wasm', { verdict: 'deny', blocked: true, reasons: ['1 error'], findings: [findingOf({ severity: 'error' }), findingOf({ severity: 'note', rule: 'sbom-missing', subject: 'x' })] });
const UNREAD = entryOf('lost.wasm', { verdict: 'error', blocked: true, kind: 'unknown', reasons: ['Cannot read lost.wasm'] });
const CLEAN = entryOf('good.wasm');

async function report(format: ReportFormatName, ...entries: readonly ScanEntry[]): Promise<string> {
  const writer = (await REPORT_FORMATS[format]())({
    engineVersion: '0.1.0', policies: [{ name: 'baseline@v1', hash: 'sha256:0' }], rules: RULES, expected: entries.length, width: 80, paint: (_, text) => text,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    sarif: { profile: 'github', category: '', relativePath: (name) => name },
  });
  const summary = emptySummary();
  let text = '';
  for (const entry of entries) {
    addToSummary(summary, entry);
    text += writer.add(entry);
  }
  return text + writer.end(summary);
}

const hostile = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('::error::x', '\n::error file=a::b', '\r\n=1+1', '"]]><x>', '%0A::stop-commands::y', '@team #1 <!-- `|` [a](b)', '\ufffe\uffff\u0000\u202e'));

function hostileEntry(text: string): ScanEntry {
  return entryOf(`${text}.wasm`, { verdict: 'deny', blocked: true, reasons: [text], findings: [findingOf({ severity: 'error', message: text, fix: text, subject: text, location: { path: text, offset: 1, length: 1 } })] });
}

describe('every format for CI systems', () => {
  const formats: readonly ReportFormatName[] = ['markdown', 'github', 'gitlab', 'junit', 'csv'];

  test.each(formats)('%s names what was denied and what could not be analysed', async (format) => {
    const text = await report(format, DENIED, UNREAD, CLEAN);
    expect(text).toContain('memory-unbounded');
    expect(text).toContain('lost.wasm');
    expect(text).toContain(format === 'markdown' ? 'not analysed' : 'not-analysed');
  });

  test.each(formats)('%s tells of a denial that no finding explains', async (format) => {
    expect(await report(format, entryOf('a.wasm', { verdict: 'deny', blocked: true, reasons: ['expression small is not met'] }))).toContain('expression small is not met');
  });

  test.each(formats)('%s writes nothing that can move a cursor', async (format) => {
    await fc.assert(fc.asyncProperty(hostile, async (text) => {
      // oxlint-disable-next-line no-control-regex -- that is the point
      expect(await report(format, hostileEntry(text))).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
    }), { numRuns: 50 });
  });

  test.each(formats)('%s is complete without any artifact', async (format) => {
    expect(await report(format)).not.toBe('');
  });
});

describe('github', () => {
  test('no name starts a command of its own or ends a property', async () => {
    await fc.assert(fc.asyncProperty(hostile, async (text) => {
      const lines = (await report('github', hostileEntry(text))).trimEnd().split(/[\r\n]/);
      expect(lines).toHaveLength(2);
      expect(lines[0]).toMatch(/^::error file=[^:,]*,line=1,title=wasmgate%3A memory-unbounded::/);
      expect(lines[1]).toMatch(/^1 artifact: 1 denied/);
    }), { numRuns: 100 });
  });

  test('the runner reads back what was meant', async () => {
    expect(await report('github', entryOf('a,b:c%.wasm', { verdict: 'deny', blocked: true, findings: [findingOf({ severity: 'error', message: '100% sure', fix: '' })] })))
      .toContain('::error file=a%2Cb%3Ac%25.wasm,line=1,title=wasmgate%3A memory-unbounded::100%25 sure (memory[0] at 0x14).\n');
  });

  test('ten of each kind at most, the worst ones first, the rest counted', async () => {
    const findings = Array.from({ length: 15 }, (_, index) => [findingOf({ severity: 'note', subject: `n${index}` }), findingOf({ severity: 'error', subject: `e${index}` })]).flat();
    const lines = (await report('github', entryOf('a.wasm', { verdict: 'deny', findings }))).split('\n');
    expect(lines.map((line) => /^::\w+/.exec(line)?.[0]).filter(Boolean)).toEqual([...Array.from({ length: 10 }, () => '::error'), ...Array.from({ length: 10 }, () => '::notice')]);
    expect(lines.at(-2)).toMatch(/^10 more /);
  });

  test('a finding about a manifest stands on its line, a waived one nowhere', async () => {
    const source = { file: 'k8s/pod.yaml', document: 0, pointer: '/spec', line: 7, column: 3 };
    const text = await report('github', entryOf('a.wasm', { findings: [findingOf({ location: { path: 'file', offset: 0, length: 0, source } }), findingOf({ rule: 'sbom-missing', waived: WAIVED })] }));
    expect(text).toContain('file=k8s/pod.yaml,line=7,col=3,');
    expect(text).not.toContain('sbom-missing');
  });
});

describe('gitlab', () => {
  interface Item { description: string; check_name: string; fingerprint: string; severity: string; location: { path: string; lines: { begin: number } } }
  const items = async (...entries: ScanEntry[]): Promise<Item[]> => JSON.parse(await report('gitlab', ...entries)) as Item[];

  test('an array of what Code Quality demands', async () => {
    const [worst] = await items(DENIED);
    expect(worst).toEqual({ description: 'Memory 0 has no maximum (memory[0] at 0x14). Fix: Declare a maximum', check_name: 'memory-unbounded', fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/), severity: 'critical', location: { path: 'bad.wasm', lines: { begin: 1 } } });
    expect(await items()).toEqual([]);
  });

  test('a fingerprint is the only one of its kind, and stays when the binary is rebuilt', async () => {
    const moved = (offset: number): ScanEntry => entryOf('a.wasm', { findings: [findingOf({ location: { path: 'memory[0]', offset, length: 1 } }), findingOf({ location: { path: 'memory[1]', offset, length: 1 } })] });
    const [before, after] = [await items(moved(1)), await items(moved(99))].map((all) => all.map(({ fingerprint }) => fingerprint));
    expect(new Set(before).size).toBe(2);
    expect(after).toEqual(before);
  });

  test('what was waived is left out', async () => {
    expect(await items(entryOf('a.wasm', { findings: [findingOf({ waived: WAIVED })] }))).toEqual([]);
  });
});

describe('csv', () => {
  test('RFC 4180: every line has every column, whatever the names', async () => {
    await fc.assert(fc.asyncProperty(hostile, async (text) => {
      const rows = parsed(await report('csv', hostileEntry(text), CLEAN));
      expect(rows.map((row) => row.length)).toEqual([15, 15, 15]);
      expect(rows[2]?.[0]).toBe('good.wasm');
    }), { numRuns: 100 });
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '＝1'])('%s is no formula', async (text) => {
    const row = parsed(await report('csv', hostileEntry(text)))[1]!;
    expect(row[0]).toBe(`'${text}.wasm`);
    expect(row[7]).toBe(`'${text}`);
  });

  /** A reader of its own, by the grammar of the RFC. */
  function parsed(text: string): string[][] {
    const rows: string[][] = [[]];
    const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
    for (let found = cell.exec(text); found !== null; found = cell.exec(text)) {
      rows.at(-1)!.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
      if (found[3] !== ',') rows.push([]);
      if (cell.lastIndex === text.length) break;
    }
    return rows.slice(0, -1);
  }
});

describe('junit', () => {
  test('what denies fails, what was waived is skipped, what was not analysed is an error, the others pass', async () => {
    const text = await report('junit', entryOf('a.wasm', { findings: [findingOf({ severity: 'error' }), findingOf({ rule: 'sbom-missing', waived: WAIVED }), findingOf({ rule: 'debug-info-embedded' })] }), UNREAD);
    expect(text).toMatch(/<testsuite name="a\.wasm" tests="\d{3}" failures="1" errors="0" skipped="1" time="0">/);
    expect(text).toContain('<testcase classname="wasmgate.resource" name="memory-unbounded" time="0"><failure message="Memory 0 has no maximum" type="memory-unbounded">error: Memory 0 has no maximum [memory[0] at 0x14]\n  fix: Declare a maximum</failure></testcase>');
    expect(text).toContain('<skipped message="Waived: known');
    expect(text).toMatch(/name="debug-info-embedded" time="0"><system-out>warning: /);
    expect(text).toContain('<testsuite name="lost.wasm" tests="1" failures="0" errors="1" skipped="0" time="0">');
  });

  test('texts are escaped, and hold no character that XML forbids', async () => {
    await fc.assert(fc.asyncProperty(hostile, async (text) => {
      const written = await report('junit', hostileEntry(text));
      expect(written).toMatch(/^[\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u);
      expect(written.match(/<(?!\/?(?:testsuites?|testcase|failure|system-out)\b|\?xml )/g)).toBeNull();
      expect(written.match(/&(?!(?:amp|lt|gt|quot|apos);)/g)).toBeNull();
    }), { numRuns: 100 });
  });
});

describe('markdown', () => {
  test('whatever comes from a binary stands in a code span, which it cannot end', async () => {
    await fc.assert(fc.asyncProperty(hostile, async (text) => {
      const lines = (await report('markdown', hostileEntry(text))).split('\n').filter((line) => line.startsWith('| error'));
      expect(lines).toHaveLength(1);
      const outside = lines[0]!.replaceAll(/`[^`]*`/g, '');
      expect(outside).toBe(text === '' ? '| error |  |  |  |' : '| error |  | <br>fix:  |  |');
    }), { numRuns: 100 });
  });

  test('stays below what a job summary may hold, and says what is left out', async () => {
    const findings = Array.from({ length: 50 }, (_, index) => findingOf({ severity: 'error', message: `${index} ${'x'.repeat(300)}` }));
    const text = await report('markdown', ...Array.from({ length: 200 }, (_, index) => entryOf(`${index}.wasm`, { verdict: 'deny', findings })));
    expect(new TextEncoder().encode(text).length).toBeLessThan(1 << 20);
    expect(text).toMatch(/Findings of \d+ more artifacts are left out/);
  });
});
