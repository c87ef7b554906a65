// Runs inside a thread with a memory limit: tries inputs one by one and says which it is at, so that the other side sees a hang.
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Work } from './campaign.ts';
import { brokenPromises } from './promises.ts';
import { inputOf, loadSeeds } from './seeds.ts';

/** Bytes outside the heap that one input may take: what its copies need, and ample room. */
const MOST_GROWTH = 256 << 20;

const { seed, first, count, choice, position } = workerData as Work;
const seeds = await loadSeeds(choice);
let slowest = { milliseconds: 0, index: first };
for (let index = first; index < first + count && Atomics.load(position, 1) === 0; index++) {
  const bytes = inputOf(seeds, seed, index);
  const before = process.memoryUsage().arrayBuffers;
  Atomics.store(position, 0, index);
  const started = performance.now();
  const broken = [...(await brokenPromises(bytes))];
  const milliseconds = performance.now() - started;
  if (milliseconds > slowest.milliseconds) slowest = { milliseconds, index };
  const growth = process.memoryUsage().arrayBuffers - before;
  if (growth > MOST_GROWTH) broken.push(`Memory: ${growth} bytes of buffers for ${bytes.length} bytes of input`);
  if (broken.length > 0) answer({ kind: 'broken', index, broken });
}
answer({ kind: 'done', slowest });

function answer(message: Answer): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows; a thread has one other end
  parentPort?.postMessage(message);
}
