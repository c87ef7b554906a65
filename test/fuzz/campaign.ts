import { Worker } from 'node:worker_threads';
import type { SeedChoice } from './seeds.ts';

/** What the thread is told. */
export interface Work {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  readonly choice: SeedChoice;
  /** The index it is at, and whether it shall stop; shared. */
  readonly position: Int32Array<SharedArrayBuffer>;
}

/** What the thread says. */
export type Answer =
  | { readonly kind: 'broken'; readonly index: number; readonly broken: readonly string[] }
  | { readonly kind: 'done'; readonly slowest: Slowest };

export interface Slowest { readonly milliseconds: number; readonly index: number }

/** A run of inputs. */
export interface Campaign {
  readonly seed: number;
  readonly choice: SeedChoice;
  /** Index of the first input; default 0. */
  readonly first?: number;
  /** Inputs at most. */
  readonly inputs: number;
  /** Milliseconds at most; default: until all inputs are done. */
  readonly milliseconds?: number;
}

/** How a run ended. */
export interface Outcome {
  readonly inputs: number;
  readonly slowest: Slowest;
  /** Bytes of this process at its largest. */
  readonly peakMemory: number;
  /** The first input that broke a promise, hung, or ended its thread. */
  readonly failure: { readonly index: number; readonly broken: readonly string[] } | null;
}

/** Longer than this for one input is a hang: milliseconds. */
const HANG_MS = 5_000;
const TURN_MS = 100;
/** Small enough that a count believed without a look at the bytes left ends the thread. */
const HEAP_MB = 256;

/** Tries inputs in a thread of their own, watched from here, up to the first failure. */
export async function runCampaign({ seed, choice, first = 0, inputs, milliseconds = Infinity }: Campaign): Promise<Outcome> {
  const position = new Int32Array(new SharedArrayBuffer(8));
  Atomics.store(position, 0, -1);
  const work: Work = { seed, first, count: inputs, choice, position };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: work, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
  const watch = watchOver(position, milliseconds);
  try {
    const end = await Promise.race([watch.hang, answerOf(worker, position)]);
    const at = Math.max(first, Atomics.load(position, 0));
    const failure = end.kind === 'broken' ? { index: end.index, broken: end.broken } : null;
    return { inputs: at - first + 1, slowest: end.kind === 'done' ? end.slowest : { milliseconds: 0, index: at }, peakMemory: watch.peakMemory(), failure };
  } finally {
    watch.stop();
    await worker.terminate();
  }
}

function answerOf(worker: Worker, position: Int32Array): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = (message: string): void => resolve({ kind: 'broken', index: Atomics.load(position, 0), broken: [message] });
    worker.on('message', resolve);
    worker.on('error', (error) => broken(`The thread ended: ${error.stack}`));
    worker.on('exit', (code) => broken(`The thread ended with code ${code}`));
  });
}

/** Looks at the thread's position again and again; asks it to stop when the time is over. */
function watchOver(position: Int32Array, milliseconds: number): { readonly hang: Promise<Answer>; readonly peakMemory: () => number; readonly stop: () => void } {
  let peak = 0;
  let last = { index: -1, since: performance.now() };
  const end = performance.now() + milliseconds;
  let timer: NodeJS.Timeout;
  const hang = new Promise<Answer>((resolve) => {
    timer = setInterval(() => {
      const now = performance.now();
      const index = Atomics.load(position, 0);
      peak = Math.max(peak, process.memoryUsage.rss());
      if (index !== last.index) last = { index, since: now };
      if (now > end) Atomics.store(position, 1, 1);
      // Before the first input seeds are read, which may include converting the suites.
      if (index >= 0 && now - last.since > HANG_MS) resolve({ kind: 'broken', index, broken: [`Hang: over ${HANG_MS} ms`] });
    }, TURN_MS);
  });
  return { hang, peakMemory: () => peak, stop: () => clearInterval(timer) };
}
