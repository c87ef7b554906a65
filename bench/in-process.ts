// In one process, warm: own decoder against the JavaScript engine and npm wabt, on the same bytes.
// npm run bench [-- --only TEXT] [-- --runs N]   Needs: npm ci --prefix test/corpus.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { decode } from '../scanner/wasm/decode.ts';
import { BENCH_FILES } from './files.ts';
import { median } from './measure.ts';

interface WabtModule { readWasm(bytes: Uint8Array, features: object): { destroy(): void } }

const { values } = parseArgs({ options: { runs: { type: 'string', default: '9' }, only: { type: 'string', default: '' } } });
const wabt = await (createRequire(import.meta.url)('wabt') as () => Promise<WabtModule>)();

console.log(`# In one process, median of ${values.runs} after one warm-up, ms; MB/s of the code section in brackets\n`);
console.log('| file | code MB | decode imports | decode full, first | decode full, warm | engine validate | engine new Module, first | npm wabt readWasm | full against validate |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|');
for (const file of BENCH_FILES.filter(({ path, name }) => existsSync(path) && name.includes(values.only))) measureFile(file.name, file.path);

function measureFile(name: string, path: string): void {
  const bytes = readFileSync(path);
  const code = codeBytes(bytes) / 1e6;
  const first = time(() => decode(bytes));
  const engineFirst = code > 0 ? timeOrNull(() => new WebAssembly.Module(bytes)) : null;
  const imports = repeat(() => decode(bytes, { depth: 'imports' }));
  const full = repeat(() => decode(bytes));
  const validate = code > 0 ? repeat(() => WebAssembly.validate(bytes)) : null;
  const readWasm = bytes.length < 16e6 ? timeOrNull(() => wabt.readWasm(bytes, { exceptions: true, simd: true, threads: true, bulk_memory: true, reference_types: true }).destroy()) : null;
  const cells = [name, code.toFixed(1), ms(imports), ms(first), `${ms(full)} (${code > 0 ? (code / (full / 1000)).toFixed(0) : '-'})`, ms(validate), ms(engineFirst), ms(readWasm), validate ? `${(full / validate).toFixed(2)}x` : '-'];
  console.log(`| ${cells.join(' | ')} |`);
}

function codeBytes(bytes: Uint8Array): number {
  const decoded = decode(bytes, { depth: 'imports' });
  return decoded.kind === 'module' ? (decoded.sections.find(({ name }) => name === 'code')?.length ?? 0) : 0;
}

function repeat(work: () => unknown): number {
  work();
  return median(Array.from({ length: Number(values.runs) }, () => time(work)));
}

function time(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

function timeOrNull(work: () => unknown): number | null {
  try {
    return time(work);
  } catch {
    return null;
  }
}

function ms(value: number | null): string {
  return value === null ? '-' : value < 10 ? value.toFixed(2) : value.toFixed(0);
}
