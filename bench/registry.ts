// Fetching and searching from a registry on loopback: a cold scan beside other clients that only fetch, a thousand references with
// fifty digests, and the memory that the search of a 200 MB image takes.
// npm run bench:registry [-- --runs N]   Needs: npm run build; oras and crane are measured where they are installed.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { putInto } from '../test/registry/pack.ts';
import { image, wasmArtifact } from '../test/registry/push.ts';
import { startRegistry, type TestRegistry } from '../test/registry/server.ts';
import { BENCH_FILES } from './files.ts';
import { type Run, runOnce, summarise } from './measure.ts';

const LAUNCHER = join(import.meta.dirname, '../bin/wasmgate.mjs');
const TIMEOUT_MS = 120_000;
const REFERENCES = 1_000;
const DIGESTS = 50;
const LAYER_BYTES = 200e6;
const MODULE_BYTES = 1e6;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
const folder = mkdtempSync(join(tmpdir(), 'wasmgate-bench-'));
const registry = await startRegistry();
try {
  await coldScan(registry);
  await manyReferences(registry);
  await largeImage(registry);
} finally {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
}

function scanCommand(...targets: readonly string[]): readonly string[] {
  return [LAUNCHER, 'scan', '--policy', 'privileged', '--fail-on', 'never', '--format', 'jsonl', '--insecure-registry', registry.host, ...targets];
}

/** A module of about a megabyte: a real one with a custom section that fills it up. */
function megabyteModule(seed: number): Uint8Array {
  const real = readFileSync(BENCH_FILES.find(({ name }) => name.includes('rollup'))?.path ?? join(import.meta.dirname, '../test/fixtures/toolchains/rust-hello-wasip1.wasm'));
  const fill = Buffer.alloc(Math.max(0, MODULE_BYTES - real.length), seed);
  const name = Buffer.from('\u0004fill');
  const length = name.length + fill.length;
  const leb = Buffer.from([0x80 | (length & 0x7f), 0x80 | ((length >> 7) & 0x7f), 0x80 | ((length >> 14) & 0x7f), (length >> 21) & 0x7f]);
  return Buffer.concat([real, Buffer.from([0]), leb, name, fill]);
}

async function coldScan(server: TestRegistry): Promise<void> {
  const wasm = megabyteModule(1);
  putInto(server, 'bench/one', 'v1', wasmArtifact(wasm));
  const file = join(folder, 'one.wasm');
  writeFileSync(file, wasm);
  const reference = `${server.host}/bench/one:v1`;
  const contenders = [
    { name: 'node -e 0', command: process.execPath, parameters: ['-e', '0'] },
    { name: 'wasmgate scan FILE', command: process.execPath, parameters: scanCommand(file) },
    { name: 'wasmgate scan oci://, no cache', command: process.execPath, parameters: scanCommand('--no-cache', `oci://${reference}`) },
    { name: 'wasmgate scan oci://, from the cache', command: process.execPath, parameters: scanCommand(`oci://${reference}`) },
    { name: 'oras pull (fetches only)', command: 'oras', parameters: ['pull', '--plain-http', '--no-tty', '-o', join(folder, 'oras'), reference] },
    { name: 'crane export (fetches only)', command: 'crane', parameters: ['pull', '--insecure', reference, join(folder, 'crane.tar')] },
  ].filter(({ command }) => command === process.execPath || installed(command));
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= Number(values.runs); round++) {
    for (const { name, command, parameters } of contenders) {
      const run = await runOnce(command, parameters, TIMEOUT_MS);
      if (round > 0) runs.get(name)!.push(run);
    }
  }
  const base = summarise(runs.get('node -e 0')!).ms;
  console.log(`## A module of ${(wasm.length / 1e6).toFixed(2)} MB from a registry on loopback, median of ${values.runs} interleaved runs\n\n| command | ms | least ms | x node -e 0 | peak MB | exit |\n|---|---:|---:|---:|---:|---:|`);
  for (const [name, all] of runs) {
    const { ms, leastMs, peakMB, code } = summarise(all);
    console.log(`| ${name} | ${ms.toFixed(0)} | ${leastMs.toFixed(0)} | ${(ms / base).toFixed(1)} | ${peakMB.toFixed(0)} | ${code ?? 'killed'} |`);
  }
}

async function manyReferences(server: TestRegistry): Promise<void> {
  const digests = Array.from({ length: DIGESTS }, (_, index) => wasmArtifact(megabyteModule(index)));
  const references = Array.from({ length: REFERENCES }, (_, index) => {
    putInto(server, `bench/many-${index % DIGESTS}`, `v${index}`, digests[index % DIGESTS]!);
    return `oci://${server.host}/bench/many-${index % DIGESTS}:v${index}`;
  });
  const list = join(folder, 'targets.txt');
  writeFileSync(list, references.join('\n'));
  server.requests.length = 0;
  const run = await runOnce(process.execPath, scanCommand('--no-cache', '--targets-from', list), TIMEOUT_MS);
  console.log(`\n## ${REFERENCES} references by tag, ${DIGESTS} digests\n\n| ms | peak MB | manifest requests | layer requests | exit |\n|---:|---:|---:|---:|---:|`);
  console.log(`| ${run.ms.toFixed(0)} | ${run.peakMB.toFixed(0)} | ${server.count('GET', /\/manifests\//)} | ${server.count('GET', /\/blobs\//)} | ${run.code ?? 'killed'} |`);
}

async function largeImage(server: TestRegistry): Promise<void> {
  const filler = Array.from({ length: 20 }, (_, index) => ({ path: `data/${index}.bin`, bytes: randomBytes(LAYER_BYTES / 20) }));
  putInto(server, 'bench/large', 'v1', image({ layers: [{ entries: filler, compression: 'gzip' }, { entries: [{ path: 'app.wasm', bytes: megabyteModule(7) }], compression: 'gzip' }], config: { Entrypoint: ['/app.wasm'] } }));
  const small = await runOnce(process.execPath, scanCommand('--no-cache', `oci://${server.host}/bench/one:v1`), TIMEOUT_MS);
  const large = await runOnce(process.execPath, scanCommand('--no-cache', `oci://${server.host}/bench/large:v1`), TIMEOUT_MS);
  console.log(`\n## An image of ${LAYER_BYTES / 1e6} MB (gzip), one module in it\n\n| ms | MB/s | peak MB | peak MB of the 1 MB artifact | exit |\n|---:|---:|---:|---:|---:|`);
  console.log(`| ${large.ms.toFixed(0)} | ${(LAYER_BYTES / 1e3 / large.ms).toFixed(0)} | ${large.peakMB.toFixed(0)} | ${small.peakMB.toFixed(0)} | ${large.code ?? 'killed'} |`);
}

function installed(command: string): boolean {
  try {
    execFileSync(command, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
