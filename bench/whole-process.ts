// Whole processes, side by side on the same files in one run: wasmgate, the JavaScript engine, wabt (native and npm), jco.
// npm run bench:process [-- --runs N] [-- --only TEXT]   Needs: npm run build, npm ci --prefix test/corpus, wabt.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { corpusFile } from '../test/corpus/files.ts';
import { BENCH_FILES } from './files.ts';
import { type Run, runOnce, summarise } from './measure.ts';

interface Contender { readonly name: string; readonly command: string; readonly parameters: (file: string) => readonly string[]; readonly slow?: boolean }

// npm puts the JavaScript builds of some tools first in the path; the native ones are meant.
process.env['PATH'] = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules')).join(delimiter);
const LAUNCHER = join(import.meta.dirname, '../bin/wasmgate.mjs');
const TIMEOUT_MS = 60_000;
const engine = (body: string) => (file: string) => ['-e', `const b = require('node:fs').readFileSync(${JSON.stringify(file)}); ${body}`];

const CONTENDERS: readonly Contender[] = [
  { name: 'node -e 0', command: process.execPath, parameters: () => ['-e', '0'] },
  { name: 'wasmgate inspect --imports', command: process.execPath, parameters: (file) => [LAUNCHER, 'inspect', '--imports', '--format', 'json', file] },
  { name: 'wasmgate inspect', command: process.execPath, parameters: (file) => [LAUNCHER, 'inspect', '--format', 'json', file] },
  { name: 'wasmgate scan --policy restricted', command: process.execPath, parameters: (file) => [LAUNCHER, 'scan', '--policy', 'restricted', '--format', 'json', file] },
  { name: 'engine validate', command: process.execPath, parameters: engine('WebAssembly.validate(b)') },
  { name: 'engine new Module + lists', command: process.execPath, parameters: engine('const m = new WebAssembly.Module(b); WebAssembly.Module.imports(m); WebAssembly.Module.exports(m)') },
  { name: 'wabt wasm-objdump -x', command: 'wasm-objdump', parameters: (file) => ['-x', file] },
  { name: 'wabt wasm-objdump -d', command: 'wasm-objdump', parameters: (file) => ['-d', file], slow: true },
  { name: 'wabt wasm-validate', command: 'wasm-validate', parameters: (file) => ['--enable-all', file], slow: true },
  { name: 'npm wabt wasm-objdump -x', command: process.execPath, parameters: (file) => [corpusFile('wabt/bin/wasm-objdump'), '-x', file], slow: true },
  { name: 'jco metadata-show', command: process.execPath, parameters: (file) => [corpusFile('@bytecodealliance/jco/dist/jco.js'), 'metadata-show', file] },
  { name: 'jco wit', command: process.execPath, parameters: (file) => [corpusFile('@bytecodealliance/jco/dist/jco.js'), 'wit', file] },
];

const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' }, only: { type: 'string', default: '' }, slow: { type: 'boolean', default: false } } });
const contenders = CONTENDERS.filter((contender) => available(contender) && (values.slow || !contender.slow));
console.log(`# Whole process, median of ${values.runs} interleaved runs (slow ones: 3)\n`);
for (const file of BENCH_FILES.filter(({ path, name }) => existsSync(path) && name.includes(values.only))) await measureFile(file.name, file.path);

async function measureFile(name: string, path: string): Promise<void> {
  const runs = new Map<string, Run[]>(contenders.map((contender) => [contender.name, []]));
  for (let round = 0; round <= Number(values.runs); round++) {
    for (const contender of contenders) {
      if (contender.slow && round > 3) continue;
      const run = await runOnce(contender.command, contender.parameters(path), TIMEOUT_MS);
      if (round > 0) runs.get(contender.name)!.push(run);
    }
  }
  report(name, path, runs);
}

function report(name: string, path: string, runs: ReadonlyMap<string, readonly Run[]>): void {
  const megabytes = statSync(path).size / 1e6;
  const base = summarise(runs.get('node -e 0')!).ms;
  console.log(`## ${name}: ${megabytes.toFixed(2)} MB\n\n| tool | ms | least ms | x node -e 0 | MB/s | peak MB | peak minus file | exit |\n|---|---:|---:|---:|---:|---:|---:|---:|`);
  for (const [tool, all] of runs) {
    const { ms, leastMs, peakMB, code } = summarise(all);
    console.log(`| ${tool} | ${ms.toFixed(0)} | ${leastMs.toFixed(0)} | ${(ms / base).toFixed(1)} | ${(megabytes / (ms / 1000)).toFixed(0)} | ${peakMB.toFixed(0)} | ${(peakMB - megabytes).toFixed(0)} | ${code ?? 'killed'} |`);
  }
  console.log();
}

function available({ command, parameters }: Contender): boolean {
  const script = parameters('x')[0]!;
  if (script.endsWith('.js') && !existsSync(script)) return false;
  if (command === process.execPath) return true;
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    console.error(`Left out: ${command} is not installed`);
    return false;
  }
}
