// Packs the package as it would be published, unpacks it into an empty folder without any dependency, and uses it
// like a user: npm run test:package
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'wasmgate-package-'));
try {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as { filename: string; size: number; unpackedSize: number }[];
  execFileSync('tar', ['-xzf', join(folder, packed!.filename), '-C', folder]);
  console.log(`Packed ${(packed!.size / 1e6).toFixed(1)} MB, unpacked ${(packed!.unpackedSize / 1e6).toFixed(1)} MB`);
  tryPackage(join(folder, 'package'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tryPackage(installed: string): void {
  const launcher = join(installed, 'bin/wasmgate.mjs');
  const fixture = join(root, 'test/fixtures/toolchains/rust-files-wasip2.wasm');
  const policy = join(folder, 'policy.yaml');
  writeFileSync(policy, 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: small }\nspec:\n  level: baseline\n  expressions: [{ name: small, cel: "artifact.size < 10", message: Too large, severity: error }]\n');
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies?: Record<string, string>; version: string };
  expect('no dependencies', Object.keys(manifest.dependencies ?? {}).length === 0);
  expect('licences of bundled code are included', existsSync(join(installed, 'dist/third-party-licenses.txt')));
  const cases: readonly [readonly string[], number, string][] = [
    [['--version'], 0, manifest.version],
    [['scan', fixture], 0, 'WARN'],
    [['scan', fixture, '--policy', 'restricted', '--format', 'sarif'], 1, '"capability-fs-write"'],
    [['scan', fixture, '--policy', policy], 1, 'Too large'],
    [['scan', fixture, '--jobs', '2', join(root, 'test/fixtures/toolchains')], 0, 'artifacts'],
    [['inspect', fixture], 0, 'wasi:filesystem/types'],
    [['rules', 'memory-unbounded'], 0, 'memory-unbounded'],
    [['policy', 'validate', policy], 0, ''],
    [['scan', join(folder, 'nothing.wasm')], 3, 'no such file'],
    [['scan', '--policy', 'strictest', fixture], 2, 'strictest'],
  ];
  for (const [parameters, code, text] of cases) {
    const run = spawnSync(process.execPath, [launcher, ...parameters], { encoding: 'utf8', cwd: folder });
    expect(`wasmgate ${parameters.map((parameter) => parameter.replace(root, '.').replace(folder, '.')).join(' ')}: exit ${code}`, run.status === code && (run.stdout + run.stderr).includes(text), run);
  }
}

function expect(what: string, holds: boolean, run?: { status: number | null; stdout: string; stderr: string }): void {
  if (holds) return console.log(`  ok ${what}`);
  console.error(`not ok ${what}`, run ? `(exit ${run.status})\n${run.stdout}\n${run.stderr}` : '');
  process.exitCode = 1;
}
