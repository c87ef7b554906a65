import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RUNTIME_DATA_DATE } from '../../scanner/facts/runtimes/data.generated.ts';
import { ROOT } from '../support/imports.ts';
import { buildCli, runCli, type CliRun } from '../support/run-cli.ts';
import { watToWasm } from '../support/wat.ts';

const GROW = '(module (table 1 funcref) (memory i64 1) (func (export "_start") (drop (table.grow (ref.null func) (i32.const 1)))))';
const OLD_RUST = '(module (@producers (processed-by "rustc" "1.45.2")) (func (export "f")))';

let folder: string;
let built: { readonly folder: string; readonly main: string };
beforeAll(() => {
  built = buildCli();
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-runtime-'));
  writeFileSync(join(folder, 'grow.wasm'), watToWasm(GROW));
  writeFileSync(join(folder, 'old.wasm'), watToWasm(OLD_RUST));
});
afterAll(() => [folder, built.folder].forEach((path) => rmSync(path, { recursive: true })));

const run = (args: string): Promise<CliRun> => runCli(args.split(' '), { cwd: folder, main: built.main });
const schema = (name: string): object => JSON.parse(readFileSync(join(ROOT, 'docs/schema', name), 'utf8')) as object;

interface Scan { readonly results: readonly { readonly runtime: object | null; readonly findings: readonly { readonly rule: string; readonly subject: string; readonly message: string; readonly severity: string; readonly fix: string }[] }[] }

function findings(found: CliRun, rule: string, at = 0): Scan['results'][number]['findings'] {
  return (JSON.parse(found.stdout) as Scan).results[at]!.findings.filter((finding) => finding.rule === rule);
}

describe('scan --runtime', () => {
  test('json: names the flaw, what reaches it, what is repaired, and the day of the tables', async () => {
    const found = await run('scan grow.wasm --runtime wasmtime@29.0.0 --format json');
    expect(found.code).toBe(0);
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    expect(ajv.validate(schema('scan.schema.json'), JSON.parse(found.stdout)), JSON.stringify(ajv.errors)).toBe(true);
    expect((JSON.parse(found.stdout) as Scan).results[0]?.runtime).toEqual({ name: 'wasmtime', version: '29.0.0', dataDate: RUNTIME_DATA_DATE });
    expect(findings(found, 'runtime-cve-exposure').find(({ subject }) => subject === 'CVE-2026-35186')).toMatchObject({
      severity: 'note',
      message: 'Exposed to CVE-2026-35186 on Wasmtime 29.0.0: it uses table.grow. Growing a table reads and writes outside of it (critical; with the Winch compiler)',
      fix: 'Update Wasmtime to 36.0.7 or later; until then keep the binary away from it',
    });
    expect(findings(found, 'runtime-unsupported-feature').map(({ message, fix }) => [message, fix])).toEqual([[
      'Will not load on Wasmtime 29.0.0 as it comes: it needs 64-bit memories and tables, used once, first here; it is off unless -W memory64 turns it on',
      'Turn it on with -W memory64, or compile for a lower feature baseline',
    ]]);
  });

  test('text: says the runtime and the day, and what will not load, at restricted as a warning', async () => {
    const found = await run('scan grow.wasm --runtime wasmtime@29.0.0 --policy restricted --color never');
    expect(found.stdout).toContain(`To run on wasmtime 29.0.0, as runtimes were known on ${RUNTIME_DATA_DATE}`);
    expect(found.stdout.replaceAll(/\s+/g, ' ')).toContain('Exposed to CVE-2026-35186 on Wasmtime 29.0.0: it uses table.grow');
  });

  test('sarif: has the results, and the day in the description of the rule', async () => {
    const found = await run('scan grow.wasm --runtime wasmtime@29.0.0 --policy restricted --format sarif');
    const { runs } = JSON.parse(found.stdout) as { runs: { tool: { driver: { rules: { id: string; fullDescription: { text: string } }[] } }; results: { ruleId: string; message: { text: string } }[] }[] };
    expect(runs[0]!.results.filter(({ ruleId }) => ruleId === 'runtime-cve-exposure').map(({ message }) => message.text).join('\n')).toContain('Exposed to CVE-2026-35186 on Wasmtime 29.0.0');
    expect(runs[0]!.tool.driver.rules.find(({ id }) => id === 'runtime-cve-exposure')?.fullDescription.text).toContain(RUNTIME_DATA_DATE);
  });

  test('reaches threads, and nothing is said on a repaired version that has the feature', async () => {
    const found = await run('scan grow.wasm old.wasm --runtime wasmtime@48.0.0 --jobs 2 --format json');
    expect((JSON.parse(found.stdout) as Scan).results.map(({ runtime }) => runtime)).toEqual(Array.from({ length: 2 }, () => ({ name: 'wasmtime', version: '48.0.0', dataDate: RUNTIME_DATA_DATE })));
    expect(findings(found, 'runtime-cve-exposure').filter(({ subject }) => subject !== 'stale-data')).toEqual([]);
    expect(findings(found, 'runtime-unsupported-feature')).toEqual([]);
  });

  test('is left out where nobody names one', async () => {
    const found = await run('scan grow.wasm --format json');
    expect((JSON.parse(found.stdout) as Scan).results[0]?.runtime).toBeNull();
    expect([...findings(found, 'runtime-cve-exposure'), ...findings(found, 'runtime-unsupported-feature')]).toEqual([]);
  });

  test.each(['wasmtimr@1.0.0', 'wasmtime@newest', 'wasmtime@'])('refuses %s before anything is judged', async (runtime) => {
    for (const command of ['scan', 'inspect']) {
      const found = await run(`${command} grow.wasm --runtime ${runtime}`);
      expect(found.code).toBe(2);
      expect(found.stderr).toMatch(/(Nothing is known of a runtime|Not a version).*--runtime/);
      expect(found.stdout).toBe('');
    }
  });
});

describe('inspect --runtime', () => {
  interface Inspected { readonly runtime: { readonly missing: readonly object[]; readonly exposures: readonly { readonly id: string }[] | null } | null }

  test('json: lists what is missing and what the version is exposed to', async () => {
    const found = await run('inspect grow.wasm --runtime wasmtime@29.0.0 --format json');
    const ajv = new Ajv2020({ allErrors: true, strict: false });
    expect(ajv.validate(schema('inspect.schema.json'), JSON.parse(found.stdout)), JSON.stringify(ajv.errors)).toBe(true);
    const { runtime } = JSON.parse(found.stdout) as Inspected;
    expect(runtime?.missing).toMatchObject([{ feature: 'memory64', flag: '-W memory64', since: null }]);
    expect(runtime?.exposures?.map(({ id }) => id)).toContain('CVE-2026-35186');
  });

  test('does not claim to know flaws without a version, or from imports alone', async () => {
    const unversioned = JSON.parse((await run('inspect grow.wasm --runtime wasmtime --format json')).stdout) as Inspected;
    const shallow = JSON.parse((await run('inspect grow.wasm --runtime wasmtime@29.0.0 --imports --format json')).stdout) as Inspected;
    expect([unversioned.runtime?.exposures, shallow.runtime?.exposures]).toEqual([null, null]);
  });

  test('text: says both in words', async () => {
    const text = (await run('inspect grow.wasm --runtime wasmtime@29.0.0 --color never')).stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`To run on Wasmtime 29.0.0, as runtimes were known on ${RUNTIME_DATA_DATE}`);
    expect(text).toContain('Lacks there memory64 (off unless -W memory64)');
    expect(text).toContain('CVE-2026-35186 (critical: it uses table.grow)');
  });
});

test('compilers with flaws that end up in programs need no runtime', async () => {
  const found = await run('scan old.wasm --format json');
  expect(findings(found, 'vulnerable-toolchain').map(({ message, fix }) => [message.slice(0, 80), fix])).toEqual([
    ['Built with rustc 1.45.2, which has published flaws that end up in programs: CVE-', 'Build again with rustc 1.53.0 or later'],
  ]);
});
