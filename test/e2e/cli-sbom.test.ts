import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zip } from '../support/archives.ts';
import { cycloneDxFaults, spdxFaults } from '../support/bills.ts';
import { ROOT } from '../support/imports.ts';
import { buildCli, runCli, type CliOptions, type CliRun } from '../support/run-cli.ts';
import { watToWasm } from '../support/wat.ts';

const FIXTURES = join(ROOT, 'test/fixtures/toolchains');
const record = (id: string, fixed: string, informational: string | null = null): string => JSON.stringify({
  schema_version: '1.6.0', id, modified: '2026-01-01T00:00:00Z', summary: 'Loops for ever',
  affected: [{ package: { ecosystem: 'crates.io', name: 'rustc-demangle' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0.0.0-0' }, { fixed }] }], database_specific: { informational } }],
});

let folder: string;
let built: { readonly folder: string; readonly main: string };
beforeAll(() => {
  built = buildCli();
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-sbom-'));
  mkdirSync(join(folder, 'osv/crates.io'), { recursive: true });
  for (const name of ['broken', 'empty']) mkdirSync(join(folder, name));
  put('spin.wasm', readFileSync(join(FIXTURES, 'rust-spin.wasm')));
  put('cloud.wasm', readFileSync(join(FIXTURES, 'rust-wasmcloud.wasm')));
  put('cut.wasm', readFileSync(join(FIXTURES, 'rust-spin.wasm')).subarray(0, 5_000));
  put('pure.wasm', watToWasm('(module)'));
  put('osv/crates.io/all.zip', zip({ path: 'RUSTSEC-2026-0001.json', body: record('RUSTSEC-2026-0001', '99.0.0') }, { path: 'RUSTSEC-2026-0002.json', body: record('RUSTSEC-2026-0002', '0.0.1') }));
  put('osv/crates.io/RUSTSEC-2026-0003.json', record('RUSTSEC-2026-0003', '99.0.0', 'unmaintained'));
  put('broken/A.json', '{}');
});
afterAll(() => [folder, built.folder].forEach((path) => rmSync(path, { recursive: true })));

function put(path: string, content: Uint8Array | string): void {
  writeFileSync(join(folder, path), content);
}
function run(args: string, options: CliOptions = {}): Promise<CliRun> {
  return runCli(args.split(' '), { cwd: folder, main: built.main, ...options });
}

describe('sbom', () => {
  test('writes CycloneDX for one artifact and for several, the same each time', async () => {
    const one = await run('sbom cloud.wasm');
    expect(one).toMatchObject({ code: 0, stderr: '' });
    expect(cycloneDxFaults(one.stdout)).toEqual([]);
    expect((await run('sbom cloud.wasm')).stdout).toBe(one.stdout);
    const document = JSON.parse(one.stdout) as { metadata: { component: { name: string; components: object[] } } };
    expect(document.metadata.component).toMatchObject({ name: 'cloud.wasm', components: expect.arrayContaining([expect.objectContaining({ hashes: [expect.anything()] })]) as unknown });
    const many = JSON.parse((await run('sbom spin.wasm cloud.wasm')).stdout) as { metadata: { component?: object }; components: { name: string }[] };
    expect(many.metadata.component).toBeUndefined();
    expect(many.components.map(({ name }) => name).sort()).toEqual(['cloud.wasm', 'spin.wasm']);
  });

  test('writes SPDX to a file, with the time that a reproducible build is given', async () => {
    const written = await run('sbom spin.wasm --format spdx --output out/spin.spdx.json', { env: { SOURCE_DATE_EPOCH: '1767225600' } });
    expect(written).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const text = readFileSync(join(folder, 'out/spin.spdx.json'), 'utf8');
    expect(spdxFaults(text)).toEqual([]);
    expect(JSON.parse(text)).toMatchObject({ creationInfo: { created: '2026-01-01T00:00:00Z' } });
    expect(await run('sbom spin.wasm', { env: { SOURCE_DATE_EPOCH: 'yesterday' } })).toMatchObject({ code: 2, stdout: '' });
  });

  test('says what could not be read, and lists the rest', async () => {
    const result = await run('sbom cut.wasm pure.wasm missing.wasm');
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('missing.wasm');
    expect((JSON.parse(result.stdout) as { components: object[] }).components).toHaveLength(2);
    expect(await run('sbom missing.wasm')).toMatchObject({ code: 3, stdout: '' });
  });
});

describe('scan --advisories', () => {
  interface Report { readonly results: readonly { readonly verdict: string; readonly findings: readonly { readonly rule: string; readonly severity: string; readonly subject?: string; readonly message: string }[] }[] }
  const scan = async (args: string): Promise<{ readonly code: number | null; readonly results: Report['results'] }> => {
    const { code, stdout } = await run(`scan ${args} --format json`);
    return { code, results: (JSON.parse(stdout) as Report).results };
  };
  const aboutDependencies = (findings: Report['results'][number]['findings']): string[] => findings.filter(({ rule }) => rule.endsWith('vulnerable-dependency')).map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`);

  test.each([['', 'in one thread'], [' --jobs 2', 'in several']])('holds packages against the data%s', async (jobs) => {
    const { code, results } = await scan(`spin.wasm pure.wasm --policy restricted --advisories osv${jobs}`);
    expect(code).toBe(1);
    expect(aboutDependencies(results[0]!.findings)).toEqual([
      expect.stringMatching(/^warning inferred-vulnerable-dependency: Package rustc-demangle [\d.]+ has RUSTSEC-2026-0001: Loops for ever; fixed in 99\.0\.0$/),
      expect.stringMatching(/^note inferred-vulnerable-dependency: Package rustc-demangle [\d.]+ is called unmaintained by RUSTSEC-2026-0003: /),
    ]);
    expect(aboutDependencies(results[1]!.findings)).toEqual([]);
  });

  test('nothing that could not be matched is clean', async () => {
    expect(await scan('spin.wasm --advisories broken')).toMatchObject({ code: 3, results: [{ verdict: 'error' }] });
    expect(await scan('pure.wasm --advisories broken')).toMatchObject({ code: 0 });
  });

  test('a folder without advisories judges nothing', async () => {
    expect(await run('scan spin.wasm --advisories empty')).toMatchObject({ code: 2, stdout: '' });
    expect(await run('scan spin.wasm --advisories nowhere')).toMatchObject({ code: 2, stdout: '' });
  });
});
