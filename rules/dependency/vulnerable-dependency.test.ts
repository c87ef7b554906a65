import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readOsv } from '../../scanner/advisories/osv.ts';
import type { AdvisorySource } from '../../scanner/scan-context.ts';
import { findingsOf, scanBytes } from '../../test/support/findings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['vulnerable-dependency', 'inferred-vulnerable-dependency'];
const record = (id: string, name: string, over: object = {}): object => ({ id, modified: '2026-01-01T00:00:00Z', aliases: ['CVE-2026-1'], summary: 'Reads out of bounds', affected: [{ package: { ecosystem: 'crates.io', name }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0.0.0-0' }, { fixed: '1.11.1' }] }], ...over }] });
const source = (...records: readonly object[]): AdvisorySource => ({ identity: 'test', find: async () => records.map((one) => readOsv(JSON.stringify(one), 'test')) });
const escaped = (bytes: Uint8Array): string => [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
const listed = (...packages: readonly object[]): Uint8Array => watToWasm(`(module (@custom ".dep-v0" "${escaped(deflateSync(JSON.stringify({ packages })))}"))`);
const BYTES = { name: 'bytes', version: '1.10.1', source: 'crates.io', kind: 'runtime' };
const PATH = watToWasm('(module (memory 1) (data (i32.const 0) "/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/bytes-1.10.1/src/lib.rs"))');

test('a package of an embedded list is named with advisory, fix and place', async () => {
  const found = await findingsOf(listed(BYTES), { rules, advisories: source(record('RUSTSEC-2026-0001', 'bytes')) });
  expect(found).toMatchObject([{
    rule: 'vulnerable-dependency', confidence: 'high', subject: 'RUSTSEC-2026-0001 bytes@1.10.1',
    message: 'Package bytes 1.10.1 has RUSTSEC-2026-0001 (CVE-2026-1): Reads out of bounds; fixed in 1.11.1', fix: 'Update bytes to 1.11.1 or later and rebuild', location: { path: 'custom[0] .dep-v0' },
  }]);
});

test('a package known by a path is a finding of the other rule, and less sure', async () => {
  expect(await findingsOf(PATH, { rules, advisories: source(record('RUSTSEC-2026-0001', 'bytes')) })).toMatchObject([{ rule: 'inferred-vulnerable-dependency', confidence: 'medium', location: { path: 'data[0]' } }]);
});

test('what is no vulnerability is a note, whatever the level says', async () => {
  const policy = { kind: 'file', name: 'p', text: 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: p }\nspec: { rules: { vulnerable-dependency: error } }\n' } as const;
  const found = await findingsOf(listed(BYTES), { rules, policy, advisories: source(record('RUSTSEC-2026-0001', 'bytes'), { ...record('RUSTSEC-2026-0002', 'bytes', { database_specific: { informational: 'unmaintained' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0.0.0-0' }] }] }), aliases: [] }) });
  expect(found.map(({ subject, severity }) => [subject, severity])).toEqual([['RUSTSEC-2026-0001 bytes@1.10.1', 'error'], ['RUSTSEC-2026-0002 bytes@1.10.1', 'note']]);
  expect(found[1]!.message).toBe('Package bytes 1.10.1 is called unmaintained by RUSTSEC-2026-0002: Reads out of bounds');
});

test('a version that cannot be compared is said, in one note', async () => {
  const found = await findingsOf(listed({ ...BYTES, version: 'fork' }), { rules, advisories: source(record('RUSTSEC-2026-0001', 'bytes'), { ...record('RUSTSEC-2026-0002', 'bytes'), aliases: [] }) });
  expect(found).toMatchObject([{ severity: 'note', confidence: 'low', message: 'Package bytes fork has a version that cannot be compared with those of advisories: RUSTSEC-2026-0001, RUSTSEC-2026-0002' }]);
});

test('a fixed version, another package and no data give nothing', async () => {
  expect(await findingsOf(listed({ ...BYTES, version: '1.11.1' }), { rules, advisories: source(record('A', 'bytes')) })).toEqual([]);
  expect(await findingsOf(listed(BYTES), { rules, advisories: source(record('A', 'other')) })).toEqual([]);
  expect(await findingsOf(listed(BYTES), { rules })).toEqual([]);
});

test('data that cannot be read is never "none": verdict error, and the other findings stay', async () => {
  const broken: AdvisorySource = { identity: 'x', find: async () => { throw new Error('Not an OSV record: a.json: No id'); } };
  const result = await scanBytes(PATH, { advisories: broken });
  expect(result).toMatchObject({ verdict: 'error', blocked: true });
  expect(result.reasons).toContain('Not judged: the advisories could not be matched: Not an OSV record: a.json: No id');
  expect(result.findings.map(({ rule }) => rule)).toContain('sbom-missing');
});

test('an artifact without any package asks for none', async () => {
  const broken: AdvisorySource = { identity: 'x', find: async () => { throw new Error('Asked'); } };
  expect((await scanBytes(watToWasm('(module)'), { advisories: broken })).verdict).not.toBe('error');
});
