import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULE_PAGES } from '../rules/pages.generated.ts';
import { SARIF_PROFILES } from '../scanner/report/sarif/profile.ts';
import { scanEntry, type ScanEntry } from '../scanner/report/entry.ts';
import { scanBytes } from './support/findings.ts';
import { ROOT } from './support/imports.ts';
import { entryOf, findingOf, sarifText, schemaFaults } from './support/sarif.ts';
import { multitoolIsThere, objections } from './support/sarif-multitool.ts';
import { watToWasm } from './support/wat.ts';

const multitool = multitoolIsThere();

/** Entries of every kind: judged, denied, malformed, unread, waived, with a snapshot, with names that want to break out. */
const ENTRIES: readonly ScanEntry[] = [
  ...await Promise.all([
    readFileSync(join(ROOT, 'test/fixtures/toolchains/rust-files-wasip2.wasm')),
    readFileSync(join(ROOT, 'test/fixtures/toolchains/c-hello.wasm')),
    watToWasm('(module (import "env" "system" (func (param i32) (result i32))) (memory 1))'),
    watToWasm('(module (import "\\1b[2J{0} [a](1) [b](https://bad.example)" "{1}{" (func)))'),
    Buffer.from('0061736d0100000001ff', 'hex'),
    Buffer.from('7f454c46020101000000000000000000', 'hex'),
  ].map(async (bytes, at) => {
    const entry = scanEntry(await scanBytes(bytes));
    return { ...entry, artifact: { ...entry.artifact, name: `folder ${at}/100%/\u202eapp.wasm` } };
  })),
  entryOf('gone.wasm', { artifact: { name: 'gone.wasm', digest: null, size: null }, kind: 'unknown', verdict: 'error', reasons: ['Cannot read gone.wasm'] }),
  entryOf('kept.wasm', {
    snapshot: { file: 'kept.wasm.caps', capabilities: ['fs-write'], added: ['stdio'], removed: [] },
    findings: [findingOf({ rule: 'capability-fs-write', subject: 'fs-write' }), findingOf({ rule: 'capability-increase', subject: 'stdio' }), findingOf({ waived: { reason: 'Known', owner: 'a', expires: '2030-01-01' } })],
    problems: [{ code: 'custom-malformed', message: 'Name section ends early', offset: 31, section: 'custom:name', effect: 'degraded' } as never],
  }),
];

describe.each(SARIF_PROFILES)('profile %s', (profile) => {
  const text = sarifText(ENTRIES, { profile, category: 'all', pages: RULE_PAGES });

  test('is SARIF 2.1.0 by its schema', () => {
    expect(schemaFaults(text)).toEqual([]);
  });

  test.skipIf(!multitool)('has nothing that code scanning objects to', async () => {
    expect(await objections(text)).toEqual([]);
  });
});

test('nothing found, and nothing at all, are valid too', async () => {
  for (const entries of [[], [entryOf('a.wasm')]]) {
    expect(schemaFaults(sarifText(entries))).toEqual([]);
    if (multitool) expect(await objections(sarifText(entries))).toEqual([]);
  }
});

describe('the validators notice', () => {
  const text = sarifText([entryOf('a.wasm', { findings: [findingOf()] })]);

  test('by schema, a level that does not exist', () => {
    expect(schemaFaults(text.replace('"level": "warning",\n          "message"', '"level": "bad",\n          "message"'))).not.toEqual([]);
  });

  test.skipIf(!multitool).each([
    ['a result without a region', /,\s*"region": \{[^}]*\}/, '', 'GH1003'],
    ['an address with a scheme', '"uri": "a.wasm"', '"uri": "https://host/a.wasm"', 'GH1005'],
    ['an index that points nowhere', /"ruleIndex": \d+/, '"ruleIndex": 9999', 'SARIF1009'],
  ])('by the rules of code scanning, %s', async (_, pattern, replacement, rule) => {
    const damaged = text.slice(0, text.indexOf('"results"')) + text.slice(text.indexOf('"results"')).replace(pattern, replacement);
    expect(damaged).not.toBe(text);
    expect((await objections(damaged)).map((objection) => objection.rule)).toContain(rule);
  });
});
