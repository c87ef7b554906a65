// Runs inside a worker with a memory limit: scans mutated bytes until told to stop, and reports what it was doing.
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { chanceFrom, mutate } from './mutate.ts';
import { scanBytes } from './scan-bytes.ts';

interface Work { readonly seeds: readonly string[]; readonly seed: number; readonly inputs: number }

const { seeds, seed, inputs } = workerData as Work;
const corpus = seeds.map((file) => new Uint8Array(readFileSync(file)));
const chance = chanceFrom(seed);
let slowest = 0;
for (let index = 0; index < inputs; index++) {
  const bytes = mutate(corpus[chance() % corpus.length]!, chance, corpus[chance() % corpus.length]!);
  parentPort!.postMessage({ kind: 'start', bytes });
  const started = performance.now();
  await scanBytes(bytes);
  slowest = Math.max(slowest, performance.now() - started);
}
parentPort!.postMessage({ kind: 'done', slowest });
