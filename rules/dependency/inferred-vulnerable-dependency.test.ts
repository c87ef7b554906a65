import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOsv } from '../../scanner/advisories/osv.ts';
import { findingsOf } from '../../test/support/findings.ts';
import { ROOT } from '../../test/support/imports.ts';

test('a program of Cargo is held against the versions that its panic messages name', async () => {
  const file = readFileSync(join(ROOT, 'test/fixtures/toolchains/rust-spin.wasm'));
  const version = /rust\/deps\/hashbrown-([\d.]+)\//.exec(file.toString('latin1'))![1]!;
  const about = async (fixed: string): Promise<readonly string[]> => {
    const text = JSON.stringify({ id: 'RUSTSEC-2026-0001', modified: '2026-01-01T00:00:00Z', affected: [{ package: { ecosystem: 'crates.io', name: 'hashbrown' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed }] }] }] });
    const found = await findingsOf(new Uint8Array(file), { rules: ['inferred-vulnerable-dependency'], advisories: { identity: 'x', find: async () => [readOsv(text, 'x')] } });
    return found.map(({ subject }) => subject);
  };
  expect(await about('999.0.0')).toEqual([`RUSTSEC-2026-0001 hashbrown@${version}`]);
  expect(await about(version)).toEqual([]);
});
