// In one process: what a call graph costs on top of the decode it stands on.
// npm run bench:graph -- [--only TEXT] [--runs N]   Needs: npm ci --prefix test/corpus.
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildCallGraph } from '../scanner/facts/call-graph/build.ts';
import { decode } from '../scanner/wasm/decode.ts';
import type { Module } from '../scanner/wasm/module.ts';
import { BENCH_FILES } from './files.ts';
import { median } from './measure.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '9' }, only: { type: 'string', default: '' } } });

console.log(`# Call graph on top of a full decode, first run and median of ${values.runs}, ms\n`);
console.log('| file | functions | calls | indirect calls | decode, first | graph, first | decode, warm | graph, warm | added |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|');
for (const { name, path } of BENCH_FILES.filter((file) => existsSync(file.path) && file.name.includes(values.only))) measureFile(name, readFileSync(path));

function measureFile(name: string, bytes: Uint8Array): void {
  const decodes: number[] = [];
  const graphs: number[] = [];
  let module: Module | null = null;
  for (let run = 0; run <= Number(values.runs); run++) {
    const started = performance.now();
    const decoded = decode(bytes);
    const between = performance.now();
    if (decoded.kind !== 'module') return;
    buildCallGraph(decoded);
    decodes.push(between - started);
    graphs.push(performance.now() - between);
    module = decoded;
  }
  const [decodeWarm, graphWarm] = [median(decodes.slice(1)), median(graphs.slice(1))];
  const counts = [module!.functionTypes.length, (module!.code?.callEdges.length ?? 0) / 2, (module!.code?.indirectCalls.length ?? 0) / 3];
  console.log(`| ${[name, ...counts, ...[decodes[0]!, graphs[0]!, decodeWarm, graphWarm].map((value) => value.toFixed(1)), `${((100 * graphWarm) / decodeWarm).toFixed(0)} %`].join(' | ')} |`);
}
